package mailbox

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"time"

	"inviter/carrier"
	"inviter/ticket"
)

// imprint tells a mail from every other by what it is, so that one which was
// refused is known again where its folder lost its numbers, or was moved to
// another server. It holds only what is the same whether parts or all of the
// mail was read, and by whatever server's idea of its structure. It is zero
// for a mail of which too little is known.
func imprint(c carrier.Content) ticket.Imprint {
	h := print{sha256.New()}
	h.words(c.Header.MessageID, c.Header.From, c.Header.Subject, c.Text)
	h.times(c.Header.Date, c.Header.Received, c.Header.First)
	told := c.Header.MessageID != "" && !c.Header.Received.IsZero()
	for _, f := range c.Found {
		h.Write(f.Key[:])
		told = true
	}
	for _, r := range c.Refused {
		h.words(r.Path)
		h.Write(r.Sum[:])
		told = told || r.Sum != [sha256.Size]byte{}
	}
	if !told {
		return ticket.Imprint{}
	}
	return ticket.Imprint(h.Sum(nil))
}

// print is a hash of several things, each of which has its length before it.
type print struct{ hash.Hash }

func (p print) words(all ...string) {
	for _, s := range all {
		p.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		p.Write([]byte(s))
	}
}

func (p print) times(all ...time.Time) {
	for _, t := range all {
		p.Write(binary.BigEndian.AppendUint64(nil, uint64(t.Unix())))
	}
}
