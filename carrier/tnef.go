package carrier

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

// tnefSignature begins a winmail.dat ([MS-OXTNEF] 2.1.3.1).
var tnefSignature = []byte{0x78, 0x9F, 0x3E, 0x22}

// The few attributes of [MS-OXTNEF] that an attachment is made of, and the
// MAPI properties inside the last of them.
const (
	attachBegins     = 0x9002 // attAttachRendData: another attachment
	attachTitle      = 0x8010
	attachData       = 0x800F
	attachProperties = 0x9005

	propertyName     = 0x3704 // PidTagAttachFilename, 8.3
	propertyLongName = 0x3707 // PidTagAttachLongFilename
	propertyData     = 0x3701 // PidTagAttachDataBinary, or …Object: a mail in the mail
)

// tnefFile is one attachment of a winmail.dat.
type tnefFile struct {
	title, longName string
	data, object    []byte
}

func (f tnefFile) name() string {
	if f.longName != "" {
		return baseName(f.longName)
	}
	return baseName(f.title)
}

// tnef opens a winmail.dat. Where it is damaged, what came before counts.
func (o *opener) tnef(path string, b []byte, at place) {
	for _, f := range tnefFiles(b, o.limits.Parts) {
		if o.parts++; o.full || o.parts > o.limits.Parts {
			o.tooMany(path)
			return
		}
		k := kind{typ: "application/octet-stream", name: f.name()}
		if i := bytes.Index(f.object[:min(len(f.object), 64)], tnefSignature); f.data == nil && i >= 0 {
			f.data = f.object[i:]
		}
		o.blob(join(path, k.name), k, f.data, at)
	}
}

// tnefFiles lists at most so many attachments. Each attribute is a level, an
// id, a length, the value and a checksum, which mail programs get wrong and
// which is not looked at.
func tnefFiles(b []byte, most int) []tnefFile {
	var list []tnefFile
	for b = b[min(6, len(b)):]; len(b) >= 9; {
		id, size := binary.LittleEndian.Uint16(b[1:]), uint64(binary.LittleEndian.Uint32(b[5:]))
		b = b[9:]
		value := b[:min(size, uint64(len(b)))]
		b = b[min(size+2, uint64(len(b))):]
		if id == attachBegins {
			if len(list) > most {
				break
			}
			list = append(list, tnefFile{})
		}
		if len(list) == 0 {
			continue
		}
		f := &list[len(list)-1]
		switch id {
		case attachTitle:
			f.title = narrow(value)
		case attachData:
			f.data = value
		case attachProperties:
			f.properties(value)
		}
	}
	return list
}

// properties reads the MAPI properties of one attachment ([MS-OXTNEF] 2.1.3.4).
func (f *tnefFile) properties(b []byte) {
	r := propertyReader{b: b}
	for n := r.uint32(); n > 0 && !r.failed; n-- {
		id, value := r.property()
		switch {
		case id == propertyLongName:
			f.longName = r.text(value)
		case id == propertyName && f.title == "":
			f.title = r.text(value)
		case id == propertyData && r.typ == 0x0D:
			f.object = value
		case id == propertyData && f.data == nil:
			f.data = value
		}
	}
}

// propertyReader takes MAPI properties one after the other. Once something
// doesn't fit it stays failed.
type propertyReader struct {
	b      []byte
	typ    uint16 // of the last property, without the bit for several values
	failed bool
}

func (r *propertyReader) take(n uint64) []byte {
	if r.failed || n > uint64(len(r.b)) {
		r.failed = true
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *propertyReader) uint32() uint32 {
	if v := r.take(4); v != nil {
		return binary.LittleEndian.Uint32(v)
	}
	return 0
}

// padded takes a value that is filled up to four bytes.
func (r *propertyReader) padded(n uint32) []byte {
	v := r.take(uint64(n))
	r.take(min(uint64(-n&3), uint64(len(r.b))))
	return v
}

// property takes one property: its id and first value.
func (r *propertyReader) property() (id uint16, value []byte) {
	tag := r.uint32()
	id, r.typ = uint16(tag>>16), uint16(tag)&0x0FFF
	if id >= 0x8000 { // named: a GUID, a kind, and a number or a name
		r.take(16)
		if r.uint32() == 0 {
			r.uint32()
		} else {
			r.padded(r.uint32())
		}
	}
	count, several := uint32(1), uint16(tag)&0x1000 != 0
	variable := r.typ == 0x1E || r.typ == 0x1F || r.typ == 0x102 || r.typ == 0x0D
	if several || variable {
		count = r.uint32()
	}
	for i := uint32(0); i < count && !r.failed; i++ {
		var v []byte
		if variable {
			v = r.padded(r.uint32())
		} else {
			v = r.padded(fixed(r.typ))
		}
		if i == 0 {
			value = v
		}
	}
	return id, value
}

// fixed is the size of a property type that has one. An unknown one fails the
// reader by asking for more than there is.
func fixed(typ uint16) uint32 {
	switch typ {
	case 0x02, 0x0B:
		return 2
	case 0x03, 0x04, 0x0A:
		return 4
	case 0x05, 0x06, 0x07, 0x14, 0x40:
		return 8
	case 0x48:
		return 16
	}
	return 1 << 31
}

// text reads a string property, in 8 or 16 bits.
func (r *propertyReader) text(v []byte) string {
	if r.typ != 0x1F {
		return narrow(v)
	}
	units := make([]uint16, 0, len(v)/2)
	for ; len(v) > 1; v = v[2:] {
		if u := binary.LittleEndian.Uint16(v); u != 0 {
			units = append(units, u)
		}
	}
	return string(utf16.Decode(units))
}

func narrow(v []byte) string { return toUTF8("", bytes.TrimRight(v[:min(len(v), 1024)], "\x00")) }
