package web

import (
	"context"
	"sync"
	"time"

	"inviter/ticket"
)

// summary is the queue at one revision, as every page's head shows it.
type summary struct {
	revision int64
	counts   map[ticket.State]int
	claimed  []ticket.Ticket
	waiting  []ticket.Ticket // the first maxWaiting
}

// maxWaiting bounds what is looked through for the end that comes first. With
// more waiting than that, the head leaves it out.
const maxWaiting = 1000

// summaries reads each revision once, for all pages.
type summaries struct {
	queue interface {
		Line
		Changes
	}
	mu   sync.Mutex
	last *summary
}

// at is the summary of the present revision.
func (s *summaries) at(ctx context.Context) (*summary, error) {
	revision, err := s.queue.Revision(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last != nil && s.last.revision == revision {
		return s.last, nil
	}
	next := &summary{}
	if next.counts, err = s.queue.Counts(ctx); err != nil {
		return nil, err
	}
	claimed, err := s.queue.List(ctx, Filter{States: []ticket.State{ticket.Claimed}, Limit: maxWaiting})
	if err != nil {
		return nil, err
	}
	waiting, err := s.queue.List(ctx, Filter{States: []ticket.State{ticket.Waiting}, Limit: maxWaiting})
	if err != nil {
		return nil, err
	}
	next.claimed, next.waiting = claimed.Tickets, waiting.Tickets
	next.revision = min(claimed.Revision, waiting.Revision)
	s.last = next
	return next, nil
}

// mine counts what name holds.
func (s *summary) mine(name string) int {
	n := 0
	for _, t := range s.claimed {
		if t.Claim != nil && t.Claim.Holder == name {
			n++
		}
	}
	return n
}

// ending is how many end within the hour and when the first of all ends; a zero
// time where more wait than were looked through.
func (s *summary) ending(now time.Time) (n int, soonest time.Time) {
	if s.counts[ticket.Waiting] > len(s.waiting) {
		return 0, time.Time{}
	}
	for _, t := range s.waiting {
		if soonest.IsZero() || t.Expires.Before(soonest) {
			soonest = t.Expires
		}
		if t.Expires.Sub(now) <= time.Hour {
			n++
		}
	}
	return n, soonest
}
