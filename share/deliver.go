package share

import (
	"context"
	"slices"
	"time"

	"inviter/ticket"
)

// How many files are read, submitted and let go together, and of how many bytes:
// two batches or three are in memory at a time.
const (
	batchFiles = 256
	batchBytes = 8 << 20
)

// parcel is a batch of files on its way: read, recorded, and let go.
type parcel struct {
	batch    []*sight
	findings []finding
}

// pack reads a batch of files. An error is the ledger's, or that ctx ended:
// nothing more is done.
func (p *pass) pack(ctx context.Context, batch []*sight) (parcel, error) {
	batch, err := p.unknown(ctx, batch)
	if err != nil {
		return parcel{}, err
	}
	p.outlast(ctx, batch)
	c := parcel{batch: batch}
	for _, s := range batch {
		if err := ctx.Err(); err != nil {
			return parcel{}, err
		}
		if s.leaving != nil {
			continue
		}
		if f, ok := p.examine(s); ok {
			c.findings = append(c.findings, f)
		}
	}
	return c, nil
}

// send lets a batch go whose deliveries are durable, and returns what has to
// be noted of that.
func (p *pass) send(ctx context.Context, c parcel, r recorded) (notes, error) {
	for _, o := range r.outcomes {
		p.tally(o)
	}
	for _, f := range c.findings {
		p.settle(f, r.entries)
	}
	if err := p.word(ctx, c.batch); err != nil {
		return notes{}, err
	}
	return p.letGo(ctx, c.batch)
}

// clockTick is longer than a local file system's clock stands still.
const clockTick = 10 * time.Millisecond

// outlast waits until no file of a batch was written in the present tick of
// the file system's clock: a write after the read shows in its time then. It
// is only ever needed on shares without settling, and not for files that were
// given their names when they were complete.
func (p *pass) outlast(ctx context.Context, batch []*sight) {
	wait := time.Duration(0)
	for _, s := range batch {
		if age := time.Since(s.look.latest()); !s.arrived && s.leaving == nil && age >= 0 {
			wait = max(wait, clockTick-age)
		}
	}
	if wait > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// unknown drops the files that an earlier run found to be nothing for us. In
// later passes of a run the memory knows them.
func (p *pass) unknown(ctx context.Context, batch []*sight) ([]*sight, error) {
	if p.complete {
		return batch, nil
	}
	items := make([]string, len(batch))
	for i, s := range batch {
		items[i] = s.look.item(s.path)
	}
	entries, err := p.ledger.Recorded(ctx, p.Name(), items)
	if err != nil {
		return nil, err
	}
	rest := batch[:0]
	for i, s := range batch {
		if e, ok := entries[items[i]]; ok && e.Outcome == ticket.Ignored {
			p.memory.leave(s)
			continue
		}
		rest = append(rest, s)
	}
	return rest, nil
}

// again tells of a file that was nothing for us, has changed, and still is
// nothing: a log, say. Recording each of its versions would fill the ledger.
func (p *pass) again(f finding, d ticket.Delivery) bool {
	return f.sight.before && d.Refusal == nil && len(d.Invitations) == 0
}

// tally counts one new delivery.
func (p *pass) tally(o ticket.Outcome) {
	p.count.Seen++
	switch o {
	case ticket.Queued:
		p.count.Queued++
	case ticket.Repeated:
		p.count.Repeated++
	case ticket.Rejected:
		p.count.Refused++
	case ticket.Ignored, ticket.Dead:
		p.count.Ignored++
	}
}

// settle notes what is to become of a file whose deliveries are durable.
func (p *pass) settle(f finding, answers map[string]ticket.Entry) {
	if f.fate == waits {
		return
	}
	l := &leaving{sum: f.sum, fate: f.fate, reason: f.reason, since: p.now, called: f.titled}
	for _, d := range f.deliveries {
		e, recorded := answers[d.Item]
		if !recorded {
			continue
		}
		l.items = append(l.items, d.Item)
		for _, id := range e.Tickets {
			if !slices.Contains(l.tickets, id) {
				l.tickets = append(l.tickets, id)
			}
		}
	}
	f.sight.leaving = l
}

// letGo sends off all files of a batch that are durable.
func (p *pass) letGo(ctx context.Context, batch []*sight) (n notes, err error) {
	defer func() { n.traces, n.lost = p.traces.take() }()
	for _, s := range batch {
		if s.leaving == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if l := s.leaving; p.release(s) {
			n.items = append(n.items, l.items...)
			s.leaving = nil
		}
	}
	return n, nil
}
