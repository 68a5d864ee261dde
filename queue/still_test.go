package queue_test

import (
	"testing"
	"time"

	"inviter/ticket"
)

// TestStillNeeding: who says so after a close is shown until in line again, or
// helped since, or for a day.
func TestStillNeeding(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	closed := func(user, what string) ticket.ID {
		id := d.wait(user, what)
		c := d.must(d.Claim(ctx, id, ada))
		d.must(d.Close(ctx, id, ada, c.Claim.Number, ticket.Solved, ""))
		return id
	}
	still := func(want ...ticket.ID) {
		t.Helper()
		list, err := d.StillNeeding(ctx)
		if err != nil || len(list) != len(want) {
			t.Fatalf("%+v %v, want %v", list, err, want)
		}
		for i, s := range list {
			if s.Ticket != want[i] || s.Closed.IsZero() {
				t.Errorf("%+v, want %v", list, want)
			}
		}
	}
	jane := closed("jane", "a")
	d.clock.pass(time.Minute)
	tom := closed("tom", "b")
	still()
	d.must(d.Tell(ctx, jane, false))
	d.must(d.Tell(ctx, tom, true))
	still(jane)
	d.clock.pass(time.Minute)
	again := d.wait("jane", "c")
	still() // in line
	c := d.must(d.Claim(ctx, again, ada))
	d.must(d.Close(ctx, again, ada, c.Claim.Number, ticket.Solved, ""))
	still() // and helped since
	d.must(d.Tell(ctx, again, false))
	still(again)
	d.clock.pass(24 * time.Hour)
	still()
	d.sound()
}
