package web

import (
	"context"
	"time"

	"inviter/ticket"
)

// glance is the queue in a few numbers, as every page's head shows it.
type glance struct {
	until                time.Time // it holds so long
	waiting, quarantined int
	claimed              map[string]int // by holder
	held                 int
	longest              time.Time // since when the first in line waits
	soonest              time.Time // the end of one that waits that comes first
	ending               int       // how many end within the hour
	outside              bool      // one that waits is flagged outside-networks
}

// glanceFor bounds how long the numbers of one revision are believed.
const glanceFor = time.Second

// glanced counts once for all readers of the same second.
func (s *snapshot) glanced(now time.Time) *glance {
	if g := s.glance.Load(); g != nil && now.Before(g.until) && !now.Before(g.until.Add(-glanceFor)) {
		return g
	}
	g := &glance{until: now.Add(glanceFor), claimed: map[string]int{}}
	for _, e := range s.line {
		if !e.live(now) {
			continue
		}
		g.count(e, now)
		if e.State != ticket.Claimed && e.Expires.Before(g.until) {
			g.until = e.Expires
		}
	}
	s.glance.Store(g)
	return g
}

func (g *glance) count(e *entry, now time.Time) {
	switch e.State {
	case ticket.Claimed:
		g.claimed[e.Claim.Holder]++
		g.held++
	case ticket.Quarantined:
		g.quarantined++
	case ticket.Waiting:
		if g.waiting++; g.waiting == 1 {
			g.longest = e.WaitingSince
		}
		if g.soonest.IsZero() || e.Expires.Before(g.soonest) {
			g.soonest = e.Expires
		}
		if e.Expires.Sub(now) <= time.Hour {
			g.ending++
		}
		g.outside = g.outside || e.Has(ticket.OutsideNetworks)
	}
}

// missed is how many expired unclaimed lately.
type missed struct {
	until time.Time
	n     int
}

// missedFor is how long an invitation that nobody claimed is kept in sight on
// the queue's own page; history and reports have it for good.
const missedFor = 7 * 24 * time.Hour

// missedLately counts once a minute and revision.
func (s *Site) missedLately(ctx context.Context, snap *snapshot) (int, error) {
	now := s.clock()
	if m := snap.missed.Load(); m != nil && now.Before(m.until) {
		return m.n, nil
	}
	n, err := s.Queue.MissedSince(ctx, now.Add(-missedFor))
	if err == nil {
		snap.missed.Store(&missed{until: now.Add(time.Minute), n: n})
	}
	return n, err
}
