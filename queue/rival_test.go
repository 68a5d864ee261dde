package queue_test

import (
	"testing"
	"time"

	"inviter/ticket"
)

// A forged mail neither pushes the real invitation out nor goes unmarked.
func TestForgedAndProvenStandSideBySide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second string
		quarantine    bool
	}{
		"forged second":       {"mail:jane@example.org proven", "mail:jane@example.org unproven", false},
		"forged first":        {"mail:jane@example.org unproven", "mail:jane@example.org proven", false},
		"forwarded":           {"mail:jane@example.org unproven via eve@example.com", "mail:jane@example.org proven", false},
		"forward of a proven": {"mail:jane@example.org proven", "mail:jane@example.org unproven via eve@example.com proven", false},
		"quarantined":         {"mail:jane@example.org unproven", "mail:jane@example.org proven", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			now := d.clock.time()
			first := d.delivery(c.first, invite("a", now, time.Hour))
			first.Quarantine = c.quarantine
			other := d.submit(d.delivery("mail:janet@example.org unproven", invite("o", now, time.Hour))).Tickets[0]
			a := d.submit(first).Tickets[0]
			b := d.submit(d.delivery(c.second, invite("b", now.Add(time.Minute), time.Hour))).Tickets[0]
			for _, id := range []ticket.ID{a, b} {
				if got := d.get(id); !got.Has(ticket.SenderConflict) || got.State.Ended() || got.SupersededBy != 0 || got.Supersedes != 0 {
					t.Errorf("%d: %s %v", id, got.State, got.Flags)
				}
			}
			if got := d.get(other); got.Has(ticket.SenderConflict) {
				t.Errorf("another user: %v", got.Flags)
			}
			d.sound()
		})
	}
}
