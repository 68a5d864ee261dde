package carrier

import (
	"bytes"

	"inviter/invitation"
)

// maxBoundary is generous: RFC 2046 allows 70 characters.
const maxBoundary = 200

// multipart walks the parts of a multipart body. The depth is asked before
// anything is cut, so a mail of ten thousand nested parts costs no more than
// twenty looks through it.
func (o *opener) multipart(path string, k kind, raw []byte, at place) {
	if at.depth >= o.limits.Depth {
		o.bound(path, invitation.TooDeep)
		return
	}
	delimiter := k.delimiter(raw)
	if delimiter == nil && k.encoding != "" { // against RFC 2045 6.4, but it is done
		raw = transfer(k.encoding, raw, o.limits.Mail)
		k.encoding, delimiter = "", k.delimiter(raw)
	}
	if delimiter == nil { // no boundary anywhere: what there is, is looked at
		o.leaf(numbered(path, 1), kind{typ: "text/plain"}, raw, at.deeper())
		return
	}
	_, from, end := cut(raw, delimiter)
	for n := 1; !end && !o.full; n++ {
		if o.parts == o.limits.Parts {
			o.tooMany(path)
			return
		}
		o.parts++
		var part []byte
		part, from, end = cut(from, delimiter)
		f, body := split(part)
		if !o.spend(path, f) {
			return
		}
		o.entity(numbered(path, n), f.kind(), body, at.deeper())
	}
}

// delimiter is "--" and the boundary. Where the header names none, or one that
// isn't there, the first line that begins with "--" must be it.
func (k kind) delimiter(raw []byte) []byte {
	if b := k.params["boundary"]; b != "" && len(b) <= maxBoundary {
		d := []byte("--" + b)
		if i, _ := find(raw, d); i >= 0 {
			return d
		}
	}
	for at := 0; at < min(len(raw), maxLook); {
		line, next := lineAt(raw, at)
		line = bytes.TrimRight(line, " \t\r")
		if len(line) > 2 && len(line) <= maxBoundary && bytes.HasPrefix(line, []byte("--")) {
			return line
		}
		at = next
	}
	return nil
}

// cut takes what stands before the next delimiter line. A body without its
// closing delimiter ends where the data ends.
func cut(b, delimiter []byte) (part, rest []byte, end bool) {
	i, next := find(b, delimiter)
	if i < 0 {
		return b, nil, true
	}
	closing := bytes.HasPrefix(b[i+len(delimiter):], []byte("--"))
	return dropBreak(b[:i]), b[next:], closing
}

// find looks for a line that is the delimiter, with "--" behind it or not. It
// returns where that line begins and where the next one does. Only what begins
// a line is read further, so that a long line of delimiters costs one look.
func find(b, delimiter []byte) (at, next int) {
	for from := 0; ; {
		i := bytes.Index(b[from:], delimiter)
		if i < 0 {
			return -1, 0
		}
		i += from
		from = i + 1
		if i > 0 && b[i-1] != '\n' {
			continue
		}
		line, next := lineAt(b, i)
		if behind := bytes.TrimRight(line[len(delimiter):], " \t\r"); len(behind) == 0 || string(behind) == "--" {
			return i, next
		}
	}
}

// dropBreak removes the line break before a delimiter, which belongs to it.
func dropBreak(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}
