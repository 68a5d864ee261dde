package invitation

import "bytes"

// unwrapped is the text as it may have been before a relay or mail program
// wrapped it, wherever that was, in the middle of a name or number: the line
// breaks taken out, alone or with one blank that followed each. It is empty
// where wrapping can't be why the text was refused.
func (t text) unwrapped(r *Refusal) []text {
	switch r.Code {
	case Damaged, Contradictory, BadTime, BadAddress, NoTicket, NoLifetime:
	case NotAnInvitation:
		if !bytes.Contains(t.utf8[:min(len(t.utf8), 200)], []byte("<U")) {
			return nil
		}
	case ForbiddenXML: // "<" and a relay's "!" before its break
		if !bytes.Contains(t.utf8, []byte("<!\r")) && !bytes.Contains(t.utf8, []byte("<!\n")) {
			return nil
		}
	default:
		return nil
	}
	if bytes.IndexByte(t.utf8, '\n') < 0 {
		return nil
	}
	return []text{t.join(""), t.join(" \t")}
}

// join takes the line breaks out, with one blank of those given behind each.
func (t text) join(blanks string) text {
	out := make([]byte, 0, len(t.utf8))
	for rest := t.utf8; len(rest) > 0; {
		line, after, more := bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if more {
			line = bytes.TrimSuffix(line, []byte("!")) // some relays mark their breaks with it
		}
		if out = append(out, line...); len(after) > 0 && bytes.IndexByte([]byte(blanks), after[0]) >= 0 {
			after = after[1:]
		}
		rest = after
	}
	return text{utf8: out}
}

// mend writes the root element anew, the tickets in one piece. Without an XML
// declaration it is UTF-8 by the standard, as it is here.
func (d *document) mend(t text) []byte {
	root := bytes.TrimRight(t.utf8[d.start:d.end], " \t\r\n\x00\x1a")
	for _, ticket := range [][]byte{d.rcTicket, d.lhTicket} {
		if broken(ticket) {
			root = bytes.Replace(root, ticket, escape(solid(ticket)), 1)
		}
	}
	return bytes.Clone(root)
}

func escape(v []byte) []byte {
	for _, c := range [...][2]string{{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {`"`, "&quot;"}, {"'", "&apos;"}} {
		v = bytes.ReplaceAll(v, []byte(c[0]), []byte(c[1]))
	}
	return v
}
