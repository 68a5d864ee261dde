package web

import (
	"context"
	"slices"
	"sync"
	"time"

	"inviter/ticket"
)

// bearings are what every page says besides its subject: read once for all pages
// until something is committed, and for a second at the most, since some of it
// changes by time alone.
type bearings struct {
	sources []ticket.SourceState
	sent    ticket.OutboxState
	still   []ticket.Still

	commits int64 // as far as was known when they were read
	until   time.Time
}

// commits counts hints of commits: those of this process are known before they
// are acknowledged to anybody, so nobody's page is behind what he did; those of
// others within 250 ms.
type commits struct {
	mu    sync.Mutex
	hints <-chan struct{} // nil while nobody follows
	seen  int64
	last  *bearings
}

// follow counts the hints of a channel; nil ends that.
func (c *commits) follow(hints <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hints, c.last = hints, nil
}

// known are the bearings that still hold, nil where there are none.
func (c *commits) known(now time.Time) (f *bearings, seen int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.hints:
		c.seen++
	default:
	}
	if f = c.last; f == nil || f.commits != c.seen || !now.Before(f.until) || now.Before(f.until.Add(-glanceFor)) {
		return nil, c.seen
	}
	return f, c.seen
}

// keep is for bearings that were read after known was asked.
func (c *commits) keep(f *bearings) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hints != nil && f.commits == c.seen {
		c.last = f
	}
}

// bearings are those of now. What they hold is not to be changed.
func (s *Site) bearings(ctx context.Context) (*bearings, error) {
	now := s.clock()
	known, seen := s.commits.known(now)
	if known != nil {
		return known, nil
	}
	f := &bearings{commits: seen, until: now.Add(glanceFor)}
	var err error
	if f.sources, err = s.Queue.Sources(ctx); err == nil {
		f.sent, err = s.Queue.Outbox(ctx)
	}
	if err == nil {
		f.still, err = s.Queue.StillNeeding(ctx)
	}
	if err != nil {
		return nil, err
	}
	s.commits.keep(f)
	return f, nil
}

// sourcesOf are the bearings' sources as they are at now.
func (s *Site) sourcesOf(f *bearings, now time.Time) []ticket.SourceState {
	return s.standing(slices.Clone(f.sources), now)
}
