package mailbox

import (
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// A server with BINARY (RFC 3516) hands out parts decoded, which takes a quarter
// of the bytes of an invitation off the line, and costs the server more than
// handing them out as they are. So it is asked to where it is far away.

// farAway is how long both the log-in and the questions after it take there.
const farAway = 8 * time.Millisecond

// decodes tells whether parts are asked for decoded.
func (l *link) decodes() bool { return l.far && l.caps.Has(imap.CapBinary) }

// bare has those parts come decoded that are base64. What isn't clean is judged
// by us, who are more lenient than servers.
func (p plan) bare() {
	for i := range p.leaves {
		l := &p.leaves[i]
		typ := strings.ToLower(l.Type)
		l.bare = l.fetch && strings.EqualFold(strings.TrimSpace(l.Encoding), "base64") &&
			!strings.HasPrefix(typ, "message/") && !strings.HasPrefix(typ, "multipart/")
	}
}

// encoded are the same mails, to be fetched as they are; nil if that is how
// they were fetched.
func encoded(mails []opened) (again []opened) {
	for _, o := range mails {
		if !slices.ContainsFunc(o.leaves, func(l leaf) bool { return l.bare }) {
			return nil
		}
		o.leaves = slices.Clone(o.leaves)
		for i := range o.leaves {
			o.leaves[i].bare = false
		}
		again = append(again, o)
	}
	return again
}

// all tells whether a body is all of a leaf. Servers that don't know their own
// parts hand out too little.
func (l leaf) all(body []byte) bool {
	if !l.bare {
		return len(body) >= l.Size/2
	}
	return clean(l.Size, len(body))
}

// clean tells whether so many bytes are what base64 of that size holds, in
// lines as mail programs write them, and nothing else: no footer, nothing that a
// decoder would have to skip, nothing cut off. Servers say so themselves where
// they stumble; this is for those that don't.
func clean(size, decoded int) bool {
	coded := (decoded + 2) / 3 * 4
	for _, line := range []int{76, 72, 64, 60} {
		if ends := size - coded - 2*((coded+line-1)/line); ends == 0 || ends == -2 || ends == 2 {
			return true
		}
	}
	return size == coded || size == coded+2
}
