package web

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// look is one row, rendered for all readers of a kind. It is good until a time
// in it changes; when the ticket changes there is a new entry.
type look struct {
	html    []byte
	until   time.Time
	pressed pressed // of an opened row only
}

// Readers who don't hold a ticket see its row alike if they have the language
// and the buttons in common.
const (
	kinds = 3 // watches, works, leads
	looks = 2 * kinds
)

func (c caller) kind() int {
	kind := 0
	switch {
	case c.Lead():
		kind = 2
	case c.MayClaim():
		kind = 1
	}
	return slices.Index(templates.Languages(), c.lang.Tag())*kinds + kind
}

// looked is a row as others than its holder see it, rendered once a change.
func (s *Site) looked(e *entry, c caller, now time.Time) (*look, error) {
	slot := e.look(c.kind())
	if l := slot.Load(); l != nil && l.good(now) {
		return l, nil
	}
	row := s.row(e.Ticket, c, now)
	var b bytes.Buffer
	if err := c.lang.Render(&b, row); err != nil {
		return nil, err
	}
	l := &look{html: b.Bytes(), until: row.Until()}
	slot.Store(l)
	return l, nil
}

// opened is a row as its holder sees it, rendered once a change too: whatever
// happens to a claimed ticket changes it.
func (s *Site) opened(ctx context.Context, e *entry, c caller, now time.Time) (*look, error) {
	slot := e.look(looks + c.kind())
	if l := slot.Load(); l != nil && l.good(now) {
		return l, nil
	}
	row, err := s.ownRow(ctx, e.Ticket, c, now)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := c.lang.Render(&b, row); err != nil {
		return nil, err
	}
	l := &look{html: b.Bytes(), until: row.Until(), pressed: compress(b.Bytes())}
	slot.Store(l)
	return l, nil
}

// good is false also where the clock was set back.
func (l *look) good(now time.Time) bool {
	return now.Before(l.until) && !now.Before(l.until.Add(-time.Minute))
}

// item is a row of a list: an entry as everybody of the reader's kind sees it,
// or opened for its holder, or a row with an answer in it.
type item struct {
	*entry
	mine bool
	own  *templates.Row
}

// rowOf is an item's row made for c alone, to put an answer into; nil if the
// item is another ticket.
func (s *Site) rowOf(ctx context.Context, it *item, id ticket.ID, c caller) (*templates.Row, error) {
	switch {
	case it.ID != id:
		return nil, nil
	case it.own != nil:
		return it.own, nil
	}
	row, err := s.ownRow(ctx, it.Ticket, c, s.clock())
	it.own = &row
	return it.own, err
}

// piece is one item that is not part of a run.
func (s *Site) piece(ctx context.Context, it item, c caller, now time.Time) (*look, error) {
	switch {
	case it.own != nil:
		var b bytes.Buffer
		if err := c.lang.Render(&b, it.own); err != nil {
			return nil, err
		}
		return &look{html: b.Bytes(), pressed: compress(b.Bytes())}, nil
	case it.mine:
		return s.opened(ctx, it.entry, c, now)
	}
	return s.looked(it.entry, c, now)
}

// run is a stretch of a list, compressed once for all lists that it is in.
type run struct {
	revisions []int64
	until     time.Time
	pressed   pressed
}

type runKey struct {
	kind, length int
	first        ticket.ID
}

// runs are the stretches made lately.
type runs struct {
	mu  sync.Mutex
	all map[runKey]*run
}

// A list is cut where a ticket's number says so, so that one that comes or goes
// leaves all other stretches as they were.
const (
	cutEvery = 32
	mostRow  = 2 * cutEvery // rows in one stretch
	mostRuns = 1000
)

// stretch is how many of the items from the first on make one run, 0 for none.
func stretch(items []item) int {
	for i, it := range items {
		switch {
		case it.own != nil || it.mine:
			return i
		case it.ID%cutEvery == 0 && i > 0 || i == mostRow:
			return i
		}
	}
	return len(items)
}

func (r *runs) find(k runKey, items []item, now time.Time) *run {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := r.all[k]
	if found == nil || !now.Before(found.until) || now.Before(found.until.Add(-time.Minute)) {
		return nil
	}
	for i, it := range items {
		if found.revisions[i] != it.Revision {
			return nil
		}
	}
	return found
}

func (r *runs) keep(k runKey, made *run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil || len(r.all) >= mostRuns {
		r.all = map[runKey]*run{}
	}
	r.all[k] = made
}

// run is one stretch, as c's kind sees it.
func (s *Site) run(items []item, c caller, now time.Time) (pressed, error) {
	k := runKey{c.kind(), len(items), items[0].ID}
	if found := s.runs.find(k, items, now); found != nil {
		return found.pressed, nil
	}
	made := &run{until: now.Add(time.Minute)}
	var b bytes.Buffer
	for _, it := range items {
		l, err := s.looked(it.entry, c, now)
		if err != nil {
			return pressed{}, err
		}
		b.Write(l.html)
		made.revisions = append(made.revisions, it.Revision)
		if l.until.Before(made.until) {
			made.until = l.until
		}
	}
	made.pressed = compress(b.Bytes())
	s.runs.keep(k, made)
	return made.pressed, nil
}

// listed answers with a page that has a list in it.
func (s *Site) listed(w http.ResponseWriter, r *http.Request, c caller, p templates.Page, items []item) error {
	before, after, err := c.lang.Around(p)
	if err != nil {
		return err
	}
	b := newBody(c)
	b.own(before)
	if err := s.rows(r.Context(), b, c, items); err != nil {
		return err
	}
	b.shared(after, s.tails.compress)
	b.send(w, c)
	return nil
}

// body is an answer that is put together: compressed, where the reader takes that.
type body struct {
	press *press // nil for a plain one
	plain []byte
}

func newBody(c caller) *body {
	if c.zips {
		return &body{press: newPress()}
	}
	return &body{}
}

// own appends what is rendered for this reader.
func (b *body) own(plain []byte) { b.shared(plain, compress) }

// shared appends what others get too, compressed as said.
func (b *body) shared(plain []byte, by func([]byte) pressed) {
	if b.press != nil {
		b.press.add(by(plain))
		return
	}
	b.plain = append(b.plain, plain...)
}

// send answers with what was put together.
func (b *body) send(w http.ResponseWriter, c caller) {
	pageHeader(w, c)
	whole := b.plain
	if b.press != nil {
		w.Header().Set("Content-Encoding", "gzip")
		whole = b.press.finish()
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
	_, _ = w.Write(whole)
}

// rows appends a list.
func (s *Site) rows(ctx context.Context, b *body, c caller, items []item) error {
	if b.press == nil {
		return s.plainRows(ctx, b, c, items)
	}
	for now := s.clock(); len(items) > 0; {
		n := stretch(items)
		if n == 0 {
			l, err := s.piece(ctx, items[0], c, now)
			if err != nil {
				return err
			}
			b.press.add(l.pressed)
			items = items[1:]
			continue
		}
		piece, err := s.run(items[:n], c, now)
		if err != nil {
			return err
		}
		b.press.add(piece)
		items = items[n:]
	}
	return nil
}

func (s *Site) plainRows(ctx context.Context, b *body, c caller, items []item) error {
	now := s.clock()
	for _, it := range items {
		l, err := s.piece(ctx, it, c, now)
		if err != nil {
			return err
		}
		b.plain = append(b.plain, l.html...)
	}
	return nil
}
