package queue_test

import (
	"testing"
	"time"

	"inviter/ticket"
)

func easy(item, key string) ticket.Request {
	return ticket.Request{Kind: ticket.EasyConnect, Source: "upload", Item: item, From: ticket.User{Key: key, Name: "Jane", Phone: "2214"}}
}

// helped asks, is claimed, connected and closed as solved.
func (d *desk) helped(item, key string) ticket.Ticket {
	d.t.Helper()
	k, _, err := d.Ask(d.t.Context(), easy(item, key))
	if err != nil {
		d.t.Fatal(err)
	}
	c := d.must(d.Claim(d.t.Context(), k.ID, ada))
	d.must(d.Connected(d.t.Context(), k.ID, ada, c.Claim.Number))
	d.must(d.Close(d.t.Context(), k.ID, ada, c.Claim.Number, ticket.Solved, ""))
	return k
}

func (d *desk) asked(item, key string) ticket.Ticket {
	d.t.Helper()
	k, _, err := d.Ask(d.t.Context(), easy(item, key))
	if err != nil {
		d.t.Fatal(err)
	}
	return k
}

func TestTrustIsEarnedUsedAndRevoked(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	first := d.helped("1", "upload:x:jane")
	if !first.PasswordRequired || first.Has(ticket.TrustedContact) {
		t.Errorf("the first time: %+v", first)
	}
	d.clock.pass(24 * time.Hour)
	second := d.asked("2", "upload:x:jane")
	if second.PasswordRequired || !second.Has(ticket.TrustedContact) {
		t.Errorf("the second time: %+v", second)
	}
	if other := d.asked("3", "upload:x:tom"); other.Has(ticket.TrustedContact) {
		t.Error("somebody else is trusted")
	}
	_, err := d.Claim(ctx, second.ID, ticket.Technician{Name: "vic", Role: ticket.RoleViewer})
	refused(t, err, ticket.CodeForbidden) // trust changes nothing about who may claim
	list, err := d.Trusts(ctx)
	if err != nil || len(list) != 1 || list[0].By != "ada" || list[0].Ticket != first.ID || list[0].User.Name != "Jane" {
		t.Fatalf("%+v %v", list, err)
	}
	if in, err := d.TrustIn(ctx, second.ID); err != nil || in != list[0] {
		t.Errorf("%+v %v", in, err)
	}
	refused(t, d.Revoke(ctx, list[0].ID, ticket.Technician{Name: "vic", Role: ticket.RoleViewer}), ticket.CodeForbidden)
	if err := d.Revoke(ctx, list[0].ID, grace); err != nil {
		t.Fatal(err)
	}
	refused(t, d.Revoke(ctx, list[0].ID, grace), ticket.CodeUnknown)
	if got := d.get(second.ID); !got.PasswordRequired || got.Has(ticket.TrustedContact) || got.State != ticket.Waiting {
		t.Errorf("the open ticket still says so: %+v", got)
	}
	_, err = d.TrustIn(ctx, second.ID)
	refused(t, err, ticket.CodeUnknown)
	if got := d.asked("4", "upload:x:jane"); got.Has(ticket.TrustedContact) {
		t.Error("trusted after it was revoked")
	}
	events, err := d.History(ctx, first.ID)
	last := events[len(events)-1]
	if err != nil || last.Kind != ticket.EventDistrusted || last.By != "grace" || last.Other != "team" {
		t.Errorf("%+v %v", last, err)
	}
	d.sound()
}

// TestTrustRunsOut 180 days after its last use, swept or not; the user may end it.
func TestTrustRunsOut(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	d.helped("1", "upload:x:jane")
	d.clock.pass(179 * 24 * time.Hour)
	used := d.helped("2", "upload:x:jane") // which counts as its last use
	d.clock.pass(179 * 24 * time.Hour)
	if got := d.asked("3", "upload:x:jane"); !got.Has(ticket.TrustedContact) {
		t.Error("ended although it was used")
	}
	d.clock.pass(24 * time.Hour)
	if got := d.asked("4", "upload:x:jane"); got.Has(ticket.TrustedContact) {
		t.Error("lives on unused")
	}
	if list, err := d.Trusts(ctx); err != nil || len(list) != 0 {
		t.Errorf("%+v %v", list, err)
	}
	refused(t, d.RevokeIn(ctx, used.ID), ticket.CodeUnknown)
	again := d.helped("5", "upload:x:jane")
	if err := d.RevokeIn(ctx, again.ID); err != nil {
		t.Error(err)
	}
	events, err := d.History(ctx, used.ID)
	if err != nil || len(events) == 0 {
		t.Errorf("%v", err)
	}
	if got := d.asked("6", "upload:x:jane"); got.Has(ticket.TrustedContact) {
		t.Error("trusted after the user ended it")
	}
	d.sound()
}
