package queue_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/queue"
	"inviter/ticket"
)

func TestTheWholeLifeOfATicket(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	id := d.wait("jane@example.org", "a")
	got := d.get(id)
	want := ticket.Ticket{
		ID: 1, State: ticket.Waiting, Kind: ticket.File, ClaimedName: "a", PasswordRequired: true,
		Start: epoch(), WaitingSince: epoch(), QueuedAt: epoch(), Expires: epoch().Add(time.Hour), Size: 13, Revision: 1,
	}
	if got.ID != want.ID || got.State != want.State || got.Kind != want.Kind || got.ClaimedName != want.ClaimedName ||
		!got.PasswordRequired || !got.Start.Equal(want.Start) || !got.WaitingSince.Equal(want.WaitingSince) ||
		!got.Expires.Equal(want.Expires) || got.Size != want.Size || got.Revision != 1 || len(got.Endpoints) != 1 ||
		got.User.Key != "jane@example.org" || len(got.Deliveries) != 1 || got.Deliveries[0].Source != "mailbox:helpdesk" {
		t.Fatalf("stored %+v", got)
	}

	d.clock.pass(time.Minute)
	c := d.must(d.Claim(ctx, id, ada))
	if c.State != ticket.Claimed || c.Claim.Number != 1 || c.Claim.Holder != "ada" || !c.Claim.Since.Equal(epoch().Add(time.Minute)) {
		t.Fatalf("claimed %+v %+v", c, c.Claim)
	}
	no := refused(t, second(d.Claim(ctx, id, grace)), ticket.CodeTaken)
	if no.Holder != "ada" || !no.Since.Equal(epoch().Add(time.Minute)) {
		t.Errorf("taken: %+v", no)
	}
	file, err := d.File(ctx, id, ada, 1, "192.0.2.7")
	if err != nil || !bytes.Equal(file, []byte("the file of a")) {
		t.Fatalf("file %q, %v", file, err)
	}
	if _, err := d.File(ctx, id, grace, 1, ""); err == nil {
		t.Error("somebody else got the file")
	}
	d.must(d.Connected(ctx, id, ada, 1))
	d.must(d.Renew(ctx, id, ada, 1))
	back := d.must(d.Release(ctx, id, ada, 1, ticket.ReasonWrongSkill, "printer"))
	if back.State != ticket.Waiting || !back.WaitingSince.Equal(epoch()) || back.Claim != nil {
		t.Fatalf("handed back %+v", back)
	}
	d.must(d.Claim(ctx, id, grace))
	refused(t, second(d.Renew(ctx, id, ada, 1)), ticket.CodeNotHolder)
	d.must(d.Transfer(ctx, id, grace, 2, ada))
	refused(t, second(d.TakeOver(ctx, id, grace, "quick")), ticket.CodeLeaseAlive)
	d.must(d.TakeOver(ctx, id, lead, "shift ends"))
	end := d.must(d.Close(ctx, id, lead, 4, ticket.Solved, "restarted"))
	if end.State != ticket.Closed || end.Outcome != ticket.Solved || end.Size != 0 || end.Claims != 4 {
		t.Fatalf("closed %+v", end)
	}
	refused(t, second(d.Claim(ctx, id, ada)), ticket.CodeClosed)
	if again := d.get(id); again.Revision != end.Revision || again.State != ticket.Closed {
		t.Errorf("read back %+v", again)
	}
	history, err := d.History(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	kinds := []string{}
	for _, e := range history {
		kinds = append(kinds, string(e.Kind))
	}
	if got := strings.Join(kinds, " "); got != "submitted claimed fetched connected released claimed transferred taken-over closed" {
		t.Errorf("history: %s", got)
	}
	if f := history[2]; f.By != "ada" || f.Other != "192.0.2.7" || f.Claim != 1 {
		t.Errorf("the file's hand-out: %+v", f)
	}
	d.sound()
}

func second[T any](_ T, err error) error { return err }

func TestUnknownTicket(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	verbs := map[string]error{
		"read":     second(d.Ticket(ctx, 7)),
		"claim":    second(d.Claim(ctx, 7, ada)),
		"file":     second(d.File(ctx, 7, ada, 1, "")),
		"withdraw": second(d.Withdraw(ctx, 7)),
		"disown":   second(d.Disown(ctx, 7)),
	}
	for name, err := range verbs {
		t.Log(name)
		refused(t, err, ticket.CodeUnknown)
	}
	if h, err := d.History(ctx, 7); err != nil || len(h) != 0 {
		t.Errorf("history %v, %v", h, err)
	}
}

func TestQuarantine(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	del := d.delivery("eve@example.org", invite("a", d.clock.time(), time.Hour))
	del.Quarantine = true
	id := d.submit(del).Tickets[0]
	refused(t, second(d.Claim(ctx, id, ada)), ticket.CodeQuarantined)
	refused(t, second(d.Approve(ctx, id, ada)), ticket.CodeForbidden)
	d.must(d.Approve(ctx, id, lead))
	d.must(d.Claim(ctx, id, ada))
	d.must(d.Disown(ctx, id))
	refused(t, second(d.File(ctx, id, ada, 1, "")), ticket.CodeNotHolder)
	end := d.must(d.Refuse(ctx, id, lead, "forged"))
	if end.State != ticket.Refused || end.EndNote != "forged" {
		t.Errorf("refused: %+v", end)
	}
	d.sound()
}

func TestSupersedeAndFirstRefusal(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	old := d.wait("jane@example.org", "old")
	d.clock.pass(time.Minute)
	mid := d.wait("jane@example.org", "mid")
	if o, m := d.get(old), d.get(mid); o.State != ticket.Superseded || o.SupersededBy != mid || m.Supersedes != old ||
		!m.WaitingSince.Equal(epoch()) {
		t.Fatalf("old %+v, mid %+v", o, m)
	}
	d.must(d.Claim(ctx, mid, ada))
	d.clock.pass(time.Minute)
	young := d.wait("jane@example.org", "young")
	if y := d.get(young); !y.Has(ticket.WithHolder) || y.Reserved == nil || y.Reserved.Holder != "ada" {
		t.Fatalf("young %+v", y)
	}
	no := refused(t, second(d.Claim(ctx, young, grace)), ticket.CodeFirstRefusal)
	if no.Holder != "ada" || !no.Until.Equal(d.clock.time().Add(time.Minute)) {
		t.Errorf("first refusal: %+v", no)
	}
	if _, ok, err := d.ClaimNext(ctx, grace); ok || err != nil {
		t.Errorf("next under first refusal: %v, %v", ok, err)
	}
	if got, ok, err := d.ClaimNext(ctx, ada); !ok || err != nil || got.ID != young {
		t.Fatalf("the holder's next: %v, %v, %v", got.ID, ok, err)
	}
	if m := d.get(mid); m.State != ticket.Superseded || m.SupersededBy != young {
		t.Errorf("mid %+v", m)
	}
	late := d.submit(d.delivery("jane@example.org", invite("late", epoch().Add(-time.Minute), time.Hour)))
	if l := d.get(late.Tickets[0]); late.Outcome != ticket.Queued || l.State != ticket.Superseded || l.SupersededBy != young {
		t.Errorf("a delayed old mail: %+v", l)
	}
	d.sound()
}

func TestNextIsLongestInLineButUrgentFirst(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	add := func(name string, life time.Duration) ticket.ID {
		d.clock.pass(time.Second)
		return d.submit(d.delivery("", invite(name, d.clock.time(), life))).Tickets[0]
	}
	first := add("first", time.Hour)
	other := add("second", time.Hour)
	soon := add("soon", 8*time.Minute)
	sooner := add("sooner", 5*time.Minute)
	q := d.delivery("", invite("looked at", d.clock.time(), time.Minute))
	q.Quarantine = true
	d.submit(q)
	var got []ticket.ID
	for {
		c, ok, err := d.ClaimNext(ctx, ada)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		got = append(got, c.ID)
	}
	if want := []ticket.ID{sooner, soon, first, other}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	add("one more", time.Hour)
	refused(t, third(d.ClaimNext(ctx, guest)), ticket.CodeForbidden)
}

func third[T, U any](_ T, _ U, err error) error { return err }

func TestNotesAreBounded(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	id := d.wait("", "a")
	d.must(d.Claim(ctx, id, ada))
	for _, note := range []string{strings.Repeat("x", queue.MaxNote+1), "\xff"} {
		refused(t, second(d.Close(ctx, id, ada, 1, ticket.Solved, note)), ticket.CodeBadRequest)
	}
	d.must(d.Close(ctx, id, ada, 1, ticket.Solved, strings.Repeat("x", queue.MaxNote)))
}

func TestClaimGoesOnWhenTheClientHangsUp(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.wait("", "a")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := d.Claim(ctx, id, ada) // before it was taken up: wholly undone
	if err == nil || d.get(id).State != ticket.Waiting {
		t.Errorf("%v, %v", err, d.get(id).State)
	}
	d.sound()
}

func TestDismissingFreesAllThatOneHolds(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	mine := []ticket.ID{d.wait("a@example.org", "a"), d.wait("b@example.org", "b")}
	hers, ended := d.wait("c@example.org", "c"), d.wait("d@example.org", "d")
	for _, id := range append(mine, ended) {
		d.must(d.Claim(ctx, id, ada))
	}
	d.must(d.Close(ctx, ended, ada, 1, ticket.Solved, ""))
	d.must(d.Claim(ctx, hers, grace))
	for range 2 { // again, it changes nothing
		if err := d.Dismiss(ctx, "ada", "boss"); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range mine {
		if got := d.get(id); got.State != ticket.Waiting || got.Claim != nil {
			t.Errorf("ticket %d is %s", id, got.State)
		}
		refused(t, second(d.File(ctx, id, ada, 1, "")), ticket.CodeNotHolder)
	}
	if got := d.get(hers); got.State != ticket.Claimed || got.Claim.Holder != "grace" {
		t.Errorf("a colleague's ticket is %s", got.State)
	}
	history, err := d.History(ctx, mine[0])
	if err != nil || history[len(history)-1].Kind != ticket.EventDismissed || history[len(history)-1].By != "boss" {
		t.Errorf("history %+v, %v", history, err)
	}
}
