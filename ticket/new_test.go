package ticket_test

import (
	"slices"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/ticket"
)

func TestNewTicket(t *testing.T) {
	t.Parallel()
	now := epoch
	inv := invitation.Invitation{
		Format: invitation.RA2, User: "jdoe", Start: now.Add(-time.Hour), Minutes: 60 * 48,
		PasswordRequired: true, File: []byte("x"),
	}
	d := ticket.Delivery{
		Source: "mailbox:helpdesk", Item: "INBOX;1;7", Received: now.Add(-time.Minute),
		From: ticket.User{Key: "k", Name: "Jane Doe", Address: "jane@example.org"},
	}
	got := ticket.New(d, inv, ticket.DefaultRules(), now)
	if got.State != ticket.Waiting || !got.WaitingSince.Equal(d.Received) || !got.QueuedAt.Equal(now) {
		t.Errorf("state %s, waiting since %v, queued %v", got.State, got.WaitingSince, got.QueuedAt)
	}
	if want := inv.Start.Add(24 * time.Hour); !got.Expires.Equal(want) {
		t.Errorf("expires %v, want %v", got.Expires, want)
	}
	if !slices.Equal(got.Flags, []ticket.Flag{ticket.LifetimeCapped}) {
		t.Errorf("flags %v", got.Flags)
	}
	d.Received = now.Add(time.Hour) // a server's clock that is ahead
	if got := ticket.New(d, inv, ticket.DefaultRules(), now); !got.WaitingSince.Equal(now) {
		t.Errorf("waiting since %v, which is to come", got.WaitingSince)
	}
}

func TestNameMismatchIsMarkedWhereNamesDiffer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, address, claimed string
		mismatch               bool
	}{
		{"Jane Doe", "jane@example.org", "jdoe", false},
		{"Jane Doe", "jane@example.org", `CORP\DoeJ`, false},
		{"", "jane.doe@example.org", "jane", false},
		{"Bo Li", "bo@example.org", "bo", false},
		{"علياء المنصوري", "alia@example.org", "alia", false},
		{"Jane Doe", "jane@example.org", "Administrator", true},
		{"Jane Doe", "jane@example.org", "", false},
		{"", "", "Administrator", false},
		{"Jörg Müller", "", "jörg", false},
	} {
		d := ticket.Delivery{From: ticket.User{Name: c.name, Address: c.address}}
		got := ticket.New(d, invitation.Invitation{User: c.claimed}, ticket.DefaultRules(), epoch)
		if got.Has(ticket.NameMismatch) != c.mismatch {
			t.Errorf("%q <%s> and %q: mismatch %v", c.name, c.address, c.claimed, !c.mismatch)
		}
	}
}
