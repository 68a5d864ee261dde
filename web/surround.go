package web

import (
	"bytes"
	"context"
	"sync"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// A surround is what stands around the rows of the queue's page, as all readers of
// a language and role see it in one second. What tells of one of them, or of the
// moment, goes into its gaps: in the order of gaps.
type surround struct {
	snap     *snapshot
	bearings *bearings
	until    time.Time
	pieces   []surroundPiece
}

type surroundPiece struct {
	plain   []byte
	pressed pressed
}

const (
	gapBegan = iota
	gapSelf
	gapMine
	gapRows
	gaps
)

type surroundKey struct {
	lang string
	role ticket.Role
	show string
	rows int // on a page
	more string
}

// surrounds are those made lately.
type surrounds struct {
	mu  sync.Mutex
	all map[surroundKey]*surround
}

const mostSurrounds = 64

func (f *surrounds) find(k surroundKey) *surround {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all[k]
}

func (f *surrounds) keep(k surroundKey, made *surround) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil || len(f.all) >= mostSurrounds {
		f.all = map[surroundKey]*surround{}
	}
	f.all[k] = made
}

// sharable tells whether many readers look at the same: nobody else searches
// for the same words.
func (v view) sharable() bool { return v.query == "" && v.after == "" && v.show != showMissed }

// sharedPage answers with the queue's page around the items.
func (s *Site) sharedPage(ctx context.Context, v view, snap *snapshot, c caller, items []item, more string) (*body, error) {
	now := s.clock()
	f, err := s.surrounded(ctx, v, snap, c, more)
	if err != nil {
		return nil, err
	}
	shell := templates.Self{Name: c.Name}
	if s.Accounts != nil {
		shell.Self = accountPath(c.Name)
	}
	b := newBody(c)
	for i, piece := range f.pieces {
		b.shared(piece.plain, func([]byte) pressed { return piece.pressed })
		switch i {
		case gapBegan:
			err = b.gap(c, templates.Began{Now: now})
		case gapSelf:
			err = b.gap(c, shell)
		case gapMine:
			err = b.gap(c, templates.Tab{Show: showMine, Count: snap.glanced(now).claimed[c.Name]})
		case gapRows:
			err = s.rows(ctx, b, c, items)
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// gap appends a small part, for one reader.
func (b *body) gap(c caller, p templates.Page) error {
	var part bytes.Buffer
	if err := c.lang.Render(&part, p); err != nil {
		return err
	}
	if b.press != nil {
		b.press.store(part.Bytes())
		return nil
	}
	b.plain = append(b.plain, part.Bytes()...)
	return nil
}

// surrounded is the surround as it is now.
func (s *Site) surrounded(ctx context.Context, v view, snap *snapshot, c caller, more string) (*surround, error) {
	bear, err := s.bearings(ctx)
	if err != nil {
		return nil, err
	}
	k, now := surroundKey{c.lang.Tag(), c.Role, v.show, v.limit, more}, s.clock()
	f := s.surrounds.find(k)
	if f != nil && f.snap == snap && f.bearings == bear && now.Before(f.until) && !now.Before(f.until.Add(-glanceFor)) {
		return f, nil
	}
	line, err := s.head(ctx, snap, v, c)
	if err != nil {
		return nil, err
	}
	for i := range line.Tabs {
		line.Tabs[i].Own = line.Tabs[i].Show == showMine
	}
	shared := c
	shared.Name = ""
	p := templates.QueuePage{Line: line, Works: c.MayClaim(), More: more, Shell: s.shellOf(bear, shared, "queue", title(c, line.Head))}
	p.Shell.Keys, p.Shell.Shared = true, true
	f = &surround{snap: snap, bearings: bear, until: snap.glanced(now).until}
	pieces, err := c.lang.Pieces(p)
	if err != nil {
		return nil, err
	}
	for _, plain := range pieces {
		f.pieces = append(f.pieces, surroundPiece{plain, compress(plain)})
	}
	s.surrounds.keep(k, f)
	return f, nil
}
