package carrier

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"strings"
)

// Join makes a mail again of its header and the leaves that were cut out of
// it, as far as they were fetched: read by Mail it holds what Assemble found.
// It is nil where something that is called an invitation wasn't fetched.
func Join(header []byte, leaves []Leaf) []byte {
	for _, l := range leaves {
		if l.Body == nil && named(l.Name) {
			return nil
		}
	}
	boundary := boundaryFor(leaves)
	var b bytes.Buffer
	f, _ := split(append(bytes.TrimRight(header, "\r\n"), "\r\n\r\n"...))
	f.raw(func(name string, lines []byte) {
		if !strings.HasPrefix(strings.ToLower(name), "content-") {
			b.Write(lines)
		}
	})
	fmt.Fprintf(&b, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"%s\"\r\n", boundary)
	for _, l := range leaves {
		if l.Body != nil {
			fmt.Fprintf(&b, "\r\n--%s\r\n%s\r\n", boundary, l.head())
			b.Write(l.Body)
		}
	}
	fmt.Fprintf(&b, "\r\n--%s--\r\n", boundary)
	return b.Bytes()
}

// head is the header of a leaf as a part.
func (l Leaf) head() string {
	typ, p := readParams(l.Type)
	delete(p, "boundary")
	if l.Charset != "" {
		p["charset"] = l.Charset
	}
	if l.Name != "" {
		p["name"] = l.Name
	}
	kind := mime.FormatMediaType(typ, p)
	if kind == "" {
		kind = mime.FormatMediaType("application/octet-stream", map[string]string{"name": l.Name})
	}
	return fmt.Sprintf("Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n", kind, line(l.Encoding))
}

// line is a foreign token that can't break out of its field.
func line(s string) string { return strings.Join(strings.Fields(s), "") }

// boundaryFor is a boundary that no leaf can know.
func boundaryFor(leaves []Leaf) string {
	h := sha256.New()
	for _, l := range leaves {
		h.Write(l.Body)
	}
	return "=_" + hex.EncodeToString(h.Sum(nil)[:16])
}

// raw calls use for every field with its lines as they stand.
func (f fields) raw(use func(name string, lines []byte)) {
	for at := 0; at < len(f); {
		text, next := lineAt(f, at)
		name, _ := cutField(text)
		if name == "" || blankStart(text) {
			at = next
			continue
		}
		for next < len(f) && blankStart(f[next:]) {
			_, next = lineAt(f, next)
		}
		use(name, f[at:next])
		at = next
	}
}
