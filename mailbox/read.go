package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"inviter/carrier"
	"inviter/ticket"
)

// Sizes of what is done at a time. UID sets of one command stay far under
// 64 KiB, above which Dovecot ends the connection.
const (
	chunkSize  = 500     // mails whose structures are asked for together
	batchSize  = 200     // deliveries of one submit
	batchBytes = 4 << 20 // bytes of invitations in one submit
	partBytes  = 8 << 20 // bytes asked for in one FETCH
)

// reader turns letters into deliveries. It alone uses the connection while it
// runs.
type reader struct {
	*Mailbox
	mark mark
	out  chan batch
	stop chan struct{} // closed when nobody wants more

	next  batch
	bytes int
	done  map[uint32]bool // delivered or gone, of this chunk
	held  bool            // a mail was left for a later scan: the mark must not pass it

	hunting bool // for a mail that breaks connections
	lines   int  // connections used up so
}

// errStopped ends the reader after a failed submit, whose error counts.
var errStopped = errors.New("nobody wants more")

func (r *reader) run(ctx context.Context, letters []letter) error {
	for chunk := range slices.Chunk(letters, chunkSize) {
		clear(r.done)
		fresh, err := r.unrecorded(ctx, chunk)
		if err == nil {
			r.next.seen += len(fresh)
			err = r.open(ctx, fresh)
		}
		if err != nil {
			_ = r.flush() // what was read is good all the same
			return err
		}
		if !r.held {
			r.next.done = chunk[len(chunk)-1].uid
		}
		if err := r.flush(); err != nil {
			return err
		}
	}
	return nil
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

// emit delivers one mail that was read.
func (r *reader) emit(l letter, c carrier.Content) error {
	return r.deliver(l, r.delivery(l, c))
}

func (r *reader) deliver(l letter, d ticket.Delivery) error {
	r.done[l.uid] = true
	r.poison.forget(d.Item)
	r.next.deliveries = append(r.next.deliveries, d)
	for _, inv := range d.Invitations {
		r.bytes += len(inv.File)
	}
	if len(r.next.deliveries) < batchSize && r.bytes < batchBytes {
		return nil
	}
	return r.flush()
}

// flush hands on what has gathered.
func (r *reader) flush() error {
	b := r.next
	r.next, r.bytes = batch{}, 0
	if b.seen == 0 && b.pending == 0 && b.done == 0 && len(b.deliveries) == 0 {
		return nil
	}
	select {
	case r.out <- b:
		return nil
	case <-r.stop:
		return errStopped
	}
}
