package carrier

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"slices"
	"strings"

	"inviter/invitation"
)

// Bounds of archives. An entry that is larger is looked into no further; one
// that is both larger and packed improbably well is a bomb.
const (
	maxArchives = 2       // archives within archives
	maxEntries  = 20      // of one archive
	maxUnpacked = 1 << 20 // bytes of one entry
	maxAll      = maxEntries * maxUnpacked
	bombRatio   = 250 // Deflate's own limit is about 1,030
)

// magic names the container that the first bytes announce, "" for none.
func magic(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("PK\x03\x04")), bytes.HasPrefix(b, []byte("PK\x05\x06")):
		return "zip"
	case bytes.HasPrefix(b, []byte{0x1F, 0x8B, 8}):
		return "gzip"
	case bytes.HasPrefix(b, tnefSignature):
		return "tnef"
	}
	return ""
}

// archive opens what magic named. It is false where b only looked like it.
func (o *opener) archive(path string, k kind, b []byte, at place) {
	kind := magic(b)
	if kind != "tnef" {
		if at.archives++; at.archives > maxArchives {
			o.bound(path, invitation.TooDeep)
			return
		}
	}
	if at.depth++; at.depth > o.limits.Depth {
		o.bound(path, invitation.TooDeep)
		return
	}
	switch kind {
	case "zip":
		o.zip(path, k.name, b, at)
	case "gzip":
		o.gzip(path, k.name, b, at)
	case "tnef":
		o.tnef(path, b, at)
	}
}

func (o *opener) zip(path, name string, b []byte, at place) {
	if document(name) {
		return
	}
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		o.refuseUnseen(path, &invitation.Refusal{Code: invitation.Damaged, Detail: "The archive is damaged or was cut off."}, named(path))
		return
	}
	files := slices.DeleteFunc(r.File, func(f *zip.File) bool { return f.FileInfo().IsDir() })
	if len(files) > 0 && officeEntry(files[0].Name) {
		return
	}
	slices.SortStableFunc(files, func(a, b *zip.File) int { return promise(b.Name) - promise(a.Name) })
	if len(files) > maxEntries {
		defer o.bound(path, invitation.TooMany) // the likely ones come first
		files = files[:maxEntries]
	}
	encrypted, likely := false, named(path)
	for _, f := range files {
		if f.Flags&1 != 0 {
			encrypted, likely = true, likely || named(f.Name)
			continue
		}
		o.zipEntry(path, f, at)
	}
	if encrypted {
		o.refuseUnseen(path, &invitation.Refusal{Code: invitation.EncryptedArchive, Detail: "The archive is protected with a password and can't be opened."}, likely)
	}
}

func (o *opener) zipEntry(path string, f *zip.File, at place) {
	k := kind{typ: "application/octet-stream", name: baseName(f.Name)}
	path = join(path, k.name)
	r, err := f.Open()
	if err != nil {
		o.broken(path, k)
		return
	}
	defer r.Close()
	o.unpack(path, k, packed{r, f.CompressedSize64, f.UncompressedSize64}, at)
}

func (o *opener) gzip(path, name string, b []byte, at place) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	k := kind{typ: "application/octet-stream"}
	if err != nil {
		o.broken(path, k)
		return
	}
	defer r.Close()
	if k.name = baseName(r.Name); k.name == "" && extension(name) == "gz" {
		k.name = name[:len(name)-len(".gz")]
	}
	size := binary.LittleEndian.Uint32(b[len(b)-4:]) // RFC 1952 2.3.1, modulo 2^32
	o.unpack(join(path, k.name), k, packed{r, uint64(len(b)), uint64(size)}, at)
}

// packed is something that is being unpacked: its size, and the size it claims
// to have unpacked. One that claims too little is read no further than allowed.
type packed struct {
	io.Reader
	size, claimed uint64
}

func (p packed) bomb() bool { return p.claimed > p.size*bombRatio }

// unpack reads one packed entry, as far as is allowed, and what is in it.
func (o *opener) unpack(path string, k kind, r packed, at place) {
	if o.unpacked >= maxAll {
		o.bound(path, invitation.TooLarge)
		return
	}
	b, err := io.ReadAll(io.LimitReader(r, maxUnpacked+1))
	o.unpacked += len(b)
	if len(b) > maxUnpacked {
		o.oversize(path, k, b, r.bomb())
		return
	}
	if err != nil && !looksXML(b) { // a piece of an invitation is judged as one
		o.broken(path, k)
		return
	}
	o.blob(path, k, b, at)
}

// oversize judges an entry that is larger than allowed by its beginning. Most
// are pictures and logs, of no concern to us.
func (o *opener) oversize(path string, k kind, b []byte, bomb bool) {
	head := b[:4096]
	if named(k.name) || shaped(head) || magic(head) != "" || bomb {
		o.bound(path, invitation.TooLarge)
		return
	}
	o.ignore()
}

// broken notes an entry that can't be unpacked.
func (o *opener) broken(path string, k kind) {
	if !named(k.name) && !named(path) {
		o.ignore()
		return
	}
	o.refuse(path, &invitation.Refusal{Code: invitation.Damaged, Detail: "The archive is damaged or was cut off."})
}

// promise orders entries: invitations by name, then what may hold some.
func promise(name string) int {
	switch {
	case named(name):
		return 2
	case opens("", name), extension(name) == "xml", extension(name) == "txt", extension(name) == "":
		return 1
	}
	return 0
}

// document tells by name the many formats that are zips inside.
func document(name string) bool {
	switch extension(name) {
	case "docx", "docm", "dotx", "xlsx", "xlsm", "xltx", "pptx", "pptm", "ppsx", "odt", "ods", "odp", "odg", "epub", "jar", "apk",
		"vsdx", "xps", "oxps", "kmz", "3mf", "whl", "nupkg", "vsix", "appx", "msix", "pages", "numbers", "key":
		return true
	}
	return false
}

func officeEntry(name string) bool {
	return name == "[Content_Types].xml" || name == "mimetype" || strings.HasPrefix(name, "META-INF/")
}
