package invitation

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// encoding is how a file's bytes spell its text. It is read from the bytes
// alone: declarations are wrong too often ("Unicode" over 8-bit text).
type encoding int

const (
	eightBit encoding = iota // UTF-8, with or without its mark
	utf16LE
	utf16BE
	windows1252
)

// text is a file as UTF-8, and how to find a place of it in the file again.
type text struct {
	utf8     []byte
	encoding encoding
	mark     int // bytes of the byte order mark before it
}

// decode makes UTF-8 of a file by the rule of INVITATIONS.md 1.2. It doesn't
// copy where the file is UTF-8 already. An odd byte at the end of UTF-16 is
// dropped, and what is no character becomes U+FFFD.
func decode(file []byte) text {
	switch {
	case bytes.HasPrefix(file, []byte{0xEF, 0xBB, 0xBF}):
		return from8Bit(file[3:], 3)
	case bytes.HasPrefix(file, []byte{0xFF, 0xFE}):
		return from16Bit(file[2:], utf16LE, 2)
	case bytes.HasPrefix(file, []byte{0xFE, 0xFF}):
		return from16Bit(file[2:], utf16BE, 2)
	case len(file) > 1 && file[1] == 0 && opens(file[0]):
		return from16Bit(file, utf16LE, 0)
	case len(file) > 1 && file[0] == 0 && opens(file[1]):
		return from16Bit(file, utf16BE, 0)
	}
	return from8Bit(file, 0)
}

// opens tells what an XML text may begin with.
func opens(c byte) bool { return c == '<' || blank(c) }

func from8Bit(b []byte, mark int) text {
	if utf8.Valid(b) {
		return text{utf8: b, encoding: eightBit, mark: mark}
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil { // never: every byte has a character or U+FFFD
		out = bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	return text{utf8: out, encoding: windows1252, mark: mark}
}

func from16Bit(b []byte, e encoding, mark int) text {
	var order binary.ByteOrder = binary.LittleEndian
	if e == utf16BE {
		order = binary.BigEndian
	}
	out := make([]byte, 0, len(b)/2+16)
	for ; len(b) > 1; b = b[2:] {
		r := rune(order.Uint16(b))
		if utf16.IsSurrogate(r) {
			next := utf8.RuneError
			if len(b) > 3 {
				next = rune(order.Uint16(b[2:]))
			}
			if r = utf16.DecodeRune(r, next); r != utf8.RuneError {
				b = b[2:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return text{utf8: out, encoding: e, mark: mark}
}

// offset is where in the file the character at utf8[at] begins.
func (t text) offset(at int) int {
	switch t.encoding {
	case windows1252:
		return t.mark + utf8.RuneCount(t.utf8[:at])
	case utf16LE, utf16BE:
		n := t.mark
		for _, r := range string(t.utf8[:at]) {
			n += 2 * utf16.RuneLen(r)
		}
		return n
	}
	return t.mark + at
}

// cut is a copy of the file up to where utf8[end] begins. No XML reader takes
// blanks before the declaration, so those are left out.
func (t text) cut(file []byte, end int) []byte {
	file = file[:min(len(file), t.offset(end))]
	rest := bytes.TrimLeft(t.utf8, " \t\r\n")
	if !bytes.HasPrefix(rest, []byte("<?xml")) {
		return bytes.Clone(file)
	}
	return slices.Concat(file[:t.mark], file[t.offset(len(t.utf8)-len(rest)):])
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
