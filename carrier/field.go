package carrier

import (
	"bytes"
	"strings"
)

// fields is a raw header: lines up to the first blank one.
type fields []byte

// split cuts a part into header and body at the first blank line. What can't
// be a header line (an mbox "From ", a line without a colon) is left in the
// header and later passed over. A part has no header, all of it being body,
// if its first line is no field and none that follow is one of mail's own. A
// blank first line is a header without fields (RFC 2046 section 5.1).
func split(b []byte) (fields, []byte) {
	first, own := true, false
	for at := 0; at < len(b); {
		line, next := lineAt(b, at)
		if len(bytes.TrimRight(line, "\r")) == 0 {
			if !own && !first {
				return nil, b
			}
			return b[:at], b[next:]
		}
		name, _ := cutField(line)
		own = own || first && name != "" || ours(name)
		first = false
		at = next
	}
	if own {
		return b, nil
	}
	return nil, b
}

// ours tells the fields that make a header believable behind a line that isn't one.
func ours(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "from", "to", "subject", "date", "received", "return-path", "message-id", "mime-version":
		return true
	}
	return strings.HasPrefix(name, "content-")
}

// lineAt is the line that begins at at, without its line feed, and where the next begins.
func lineAt(b []byte, at int) (line []byte, next int) {
	n := bytes.IndexByte(b[at:], '\n')
	if n < 0 {
		return b[at:], len(b)
	}
	return b[at : at+n], at + n + 1
}

func blankStart(line []byte) bool { return len(line) > 0 && (line[0] == ' ' || line[0] == '\t') }

// cutField is a field's name and the rest of its line; the name is "" where
// the line is no field.
func cutField(line []byte) (name string, value []byte) {
	n := bytes.IndexByte(line, ':')
	if n <= 0 || n > 80 {
		return "", nil
	}
	for _, c := range line[:n] {
		if c <= ' ' && (c != ' ' || n < 2) || c >= 0x7F {
			return "", nil
		}
	}
	name = string(bytes.TrimRight(line[:n], " "))
	if strings.ContainsRune(name, ' ') {
		return "", nil
	}
	return name, line[n+1:]
}

// each calls use for every field in order, folded lines joined. It stops where
// use says false.
func (f fields) each(use func(name, value string) bool) {
	for at := 0; at < len(f); {
		line, next := lineAt(f, at)
		name, value := cutField(line)
		if name == "" || blankStart(line) {
			at = next
			continue
		}
		whole := bytes.TrimSpace(value)
		whole = whole[:len(whole):len(whole)] // appending copies
		for next < len(f) && blankStart(f[next:]) {
			line, next = lineAt(f, next)
			if len(whole) < maxField {
				whole = append(append(whole, ' '), bytes.TrimSpace(line)...)
			}
		}
		if !use(name, string(whole[:min(len(whole), maxField)])) {
			return
		}
		at = next
	}
}

// kind is what a part says of itself.
type kind struct {
	typ      string // lower case, "text/plain" where none is given
	params   params
	encoding string // lower case
	name     string // decoded base name, "" if none
}

// kind reads the three fields that describe a part; the first of each counts.
func (f fields) kind() kind {
	var typ, encoding, disposition string
	first := func(to *string, v string) {
		if *to == "" {
			*to = v
		}
	}
	f.each(func(name, value string) bool {
		switch {
		case strings.EqualFold(name, "Content-Type"):
			first(&typ, value)
		case strings.EqualFold(name, "Content-Transfer-Encoding"):
			first(&encoding, value)
		case strings.EqualFold(name, "Content-Disposition"):
			first(&disposition, value)
		}
		return true
	})
	k := kind{encoding: token(encoding)}
	k.typ, k.params = readParams(typ)
	if !strings.Contains(k.typ, "/") {
		k.typ = "text/plain"
	}
	_, p := readParams(disposition)
	if k.name = p.text("filename"); k.name == "" {
		k.name = k.params.text("name")
	}
	k.name = baseName(k.name)
	return k
}

// token is the first word of a structured value, in lower case.
func token(v string) string {
	v, _, _ = strings.Cut(v, ";")
	return strings.ToLower(strings.Trim(v, " \t\""))
}
