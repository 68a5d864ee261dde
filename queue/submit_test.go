package queue_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/ticket"
)

func TestSubmitIsIdempotent(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	first := d.delivery("jane@example.org", invite("a", d.clock.time(), time.Hour))
	receipt := d.submit(first)
	want := receipt
	want.Before = true
	if again := d.submit(first); receipt.Before || !reflect.DeepEqual(again, want) {
		t.Errorf("the same item again: %+v, first %+v", again, receipt)
	}
	copied := d.delivery("", first.Invitations...)
	copied.Source = "share:support"
	if r := d.submit(copied); r.Outcome != ticket.Repeated || !slices.Equal(r.Tickets, receipt.Tickets) {
		t.Errorf("the same invitation over another way: %+v", r)
	}
	got := d.get(receipt.Tickets[0])
	if len(got.Deliveries) != 2 || got.Deliveries[1].Source != "share:support" || got.User.Key != "jane@example.org" {
		t.Errorf("deliveries %+v", got.Deliveries)
	}
	d.must(d.Withdraw(ctx, got.ID))
	late := d.delivery("jane@example.org", first.Invitations...)
	if r := d.submit(late); r.Outcome != ticket.Repeated || d.get(got.ID).State != ticket.Withdrawn {
		t.Errorf("an ended ticket's invitation: %+v, %s", r, d.get(got.ID).State)
	}
	if n, err := d.Counts(ctx); err != nil || n[ticket.Withdrawn] != 1 || n[ticket.Waiting] != 0 {
		t.Errorf("counts %v, %v", n, err)
	}
	d.sound()
}

func TestSubmitOutcomes(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	now := d.clock.time()
	no := &invitation.Refusal{Code: invitation.Damaged, Detail: "cut off"}
	old := invite("old", now.Add(-2*time.Hour), time.Hour)
	known := invite("known", now, time.Hour)
	d.submit(d.delivery("", known))
	with := func(del ticket.Delivery, r *invitation.Refusal) ticket.Delivery {
		del.Refusal = r
		return del
	}
	tests := []struct {
		name    string
		d       ticket.Delivery
		want    ticket.Outcome
		tickets int
		held    bool
	}{
		{"new", d.delivery("", invite("new", now, time.Hour)), ticket.Queued, 1, true},
		{"known", d.delivery("", known), ticket.Repeated, 1, true},
		{"past its expiry", d.delivery("", old), ticket.Dead, 1, true},
		{"damaged", with(d.delivery("bob@example.org"), no), ticket.Rejected, 0, true},
		{"nothing for us", d.delivery(""), ticket.Ignored, 0, false},
		{"copies in one mail", d.delivery("", invite("c", now, time.Hour), invite("c", now, time.Hour)), ticket.Queued, 1, true},
		{"new and known", d.delivery("", known, invite("n2", now, time.Hour)), ticket.Queued, 2, true},
		{"good and damaged", with(d.delivery("", invite("n3", now, time.Hour)), no), ticket.Queued, 1, true},
	}
	items := []string{"never seen"}
	for _, tt := range tests {
		if r := d.submit(tt.d); r.Item != tt.d.Item || r.Outcome != tt.want || len(r.Tickets) != tt.tickets {
			t.Errorf("%s: %+v", tt.name, r)
		}
		items = append(items, tt.d.Item)
	}
	entries, err := d.Recorded(ctx, "mailbox:helpdesk", items)
	if err != nil || len(entries) != len(tests) {
		t.Fatalf("recorded %v, %v", entries, err)
	}
	for _, tt := range tests {
		e := entries[tt.d.Item]
		if e.Outcome != tt.want || e.LetGo == tt.held || len(e.Tickets) != tt.tickets || !e.At.Equal(now) {
			t.Errorf("%s: ledger %+v", tt.name, e)
		}
	}
	if e := entries[tests[3].d.Item]; e.Refusal != invitation.Damaged {
		t.Errorf("damaged: %+v", e)
	}
	if dead := d.get(entries[tests[2].d.Item].Tickets[0]); dead.State != ticket.Expired || dead.Size != 0 {
		t.Errorf("dead on arrival: %+v", dead)
	}
	refusals, err := d.Refusals(ctx)
	if err != nil || len(refusals) != 2 || refusals[1].From != "bob@example.org" ||
		refusals[1].Code != invitation.Damaged || refusals[1].Message != "cut off" {
		t.Errorf("refusals %+v, %v", refusals, err)
	}
	d.sound()
}

func TestABatchIsOneTransaction(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	good := d.delivery("", invite("good", d.clock.time(), time.Hour))
	bad := d.delivery("", invite("bad", d.clock.time(), time.Hour))
	bad.Item = "" // no source gives such a thing
	if r, err := d.Submit(ctx, []ticket.Delivery{good, bad}); err == nil {
		t.Fatalf("a faulty batch: %+v", r)
	}
	if n, err := d.Counts(ctx); err != nil || n[ticket.Waiting] != 0 {
		t.Errorf("left behind: %v, %v", n, err)
	}
	if rev, err := d.Revision(ctx); err != nil || rev != 0 {
		t.Errorf("revision %d, %v", rev, err)
	}
	if r := d.submit(good); r.Outcome != ticket.Queued || r.Tickets[0] != 1 {
		t.Errorf("handed in again: %+v", r)
	}
	d.sound()
}

func TestFloodOfOneInvitationStaysSmall(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	inv := invite("a", d.clock.time(), time.Hour)
	var batch []ticket.Delivery
	for range 200 {
		batch = append(batch, d.delivery("", inv))
	}
	if _, err := d.Submit(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if got := d.get(1); len(got.Deliveries) != 50 {
		t.Errorf("%d deliveries noted", len(got.Deliveries))
	}
	if h, err := d.History(t.Context(), 1); err != nil || len(h) != 50 {
		t.Errorf("%d events, %v", len(h), err)
	}
	d.sound()
}

func TestLedger(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	const source = "mailbox:helpdesk"
	if mark, err := d.Position(ctx, source); err != nil || mark != "" {
		t.Fatalf("first position %q, %v", mark, err)
	}
	for _, mark := range []string{"1:7", "1:7", "1:9", ""} {
		if err := d.Advance(ctx, source, mark); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Position(ctx, source); err != nil || got != mark {
			t.Fatalf("position %q, want %q, %v", got, mark, err)
		}
	}
	var items []string
	for i := range 250 {
		del := d.delivery("", invite(fmt.Sprint(i), d.clock.time(), time.Hour))
		items = append(items, del.Item)
		d.submit(del)
	}
	got, err := d.Recorded(ctx, source, items)
	if err != nil || len(got) != 250 {
		t.Fatalf("%d recorded, %v", len(got), err)
	}
	if other, err := d.Recorded(ctx, "share:support", items); err != nil || len(other) != 0 {
		t.Fatalf("another source: %v, %v", other, err)
	}
	if err := d.LetGo(ctx, source, append([]string{"never seen"}, items[:247]...)); err != nil {
		t.Fatal(err)
	}
	held, err := d.Held(ctx, source, 2)
	if err != nil || len(held) != 2 || held[0].Item != items[247] || held[1].Item != items[248] || held[0].LetGo {
		t.Fatalf("held %+v, %v", held, err)
	}
	if err := d.LetGo(ctx, source, nil); err != nil {
		t.Error(err)
	}
}

func TestLedgerStaysWithoutCommitWhenNothingMoved(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	if err := d.Advance(ctx, "mailbox:a", "7"); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	hints := d.Notify(cancelled)
	defer cancel()
	for {
		select {
		case <-hints:
			continue
		case <-time.After(300 * time.Millisecond):
		}
		break
	}
	if err := d.Advance(ctx, "mailbox:a", "7"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-hints:
		t.Error("an idle poll committed something")
	case <-time.After(300 * time.Millisecond):
	}
}
