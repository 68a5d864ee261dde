package ticket_test

import (
	"testing"
	"time"

	"inviter/ticket"
)

func TestEstimate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	every := func(gap time.Duration, n int) (list []time.Time) {
		for i := n; i > 0; i-- {
			list = append(list, now.Add(-time.Duration(i)*gap))
		}
		return list
	}
	uneven := []time.Time{}
	for at, i := now.Add(-2*time.Hour), 0; at.Before(now); i++ {
		uneven = append(uneven, at)
		at = at.Add([]time.Duration{2, 3, 11, 4, 12}[i%5] * time.Minute)
	}
	for name, c := range map[string]struct {
		place    int
		claims   []time.Time
		from, to time.Duration
		ok       bool
	}{
		"no data":             {1, nil, 0, 0, false},
		"too few":             {1, every(time.Minute, 5), 0, 0, false},
		"not in line":         {0, every(time.Minute, 9), 0, 0, false},
		"steady, first":       {1, every(4*time.Minute, 9), 4 * time.Minute, 5 * time.Minute, true},
		"steady, third":       {3, every(4*time.Minute, 20), 10 * time.Minute, 15 * time.Minute, true},
		"far behind":          {8, every(4*time.Minute, 9), 30 * time.Minute, 35 * time.Minute, true},
		"uneven":              {1, uneven, 3 * time.Minute, 15 * time.Minute, true},
		"nobody claims now":   {1, every(time.Hour, 7), 0, 0, false},
		"longer than a shift": {200, every(4*time.Minute, 9), 0, 0, false},
	} {
		when := now
		if name == "nobody claims now" {
			when = now.Add(time.Hour)
		}
		from, to, ok := ticket.Estimate(c.place, c.claims, when)
		if from != c.from || to != c.to || ok != c.ok {
			t.Errorf("%s: %v to %v, %v; want %v to %v, %v", name, from, to, ok, c.from, c.to, c.ok)
		}
	}
}

// TestEstimateIsARange: whatever the data, the range has two ends in order.
func TestEstimateIsARange(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for gap := time.Second; gap < 20*time.Minute; gap += 7 * time.Second {
		for place := range 30 {
			claims := []time.Time{}
			for i := range 12 {
				claims = append(claims, now.Add(-time.Duration(12-i)*gap+time.Duration(i*i)*time.Second))
			}
			if from, to, ok := ticket.Estimate(place, claims, now); ok && (from < 0 || to <= from) {
				t.Fatalf("gap %v, place %d: %v to %v", gap, place, from, to)
			}
		}
	}
}

func TestAnswerAfterTheEnd(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, state := range ticket.States() {
		c := &ticket.Case{Ticket: &ticket.Ticket{ID: 1, State: state, Expires: now.Add(time.Hour), Claim: &ticket.Claim{LeaseUntil: now.Add(time.Hour)}}, Now: now, Rules: ticket.DefaultRules()}
		if state != ticket.Claimed {
			c.Ticket.Claim = nil
		}
		err := c.Tell(false)
		if state != ticket.Closed {
			if err == nil || len(c.Events) > 0 {
				t.Errorf("%s: %v %v", state, err, c.Events)
			}
			continue
		}
		if err != nil || len(c.Events) != 1 || c.Events[0].Kind != ticket.EventTold || c.Events[0].By != ticket.ByUser || c.Events[0].Other != ticket.StillHelp {
			t.Errorf("%v %+v", err, c.Events)
		}
	}
}

func TestFirstName(t *testing.T) {
	t.Parallel()
	for account, want := range map[string]string{"ada": "Ada", "grace.hopper": "Grace", "grace hopper": "Grace", "élise@example.org": "Élise", "": "", "...": "..."} {
		if got := ticket.FirstName(account); got != want {
			t.Errorf("%q: %q, want %q", account, got, want)
		}
	}
}
