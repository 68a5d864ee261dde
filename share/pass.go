package share

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"inviter/ticket"
)

// pass is one look through the share.
type pass struct {
	*Share
	tree
	id     identity
	submit ticket.Submit
	number int
	now    time.Time
	deep   bool            // ask every known file, too, whether it changed
	met    map[met]bool    // folders come by
	named  map[string]bool // files that events named → arrived whole
	due    []*sight        // to be looked into
	count  ticket.Pass
	stuck  []error // why files could not leave the share

	gone    []*standing     // traces that were taken away
	soon    []time.Duration // when to look again for others
	orphans []string        // receipts that no trace is known of
}

// pass runs with the turn. It returns what it counted also when it fails.
func (s *Share) pass(ctx context.Context, submit ticket.Submit) (count ticket.Pass, err error) {
	ctx, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	p, err := s.begin(ctx, submit, lost)
	if err != nil {
		return count, err
	}
	defer func() { err = errors.Join(err, p.tree.Close()) }()
	if err = p.run(ctx); err != nil {
		s.traces.unsettle(nil)
	}
	if cause := context.Cause(ctx); errors.Is(cause, ticket.ErrGone) {
		err = cause // and not that it ended the pass
	}
	if err != nil {
		s.unclosed = true
		return p.count, err
	}
	s.complete = true
	return p.count, nil
}

// begin opens the place, and forgets what it knew if it is another one.
func (s *Share) begin(ctx context.Context, submit ticket.Submit, lost func(error)) (*pass, error) {
	if !s.marked {
		mark, err := s.ledger.Position(ctx, s.Name())
		if err != nil {
			return nil, err
		}
		s.mark, s.marked = mark, true
	}
	s.pulse.begin()
	t, id, err := s.place.open(ctx, visit{last: s.mark, lost: lost, beat: s.pulse.alive})
	s.pulse.end()
	if err != nil {
		s.hints.lost()
		s.traces.unsettle(nil)
		return nil, err
	}
	s.hints.lies(id.kind)
	if id.mark != s.mark {
		if err := s.ledger.Advance(ctx, s.Name(), id.mark); err != nil {
			return nil, errors.Join(err, t.Close())
		}
		s.mark = id.mark
	}
	if s.memory.root != id.root {
		s.memory.forget()
		s.memory.root = id.root
	}
	s.memory.passes++
	p := &pass{Share: s, tree: attended{t, &s.pulse}, id: id, submit: submit, number: s.memory.passes,
		now: s.options.Clock(), met: map[met]bool{}, named: map[string]bool{}}
	p.deep = p.number%s.memory.rhythm() == 0
	return p, nil
}

// run looks first where events point, so that a new file is not kept waiting
// by a large folder, and then everywhere.
func (p *pass) run(ctx context.Context) error {
	if err := p.recall(ctx); err != nil {
		return err
	}
	if err := p.urgent(ctx); err != nil {
		return err
	}
	if err := p.walk(ctx, ".", 0); err != nil {
		return err
	}
	if err := p.work(ctx); err != nil {
		return err
	}
	p.memory.sweep(p.number)
	p.pending()
	if err := p.closeLedger(ctx); err != nil {
		return err
	}
	if err := p.follow(ctx); err != nil {
		return err
	}
	return errors.Join(p.stuck...)
}

// urgent looks at the files that events named since it was last asked.
func (p *pass) urgent(ctx context.Context) error {
	for file, arrived := range p.hints.take() {
		p.named[file] = arrived
		p.hinted(file)
	}
	return p.work(ctx)
}

// hinted looks at a file that an event named, if its folder is known.
func (p *pass) hinted(file string) {
	d := p.memory.dirs[path.Dir(file)]
	if d != nil && !p.skipped(path.Dir(file), path.Base(file)) {
		p.notice(d, file)
	}
}

// work looks into what is due: what promises an invitation first, the oldest
// first.
func (p *pass) work(ctx context.Context) error {
	due := p.due
	p.due = nil
	slices.SortFunc(due, func(a, b *sight) int {
		if x, y := inviting(a.path), inviting(b.path); x != y {
			if x {
				return -1
			}
			return 1
		}
		return cmp.Or(a.look.changed.Compare(b.look.changed), strings.Compare(a.path, b.path))
	})
	if len(due) == 0 {
		return nil
	}
	return p.deliver(ctx, due)
}

// deliver reads files batch by batch. While one batch is being recorded, the
// one before it leaves the share, and the next one is read.
func (p *pass) deliver(ctx context.Context, due []*sight) error {
	c := clerk{p: p}
	err := p.pipeline(ctx, &c, due)
	if c.now != nil { // an errand that fails with the pass
		_, late := c.wait()
		err = errors.Join(err, late)
	}
	if err == nil {
		err = p.note(ctx, c.open)
	}
	if err != nil {
		p.traces.loaded = false // what was not noted is found in the share
	}
	return err
}

func (p *pass) pipeline(ctx context.Context, c *clerk, due []*sight) error {
	var on parcel // being recorded
	for batch := range p.batches(due) {
		next, err := p.pack(ctx, batch)
		if err != nil {
			return err
		}
		r, err := c.wait()
		if err != nil {
			return err
		}
		c.start(ctx, next.findings)
		n, err := p.send(ctx, on, r)
		c.add(n)
		if err != nil {
			return err
		}
		on = next
	}
	r, err := c.wait()
	if err != nil {
		return err
	}
	n, err := p.send(ctx, on, r)
	c.add(n)
	return err
}

// batches cuts what is due into what is in memory at a time.
func (p *pass) batches(due []*sight) iter.Seq[[]*sight] {
	return func(yield func([]*sight) bool) {
		for len(due) > 0 {
			n, size := 1, due[0].look.size
			for ; n < min(len(due), batchFiles); n++ {
				if size += min(due[n].look.size, int64(p.options.Limits.Mail)); size > batchBytes {
					break
				}
			}
			if !yield(due[:n]) {
				return
			}
			due = due[n:]
		}
	}
}

// pending counts what is not done with, and sees to the next look at it.
func (p *pass) pending() {
	var next time.Time
	for _, d := range p.memory.dirs {
		for _, s := range d.sights {
			p.count.Pending++
			t := s.next(p.options.Settle)
			if !t.IsZero() && (next.IsZero() || t.Before(next)) {
				next = t
			}
		}
	}
	p.count.Seen += p.count.Pending
	if !next.IsZero() {
		p.soon = append(p.soon, next.Sub(p.now))
	}
	if len(p.soon) > 0 {
		p.hints.wake(slices.Min(p.soon))
	}
}

// closeLedger notes what had left the share already when an earlier pass or
// run ended too soon: the tree was seen whole, and nothing in it is pending.
func (p *pass) closeLedger(ctx context.Context) error {
	const limit = 1000
	if !p.unclosed || p.count.Pending > 0 {
		return nil
	}
	held, err := p.ledger.Held(ctx, p.Name(), limit)
	if err != nil {
		return err
	}
	items := make([]string, 0, len(held))
	for _, e := range held {
		items = append(items, e.Item)
	}
	p.adopt(held)
	if err := p.keepTraces(ctx); err != nil {
		return err
	}
	if len(items) > 0 {
		if err := p.ledger.LetGo(ctx, p.Name(), items); err != nil {
			return err
		}
	}
	p.unclosed = len(held) == limit
	return nil
}
