package queue_test

import (
	"testing"
	"time"

	"inviter/invitation"
	"inviter/ticket"
)

// again is a refused delivery of one thing, each time under another name.
func (d *desk) again(of ticket.Imprint, with ...invitation.Invitation) ticket.Delivery {
	del := d.delivery("jane@example.org", with...)
	del.Refusal, del.Imprint = &invitation.Refusal{Code: invitation.Damaged, Detail: "cut off"}, of
	del.Raw = &ticket.Raw{Body: []byte("torn")}
	return del
}

// What was refused is one refusal for good, under whatever name it comes once
// more: while it is there, when it was dismissed, and when it was used.
func TestRefusedUnderAnotherNameIsOneRefusal(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	one, two := ticket.Imprint{1}, ticket.Imprint{2}
	known := func(del ticket.Delivery, want bool, refusals int) {
		t.Helper()
		r := d.submit(del)
		if r.Outcome != ticket.Rejected || r.Known != want || len(d.refusals()) != refusals {
			t.Errorf("%+v, %d refusals, want %d", r, len(d.refusals()), refusals)
		}
		if e := d.ledger(del.Item); e.Outcome != ticket.Rejected || e.Refusal != invitation.Damaged || e.LetGo {
			t.Errorf("in the ledger: %+v", e)
		}
	}
	known(d.again(one), false, 1)
	known(d.again(two), false, 2)
	known(d.again(one), true, 2)
	elsewhere := d.again(one)
	elsewhere.Source = "mailbox:other"
	if r := d.submit(elsewhere); r.Known || len(d.refusals()) != 3 {
		t.Errorf("of another source: %+v", r)
	}
	for n := range 2 { // what nothing is known of is each its own
		known(d.again(ticket.Imprint{}), false, 4+n)
	}
	first := d.refusals()[4].ID
	if err := d.DismissRefusal(ctx, first, lead); err != nil {
		t.Fatal(err)
	}
	known(d.again(one), true, 4)
	if _, err := d.Retry(ctx, d.refusals()[3].ID, ada, reads(nil, invite("two", d.clock.time(), time.Hour))); err != nil {
		t.Fatal(err)
	}
	known(d.again(two), true, 3)
	d.restart()
	known(d.again(one), true, 3)
	d.sound()
}

// What is refused though nothing says it was meant for us is let go at once.
func TestRefusedAndStays(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	del := d.again(ticket.Imprint{})
	del.Stays = true
	if r := d.submit(del); r.Outcome != ticket.Rejected || len(d.refusals()) != 1 || !d.ledger(del.Item).LetGo {
		t.Errorf("%+v, %+v", r, d.ledger(del.Item))
	}
	with := d.again(ticket.Imprint{}, invite("good", d.clock.time(), time.Hour))
	with.Stays = true
	if r := d.submit(with); r.Outcome != ticket.Queued || d.ledger(with.Item).LetGo {
		t.Errorf("%+v, %+v", r, d.ledger(with.Item))
	}
	d.sound()
}

// Beside a good invitation, a refused part is known again too.
func TestRefusedPartUnderAnotherName(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	good := invite("good", d.clock.time(), time.Hour)
	if r := d.submit(d.again(ticket.Imprint{1}, good)); r.Outcome != ticket.Queued || r.Known {
		t.Errorf("%+v", r)
	}
	if r := d.submit(d.again(ticket.Imprint{1}, good)); r.Outcome != ticket.Repeated || !r.Known || len(d.refusals()) != 1 {
		t.Errorf("%+v, %d refusals", r, len(d.refusals()))
	}
	d.sound()
}
