package ticket_test

import (
	"testing"
	"time"

	"inviter/ticket"
)

func TestAClaimCanBeUndoneForTenSeconds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		after time.Duration
		first func(d *desk, a *ticket.Ticket)
		code  ticket.RefusalCode
	}{
		{"at once", 0, nil, ""},
		{"in time", ticket.UndoFor - time.Millisecond, nil, ""},
		{"too late", ticket.UndoFor, nil, ticket.CodeTooLate},
		{"file fetched", time.Second, func(d *desk, a *ticket.Ticket) { d.must(d.of(a).Fetch(ada, 1)) }, ticket.CodeTooLate},
		{"connected", time.Second, func(d *desk, a *ticket.Ticket) { d.must(d.of(a).Connect(ada, 1)) }, ticket.CodeTooLate},
		{"passed on", time.Second, func(d *desk, a *ticket.Ticket) { d.must(d.of(a).Transfer(ada, 1, grace)) }, ticket.CodeNotHolder},
		{"undone already", time.Second, func(d *desk, a *ticket.Ticket) { d.must(d.of(a).Undo(ada, 1)) }, ticket.CodeNotHolder},
		{"ended", time.Second, func(d *desk, a *ticket.Ticket) { d.must(d.of(a).Withdraw()) }, ticket.CodeWithdrawn},
	} {
		d := newDesk(t)
		a := d.submit(d.now)
		d.must(d.of(a).Claim(ada))
		d.after(c.after)
		if c.first != nil {
			c.first(d, a)
		}
		k := d.of(a)
		err := k.Undo(ada, 1)
		if c.code != "" {
			d.refuses(err, c.code)
			continue
		}
		d.must(err)
		d.is(a, ticket.Waiting)
		if len(k.Events) != 1 || k.Events[0].Kind != ticket.EventUndone || k.Events[0].Claim != 1 {
			t.Errorf("%s: events %+v", c.name, k.Events)
		}
		d.must(d.of(a).Claim(grace))
		if a.Claim.Number != 2 {
			t.Errorf("%s: the next claim has number %d", c.name, a.Claim.Number)
		}
	}
}
