package share

import (
	"context"
	"errors"
	"slices"
	"time"

	"inviter/ticket"
)

// batchFiles bounds how many files are read, submitted and let go together.
const batchFiles = 256

// deliver reads a batch of files, submits what is new in it, and lets the
// files go. An error is the ledger's, or that ctx ended: nothing more is done.
func (p *pass) deliver(ctx context.Context, batch []*sight) error {
	batch, err := p.unknown(ctx, batch)
	if err != nil {
		return err
	}
	p.outlast(ctx, batch)
	var findings []finding
	for _, s := range batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.leaving != nil {
			continue
		}
		if f, ok := p.examine(s); ok {
			findings = append(findings, f)
		}
	}
	answers, err := p.record(ctx, findings)
	if err != nil {
		return err
	}
	for _, f := range findings {
		p.settle(f, answers)
	}
	if err := p.word(ctx, batch); err != nil {
		return err
	}
	return p.letGo(ctx, batch)
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

// record makes all deliveries of a batch durable, and returns what is recorded
// of each item, of this run or an earlier one.
func (p *pass) record(ctx context.Context, findings []finding) (map[string]ticket.Entry, error) {
	var items []string
	for _, f := range findings {
		for _, d := range f.deliveries {
			items = append(items, d.Item)
		}
	}
	if len(items) == 0 {
		return nil, nil
	}
	entries, err := p.ledger.Recorded(ctx, p.Name(), items)
	if err != nil {
		return nil, err
	}
	var news []ticket.Delivery
	for _, f := range findings {
		for _, d := range f.deliveries {
			if _, known := entries[d.Item]; !known && !p.again(f, d) {
				news = append(news, d)
			}
		}
	}
	if len(news) == 0 {
		return entries, nil
	}
	receipts, err := p.submit(ctx, news)
	if err != nil {
		return nil, err
	}
	if len(receipts) != len(news) {
		return nil, errors.New("the queue answered for another number of deliveries")
	}
	for _, r := range receipts {
		p.tally(r.Outcome)
		entries[r.Item] = ticket.Entry{Item: r.Item, Outcome: r.Outcome, Tickets: r.Tickets}
	}
	return entries, nil
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

// letGo sends off all files of a batch that are durable, and notes it.
func (p *pass) letGo(ctx context.Context, batch []*sight) error {
	var items []string
	for _, s := range batch {
		if s.leaving == nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if l := s.leaving; p.release(s) {
			items = append(items, l.items...)
			s.leaving = nil
		}
	}
	if len(items) == 0 {
		return nil
	}
	if err := p.keepTraces(ctx); err != nil {
		return err
	}
	return p.ledger.LetGo(ctx, p.Name(), items)
}
