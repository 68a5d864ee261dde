package invitation

import "bytes"

// Bounds of the XML inside an invitation. Real files have depth 4 and 9 attributes.
const (
	maxDepth      = 16
	maxAttributes = 64
)

// scanner reads the few parts of XML that invitations are made of. It is laxer
// than the standard where senders err (a bare "&", blanks, encodings) and
// stricter than encoding/xml where two readings would be possible: DOCTYPE,
// repeated attributes, tags that don't match.
type scanner struct {
	text       []byte
	at         int
	depth      int // elements open, the current one included
	open       [maxDepth][]byte
	began      int    // where the current element's start tag begins
	name       []byte // of the current element
	attributes []attribute
	closed     bool // the current element closed itself
}

// attribute is one as written: the value's entities are not yet replaced.
type attribute struct {
	name, value []byte
	at          int // where in the text the value begins
}

var (
	errOther     = &Refusal{NotAnInvitation, "This is not a Remote Assistance invitation."}
	errCut       = &Refusal{Damaged, "The file is damaged or was cut off."}
	errForbidden = &Refusal{ForbiddenXML, "The file contains forbidden XML instructions."}
	errDeep      = &Refusal{TooDeep, "The XML in the file is nested too deep."}
	errMany      = &Refusal{TooMany, "The file has too many XML attributes."}
	errTwice     = &Refusal{Contradictory, "Contradictory contents: an attribute is given twice."}
)

// next moves to the next start tag. It is false behind the root's end.
func (s *scanner) next() (bool, *Refusal) {
	if s.closed {
		s.closed = false
		s.depth--
	}
	for s.depth > 0 || s.name == nil {
		i := bytes.IndexByte(s.text[s.at:], '<')
		if i < 0 {
			return false, errCut
		}
		if s.depth == 0 && len(bytes.TrimLeft(s.text[s.at:s.at+i], " \t\r\n")) > 0 {
			return false, errOther
		}
		s.at += i
		rest := s.text[s.at:]
		switch {
		case len(rest) < 2:
			return false, errCut
		case rest[1] == '/':
			if !s.endTag() {
				return false, errCut
			}
		case rest[1] == '?' || rest[1] == '!':
			if r := s.skip(); r != nil {
				return false, r
			}
		default:
			return true, s.startTag()
		}
	}
	return false, nil
}

// skip passes a comment, CDATA or processing instruction. Everything else that
// begins with "<!" declares something, and declarations have attacked msra.exe
// (CVE-2018-0878).
func (s *scanner) skip() *Refusal {
	rest := s.text[s.at:]
	for _, k := range [...]struct{ begin, end string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}} {
		if !bytes.HasPrefix(rest, []byte(k.begin)) {
			continue
		}
		n := bytes.Index(rest[len(k.begin):], []byte(k.end))
		if n < 0 {
			return errCut
		}
		s.at += len(k.begin) + n + len(k.end)
		return nil
	}
	return errForbidden
}

func (s *scanner) endTag() bool {
	rest := s.text[s.at+2:]
	n := bytes.IndexByte(rest, '>')
	if n < 0 || s.depth == 0 || !bytes.Equal(bytes.TrimRight(rest[:n], " \t\r\n"), s.open[s.depth-1]) {
		return false
	}
	s.depth--
	s.at += 2 + n + 1
	return true
}

func (s *scanner) startTag() *Refusal {
	if s.depth == maxDepth {
		return errDeep
	}
	s.began = s.at
	s.at++
	s.name = s.word()
	s.open[s.depth] = s.name
	s.depth++
	s.attributes = s.attributes[:0]
	for {
		s.blanks()
		rest := s.text[s.at:]
		switch {
		case len(s.name) == 0 || len(rest) == 0:
			return errCut
		case rest[0] == '>':
			s.at++
			return nil
		case len(rest) > 1 && rest[0] == '/' && rest[1] == '>':
			s.at += 2
			s.closed = true
			return nil
		}
		if r := s.attribute(); r != nil {
			return r
		}
	}
}

func (s *scanner) attribute() *Refusal {
	name := s.word()
	s.blanks()
	if len(name) == 0 || !s.take('=') {
		return errCut
	}
	s.blanks()
	if s.at == len(s.text) || s.text[s.at] != '"' && s.text[s.at] != '\'' {
		return errCut
	}
	rest := s.text[s.at+1:]
	n := bytes.IndexByte(rest, s.text[s.at])
	if n < 0 || bytes.IndexByte(rest[:n], '<') >= 0 {
		return errCut
	}
	begins := s.at + 1
	s.at = begins + n + 1
	for _, a := range s.attributes {
		if bytes.Equal(a.name, name) {
			return errTwice
		}
	}
	if len(s.attributes) == maxAttributes {
		return errMany
	}
	s.attributes = append(s.attributes, attribute{name, rest[:n], begins})
	return nil
}

// word takes a name: letters, digits and what XML allows beside them.
func (s *scanner) word() []byte {
	from := s.at
	for s.at < len(s.text) && nameByte(s.text[s.at]) {
		s.at++
	}
	return s.text[from:s.at]
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '_' || c == '-' || c == '.' || c == ':' || c >= 0x80
}

func (s *scanner) blanks() {
	for s.at < len(s.text) && blank(s.text[s.at]) {
		s.at++
	}
}

func (s *scanner) take(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}
