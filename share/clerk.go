package share

import (
	"context"
	"errors"
	"slices"

	"inviter/ticket"
)

// notes are what has to be made durable of files that have left.
type notes struct {
	items  []string // let go
	traces []ticket.Trace
	lost   []string // traces that are gone
}

// recorded is what the ledger has of a batch's deliveries.
type recorded struct {
	entries  map[string]ticket.Entry // by item, of this run or an earlier one
	outcomes []ticket.Outcome        // of what is new
}

// errand is one thing that the clerk is doing.
type errand struct {
	done  chan struct{}
	got   recorded
	err   error
	panic any
}

// clerk does the paperwork of a pass, one errand at a time, while the pass
// reads and moves files: the disk of the queue and the share work at once.
type clerk struct {
	p    *pass
	open notes // to be noted with the next errand
	now  *errand
}

// start sends the clerk off to record findings, and to note before that what
// has left since. The errand before must have been waited for.
func (c *clerk) start(ctx context.Context, findings []finding) {
	e, n := &errand{done: make(chan struct{})}, c.open
	c.now, c.open = e, notes{}
	go func() {
		defer close(e.done)
		defer func() { e.panic = recover() }()
		if e.err = c.p.note(ctx, n); e.err == nil {
			e.got, e.err = c.p.record(ctx, findings)
		}
	}()
}

// wait returns what the errand brought. A panic goes on here.
func (c *clerk) wait() (recorded, error) {
	e := c.now
	if e == nil {
		return recorded{}, nil
	}
	c.now = nil
	<-e.done
	if e.panic != nil {
		panic(e.panic)
	}
	return e.got, e.err
}

// add keeps notes for the next errand.
func (c *clerk) add(n notes) {
	c.open.items = append(c.open.items, n.items...)
	c.open.traces = append(c.open.traces, n.traces...)
	c.open.lost = append(c.open.lost, n.lost...)
}

// note makes notes durable: the traces first, for what has been let go is not
// looked for again.
func (p *pass) note(ctx context.Context, n notes) error {
	if len(n.traces) > 0 {
		if err := p.options.Answers.Leave(ctx, p.Name(), n.traces); err != nil {
			return err
		}
	}
	if len(n.lost) > 0 {
		if err := p.options.Answers.Forget(ctx, p.Name(), n.lost); err != nil {
			return err
		}
	}
	if len(n.items) == 0 {
		return nil
	}
	return p.ledger.LetGo(ctx, p.Name(), n.items)
}

// record makes all deliveries of a batch durable. It runs beside the pass, and
// changes nothing of it.
func (p *pass) record(ctx context.Context, findings []finding) (recorded, error) {
	var items []string
	for _, f := range findings {
		for _, d := range f.deliveries {
			items = append(items, d.Item)
		}
	}
	if len(items) == 0 {
		return recorded{}, nil
	}
	entries, err := p.recorded(ctx, findings, items)
	if err != nil {
		return recorded{}, err
	}
	r := recorded{entries: entries}
	news := p.news(findings, entries)
	if len(news) == 0 {
		return r, nil
	}
	receipts, err := p.submit(ctx, news)
	if err != nil {
		return recorded{}, err
	}
	if len(receipts) != len(news) {
		return recorded{}, errors.New("the queue answered for another number of deliveries")
	}
	for _, a := range receipts {
		if !a.Before {
			r.outcomes = append(r.outcomes, a.Outcome)
		}
		entries[a.Item] = ticket.Entry{Item: a.Item, Outcome: a.Outcome, Tickets: a.Tickets}
	}
	return r, nil
}

// recorded asks the ledger for what an earlier run submitted. Files that came
// while we watched are new; should one not be, Submit tells what became of it.
func (p *pass) recorded(ctx context.Context, findings []finding, items []string) (map[string]ticket.Entry, error) {
	if !slices.ContainsFunc(findings, func(f finding) bool { return !f.sight.arrived }) {
		return map[string]ticket.Entry{}, nil
	}
	return p.ledger.Recorded(ctx, p.Name(), items)
}

// news are the deliveries that the ledger isn't known to have.
func (p *pass) news(findings []finding, known map[string]ticket.Entry) (news []ticket.Delivery) {
	for _, f := range findings {
		for _, d := range f.deliveries {
			if _, old := known[d.Item]; !old && !p.again(f, d) {
				news = append(news, d)
			}
		}
	}
	return news
}
