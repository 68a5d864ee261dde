package mailbox

import (
	"context"
	"errors"
	"fmt"

	"inviter/carrier"
)

// Sizes of what is done at a time. UID sets of one command stay far under
// 64 KiB, above which Dovecot ends the connection.
const (
	firstLot  = 100     // mails whose structures are asked for together: few, for the first ticket to come soon
	lotSize   = 700     // … and later
	partBytes = 2 << 20 // bytes asked for in one FETCH
)

// reader gets the letters from the server, and has those moved that are
// recorded meanwhile. It alone uses the connection while it runs, and does
// nothing else, so that the server is never waited for by work that needs no
// server.
type reader struct {
	*Mailbox
	mark mark
	away *mover
	out  chan parcel
	room chan struct{} // for the parcels in out that hold mails: one
	stop chan struct{} // closed when nobody wants more

	letters []letter        // of which no lot was made yet
	lots    int             // made so far
	now     *lot            // being read
	next    *lot            // to be read after it
	read    int             // mails since something was let go
	done    map[uint32]bool // handed on or gone, of this lot
	held    bool            // a mail was left for a later scan: the mark must not pass it
	hunting bool            // for a mail that breaks connections
	lines   int             // connections used up so
}

// parcel is what a reader hands on at a time, at most some partBytes of it. One
// with mails waits for the one before to be taken; word of what is done doesn't.
type parcel struct {
	pieces  []piece
	seen    int
	pending int
	done    uint32 // all up to this UID was handed on; 0 says nothing
}

// piece is one mail as it came from the server: its parts, or all of it, or
// why it could not be had.
type piece struct {
	letter
	parts  *opened
	leaves []carrier.Leaf
	whole  []byte
	lost   string
}

// errStopped ends the reader after a failed submit, whose error counts.
var errStopped = errors.New("nobody wants more")

// run reads all letters, lot by lot.
func (r *reader) run(ctx context.Context) error {
	defer r.leaveNothingDue()
	for {
		l, err := r.following(ctx)
		if l == nil || err != nil {
			return err
		}
		r.next = nil
		if r.read >= page {
			r.read = 0
			if _, err := r.away.letGo(ctx); err != nil {
				return err
			}
		}
		r.read += l.size
		clear(r.done)
		if err := r.hand(parcel{seen: len(l.letters)}); err != nil {
			return err
		}
		if err := r.open(ctx, l); err != nil {
			return err
		}
		if r.held {
			continue
		}
		if err := r.hand(parcel{done: l.last}); err != nil {
			return err
		}
	}
}

// leaveNothingDue gives up a connection on which there is still to come what
// nobody wants any more.
func (r *reader) leaveNothingDue() {
	if r.link != nil && len(r.link.flying) > 0 {
		r.link.hangUp()
	}
}

// unrecorded leaves out what a scan that ended half-way, or another watcher,
// has submitted already.
func (r *reader) unrecorded(ctx context.Context, letters []letter) ([]letter, error) {
	items := make([]string, len(letters))
	for i, l := range letters {
		items[i] = r.mark.item(l.uid)
	}
	known, err := r.ledger.Recorded(ctx, r.Name(), items)
	if err != nil {
		return nil, fmt.Errorf("recorded: %w", err)
	}
	var fresh []letter
	for i, l := range letters {
		if _, ok := known[items[i]]; !ok {
			fresh = append(fresh, l)
		}
	}
	return fresh, nil
}

// hand hands on what was read.
func (r *reader) hand(p parcel) error {
	for _, mail := range p.pieces {
		r.done[mail.uid] = true
		r.poison.forget(r.mark.item(mail.uid))
	}
	if len(p.pieces) > 0 {
		select {
		case r.room <- struct{}{}:
		case <-r.stop:
			return errStopped
		}
	}
	select {
	case r.out <- p:
		return nil
	case <-r.stop:
		return errStopped
	}
}
