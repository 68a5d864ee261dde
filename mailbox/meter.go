package mailbox

import (
	"bytes"
	"errors"
)

// errAnswer is a server's answer beyond all measure. The IMAP library keeps
// whatever strings come and follows any nesting, so both are bounded before
// they reach it: a mail can be made whose structure is larger than the mail.
var errAnswer = errors.New("the answer is larger or nested deeper than any mail needs")

// deepest is how far parentheses may be nested. Servers stop at about a
// hundred parts within parts.
const deepest = 600

// meter follows one server's answers (RFC 9051 section 7) just far enough to
// tell where each ends: a line, and the literals that its {N} announce.
type meter struct {
	most int64 // bytes in one answer

	size    int64
	depth   int
	quoted  bool
	escaped bool
	number  int64 // after "{": what it says so far; -1 elsewhere
	closed  bool  // "}" was read: a line end makes number a literal
	literal int64 // bytes still to come
}

func (m *meter) add(b []byte) error {
	for len(b) > 0 {
		if m.literal > 0 {
			n := min(int64(len(b)), m.literal)
			m.literal -= n
			m.size += n
			b = b[n:]
		} else {
			m.size++
			m.step(b[0])
			b = b[1:]
			b = m.skip(b)
		}
		if m.size > m.most || m.literal > m.most || m.depth > deepest {
			return errAnswer
		}
	}
	return nil
}

// skip passes over what changes nothing, which is nearly all.
func (m *meter) skip(b []byte) []byte {
	if m.escaped || m.closed || m.number >= 0 || m.literal > 0 {
		return b
	}
	special := "\"\\\n(){"
	if m.quoted {
		special = "\"\\\n"
	}
	n := bytes.IndexAny(b, special)
	if n < 0 {
		n = len(b)
	}
	m.size += int64(n)
	return b[n:]
}

func (m *meter) step(c byte) {
	switch {
	case c == '\n':
		m.line()
	case m.escaped:
		m.escaped = false
	case m.quoted:
		m.escaped = c == '\\'
		m.quoted = c != '"'
	default:
		m.plain(c)
	}
}

func (m *meter) plain(c byte) {
	digit := c >= '0' && c <= '9'
	switch {
	case c == '{':
		m.number, m.closed = 0, false
		return
	case digit && m.number >= 0 && !m.closed:
		m.number = min(m.number*10+int64(c-'0'), m.most+1)
		return
	case c == '}' && m.number >= 0 || c == '\r' && m.closed:
		m.closed = true
		return
	case c == '"':
		m.quoted = true
	case c == '(':
		m.depth++
	case c == ')':
		m.depth--
	}
	m.number, m.closed = -1, false
}

// line is at the end of a line: the answer goes on after a literal, or is over.
func (m *meter) line() {
	if m.closed && !m.quoted {
		m.literal = m.number
		m.number, m.closed = -1, false
		return
	}
	*m = meter{most: m.most, number: -1}
}
