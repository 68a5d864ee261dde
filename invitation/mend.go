package invitation

import (
	"bytes"
	"slices"
	"strings"
)

// unwrapped is the file as it may have been before a relay or mail program
// wrapped it, wherever that was, in the middle of a name, number or character:
// the line breaks taken out, alone or with one blank that followed each,
// whichever is like most of them first. It is empty where wrapping can't be why
// the file was refused.
func (t text) unwrapped(file []byte, r *Refusal) []text {
	if !t.mayBeWrapped(r) {
		return nil
	}
	raw := file
	if t.encoding == utf16LE || t.encoding == utf16BE {
		raw = t.utf8
	}
	w := wrappingOf(raw)
	var all []text
	for _, blanks := range [...]string{"", " \t"} {
		w.blanks = blanks
		if whole := w.join(raw); t.encoding == utf16LE || t.encoding == utf16BE {
			all = append(all, text{utf8: whole})
		} else {
			all = append(all, decode(whole))
		}
	}
	if w.indented {
		slices.Reverse(all)
	}
	return all
}

// mayBeWrapped tells whether wrapping may be all that is wrong. r is nil where
// the file could be read, although something in it is broken.
func (t text) mayBeWrapped(r *Refusal) bool {
	if bytes.IndexByte(t.utf8, '\n') < 0 {
		return false
	}
	if r == nil {
		return true
	}
	switch r.Code {
	case Damaged, Contradictory, BadTime, BadAddress, NoTicket, NoLifetime:
		return true
	case NotAnInvitation:
		return bytes.Contains(t.utf8[:min(len(t.utf8), 200)], []byte("<U"))
	case ForbiddenXML: // "<" and a relay's "!" before its break
		return bytes.Contains(t.utf8, []byte("<!\r")) || bytes.Contains(t.utf8, []byte("<!\n"))
	}
	return false
}

// wrapping is how a text was broken.
type wrapping struct {
	marked   bool   // with "!" before the breaks, as some relays do
	indented bool   // with a blank behind most of them
	blanks   string // that are taken out behind them, one for each
}

// wrappingOf looks for what the breaks have in common: a "!" before one of
// many, and no blank behind it, is part of what was broken.
func wrappingOf(raw []byte) wrapping {
	count := func(ends ...string) (n int) {
		for _, e := range ends {
			n += bytes.Count(raw, []byte(e))
		}
		return n
	}
	breaks, marks := count("\n"), count("!\n", "!\r\n")
	return wrapping{
		marked:   marks > 1 || marks == breaks || count("!\n ", "!\r\n ") > 0,
		indented: 2*count("\n ", "\n\t") > breaks,
	}
}

// join takes the line breaks out. One that is all that parts two attributes
// was there before; a blank takes its place.
func (w wrapping) join(raw []byte) []byte {
	out := make([]byte, 0, len(raw)+8)
	quotes := 0
	for rest := raw; len(rest) > 0; {
		line, after, more := bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if more && w.marked {
			line = bytes.TrimSuffix(line, []byte("!"))
		}
		out = append(out, line...)
		quotes += bytes.Count(line, []byte(`"`))
		if len(after) > 0 && strings.IndexByte(w.blanks, after[0]) >= 0 {
			after = after[1:]
		}
		if quotes%2 == 0 && bytes.HasSuffix(out, []byte(`"`)) && len(after) > 0 && nameByte(after[0]) {
			out = append(out, ' ')
		}
		rest = after
	}
	return out
}

// torn tells whether a value was broken: it has a line break, or any white space
// if it is a ticket. A user's name may have one, if only by a careless tool.
func torn(a attribute) bool {
	switch string(a.name) {
	case "USERNAME":
		return false
	case "RCTICKET", "LHTICKET":
		return broken(a.value)
	}
	return bytes.IndexByte(a.value, '\n') >= 0
}

// mend writes the root element anew, what was broken in one piece. Without an
// XML declaration it is UTF-8 by the standard, as it is here.
func (d *document) mend(t text) []byte {
	var root []byte
	at := d.start
	for _, a := range d.broken {
		root = append(root, t.utf8[at:a.at]...)
		root = append(root, escape(solid(a.value))...)
		at = a.at + len(a.value)
	}
	root = append(root, t.utf8[at:d.end]...)
	return bytes.TrimRight(root, " \t\r\n\x00\x1a")
}

func escape(v []byte) []byte {
	for _, c := range [...][2]string{{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {`"`, "&quot;"}, {"'", "&apos;"}} {
		v = bytes.ReplaceAll(v, []byte(c[0]), []byte(c[1]))
	}
	return v
}
