package queue_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/ticket"
)

// code is another product's id as an invitation.
func code(id string) invitation.Invitation {
	return invitation.Invitation{Format: "anydesk", Key: sha256.Sum256([]byte(id)), File: []byte("AnyDesk: " + id),
		Endpoints: []invitation.Endpoint{{URI: "anydesk:" + id}}, Warnings: []invitation.Warning{invitation.NoExpiry}}
}

// TestCodeIsOneRequestWhileItIsOpen: an id is the computer's for ever, so the
// next request with it is a new one, and a late copy of the last one isn't.
func TestCodeIsOneRequestWhileItIsOpen(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	one := d.submit(d.delivery("jane", code("987654321")))
	first := d.get(one.Tickets[0])
	if one.Outcome != ticket.Queued || first.Kind != ticket.Code || first.Format != "anydesk" || !first.Expires.Equal(epoch().Add(6*time.Hour)) || !first.Has(ticket.NoExpiry) {
		t.Fatalf("%+v %+v", one, first)
	}
	d.clock.pass(time.Minute)
	late := d.delivery("jane", code("987654321")) // on its way for long
	if r := d.submit(d.delivery("jane", code("987654321"))); r.Outcome != ticket.Repeated || r.Tickets[0] != first.ID {
		t.Errorf("%+v", r)
	}
	d.must(d.Claim(ctx, first.ID, ada))
	if file, err := d.File(ctx, first.ID, ada, 1, ""); err != nil || string(file) != "AnyDesk: 987654321" {
		t.Errorf("%q %v", file, err)
	}
	_, _, err := d.Unlock(ctx, first.ID, ada, 1, "x")
	refused(t, err, ticket.CodeBadRequest)
	d.clock.pass(time.Minute)
	d.must(d.Close(ctx, first.ID, ada, 1, ticket.Solved, ""))
	if r := d.submit(late); r.Outcome != ticket.Repeated || r.Tickets[0] != first.ID {
		t.Errorf("the late copy: %+v", r)
	}
	d.clock.pass(time.Hour)
	again := d.submit(d.delivery("jane", code("987654321")))
	if again.Outcome != ticket.Queued || again.Tickets[0] == first.ID {
		t.Errorf("the next request: %+v", again)
	}
	d.clock.pass(7 * time.Hour) // that one's time is up, and no sweep came by
	if r := d.submit(d.delivery("jane", code("987654321"))); r.Outcome != ticket.Queued || r.Tickets[0] == again.Tickets[0] {
		t.Errorf("after expiry: %+v", r)
	}
	d.sound()
}

// TestCodeIsItsUsersOwn: who guesses an id can't take another's request away.
func TestCodeIsItsUsersOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	forged := d.submit(d.delivery("eve", code("987654321")))
	if r := d.submit(d.delivery("jane", code("987654321"))); r.Outcome != ticket.Queued || r.Tickets[0] == forged.Tickets[0] {
		t.Errorf("%+v", r)
	}
	d.sound()
}

// TestAtMostOneWaitsOfAUser: a newer code, or an invitation, takes its place.
func TestAtMostOneWaitsOfAUser(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.submit(d.delivery("jane", code("1"))).Tickets[0]
	d.clock.pass(time.Minute)
	second := d.submit(d.delivery("jane", code("2"))).Tickets[0]
	if d.get(first).State != ticket.Superseded || d.get(second).State != ticket.Waiting {
		t.Errorf("%s, %s", d.get(first).State, d.get(second).State)
	}
	d.clock.pass(time.Minute)
	third := d.wait("jane", "a file")
	if got := d.get(third); d.get(second).State != ticket.Superseded || !got.WaitingSince.Equal(epoch()) {
		t.Errorf("%s, waiting since %v", d.get(second).State, got.WaitingSince)
	}
	d.sound()
}
