package web

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"inviter/ticket"
)

// board mirrors the open tickets, in line order, so that a page of ten thousand
// costs no more than what it shows. It follows the queue by revisions: before it
// answers it has taken in all that was committed, by this process or another.
type board struct {
	queue interface {
		Line
		Changes
	}
	mu   sync.Mutex // held while taking in
	last atomic.Pointer[snapshot]
}

// snapshot is the open tickets at one revision. It is never changed.
type snapshot struct {
	revision int64
	line     []*entry // longest in line first
	glance   atomic.Pointer[glance]
	missed   atomic.Pointer[missed]
}

// entry is one open ticket at one revision, with what is made of it once, when
// somebody wants it: most of a long line nobody looks at.
type entry struct {
	ticket.Ticket
	order string // rows stand in the order of this
	words atomic.Pointer[string]
	looks atomic.Pointer[[2 * looks]atomic.Pointer[look]] // for others, and from looks on for its holder
}

func newEntry(t ticket.Ticket) *entry { return &entry{Ticket: t, order: order(t)} }

// text is what to search in, in lower case.
func (e *entry) text() string {
	if w := e.words.Load(); w != nil {
		return *w
	}
	words := []string{e.ID.String(), e.User.Name, e.User.Address, e.User.Phone, e.ClaimedName, e.Note}
	for _, d := range e.Deliveries {
		words = append(words, d.Source)
	}
	if e.Claim != nil {
		words = append(words, e.Claim.Holder)
	}
	text := strings.ToLower(strings.Join(words, "\n"))
	e.words.Store(&text)
	return text
}

// look is where one of its looks is kept.
func (e *entry) look(i int) *atomic.Pointer[look] {
	if e.looks.Load() == nil {
		e.looks.CompareAndSwap(nil, new([2 * looks]atomic.Pointer[look]))
	}
	return &e.looks.Load()[i]
}

// live tells whether the ticket is still open at now: what waits past its time
// is gone at its instant, whether or not the queue's clock has come by.
func (e *entry) live(now time.Time) bool {
	return e.State == ticket.Claimed || now.Before(e.Expires)
}

func inLine(a, b *entry) int {
	if c := a.WaitingSince.Compare(b.WaitingSince); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// at is the board at the present revision.
func (b *board) at(ctx context.Context) (*snapshot, error) {
	revision, err := b.queue.Revision(ctx)
	if err != nil {
		return nil, err
	}
	if s := b.last.Load(); s != nil && s.revision == revision {
		return s, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.last.Load()
	if s != nil && s.revision > revision { // overtaken, or a backup was restored
		if revision, err = b.queue.Revision(ctx); err != nil {
			return nil, err
		}
		if s.revision > revision {
			s = nil
		}
	}
	if s == nil {
		if s, err = b.load(ctx); err != nil {
			return nil, err
		}
	}
	if s, err = b.follow(ctx, s); err != nil {
		return nil, err
	}
	b.last.Store(s)
	return s, nil
}

// load reads all open tickets.
func (b *board) load(ctx context.Context) (s *snapshot, err error) {
	s = &snapshot{}
	s.revision, err = b.queue.EachOpen(ctx, func(t ticket.Ticket) { s.line = append(s.line, newEntry(t)) })
	slices.SortFunc(s.line, inLine)
	return s, err
}

// follow takes in what changed since s.
func (b *board) follow(ctx context.Context, s *snapshot) (*snapshot, error) {
	for {
		changed, revision, err := b.queue.Changed(ctx, s.revision, changesAtOnce)
		if err != nil {
			return nil, err
		}
		if len(changed) > 0 || revision != s.revision {
			s = s.with(revision, changed)
		}
		if len(changed) < changesAtOnce {
			return s, nil
		}
	}
}

// with is the snapshot after tickets changed.
func (s *snapshot) with(revision int64, changed []ticket.Ticket) *snapshot {
	gone := make(map[ticket.ID]bool, len(changed))
	var came []*entry
	for _, t := range changed {
		gone[t.ID] = true
		if !t.State.Ended() {
			came = append(came, newEntry(t))
		}
	}
	slices.SortFunc(came, inLine)
	next := &snapshot{revision: revision, line: make([]*entry, 0, len(s.line)+len(came))}
	for _, e := range s.line {
		if gone[e.ID] {
			continue
		}
		for len(came) > 0 && inLine(came[0], e) < 0 {
			next.line, came = append(next.line, came[0]), came[1:]
		}
		next.line = append(next.line, e)
	}
	next.line = append(next.line, came...)
	return next
}

// find is the entry of a ticket as it is in t, the board's own where it has it.
func (s *snapshot) find(t ticket.Ticket) *entry {
	e := newEntry(t)
	if s == nil {
		return e
	}
	if i, ok := slices.BinarySearchFunc(s.line, e, inLine); ok && s.line[i].Revision == t.Revision {
		return s.line[i]
	}
	return e
}
