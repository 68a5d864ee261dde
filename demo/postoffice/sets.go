package postoffice

import (
	"math"

	"github.com/emersion/go-imap/v2"
)

// seen is a letter as one client sees it: with the number it has there.
type seen struct {
	letter
	seq  uint32
	path string
}

// matching lists the letters that a client means by set, and that it was told
// of. The caller holds the lock.
func (c *client) matching(set imap.NumSet) []seen {
	match := c.matcher(set)
	var out []seen
	for i, l := range c.open.letters {
		seq := c.view.EncodeSeqNum(uint32(i + 1))
		if seq != 0 && match(seq, l.uid) {
			out = append(out, seen{letter: *l, seq: seq, path: c.open.path(l.uid)})
		}
	}
	return out
}

// matcher reads a set, in which 0 stands for "*", the highest number there is.
func (c *client) matcher(set imap.NumSet) func(seq uint32, uid imap.UID) bool {
	switch set := set.(type) {
	case imap.SeqSet:
		last := c.lastSeq()
		return func(seq uint32, _ imap.UID) bool {
			for _, r := range set {
				if within(seq, r.Start, r.Stop, last) {
					return true
				}
			}
			return false
		}
	case imap.UIDSet:
		if imap.IsSearchRes(set) {
			break // never offered
		}
		last := c.lastUID()
		return func(_ uint32, uid imap.UID) bool {
			for _, r := range set {
				if within(uint32(uid), uint32(r.Start), uint32(r.Stop), uint32(last)) {
					return true
				}
			}
			return false
		}
	}
	return func(uint32, imap.UID) bool { return false }
}

func within(n, start, stop, last uint32) bool {
	if start == 0 {
		start = last
	}
	if stop == 0 {
		stop = last
	}
	return min(start, stop) <= n && n <= max(start, stop)
}

func (c *client) lastSeq() uint32 {
	for i := len(c.open.letters); i > 0; i-- {
		if seq := c.view.EncodeSeqNum(uint32(i)); seq != 0 {
			return seq
		}
	}
	return math.MaxUint32 // an empty folder: matches nothing
}

func (c *client) lastUID() imap.UID {
	if n := len(c.open.letters); n > 0 {
		return c.open.letters[n-1].uid
	}
	return math.MaxUint32
}

func uids(letters []seen) []imap.UID {
	var out []imap.UID
	for _, l := range letters {
		out = append(out, l.uid)
	}
	return out
}
