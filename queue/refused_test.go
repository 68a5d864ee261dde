package queue_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
	"inviter/invitation"
	"inviter/queue"
	"inviter/ticket"
)

// reject hands in something that can't be used, and gives its refusal's number.
func (d *desk) reject(raw string, with ...invitation.Invitation) int64 {
	d.t.Helper()
	del := d.delivery("jane@example.org", with...)
	del.Refusal = &invitation.Refusal{Code: invitation.Damaged, Detail: "cut off"}
	if raw != "" {
		del.Raw = &ticket.Raw{Name: "a.msrcIncident", Body: []byte(raw)}
	}
	d.submit(del)
	return d.refusals()[0].ID
}

func (d *desk) refusals() []ticket.RefusedItem {
	d.t.Helper()
	list, err := d.Refusals(context.Background())
	if err != nil {
		d.t.Fatal(err)
	}
	return list
}

// reads is a parser that finds these in a kept item.
func reads(refusal *invitation.Refusal, found ...invitation.Invitation) ticket.Reread {
	return func(k ticket.Kept) (ticket.Delivery, error) {
		return ticket.Delivery{From: k.From, Received: k.Received, Invitations: found, Refusal: refusal}, nil
	}
}

// item is the place beside the database of a refused item.
func (d *desk) item(id int64) []byte {
	d.t.Helper()
	if databasetest.OnPostgres() {
		value := make([]byte, database.AsideSize)
		err := d.raw().QueryRow("SELECT value FROM half WHERE place = ?", database.AsideFar+id).Scan(&value)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			d.t.Fatal(err)
		}
		return value
	}
	b, err := os.ReadFile(filepath.Join(d.dir, database.AsideName+".2"))
	if err != nil {
		d.t.Fatal(err)
	}
	return append(b, make([]byte, 32*(id+1))...)[32*id : 32*(id+1)]
}

func TestRetryMakesTheTicketThatWasMissed(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	id := d.reject("torn")
	came := d.clock.time()
	d.clock.pass(10 * time.Minute)
	var asked ticket.Kept
	r, err := d.Retry(ctx, id, ada, func(k ticket.Kept) (ticket.Delivery, error) {
		asked = k
		return reads(nil, invite("one", came, time.Hour))(k)
	})
	if err != nil || r.Outcome != ticket.Queued || len(r.Tickets) != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	want := ticket.Kept{ID: id, Source: "mailbox:helpdesk", Item: "1/1", Received: came, Raw: ticket.Raw{Name: "a.msrcIncident", Body: []byte("torn")},
		From: ticket.User{Key: "jane@example.org", Name: "jane@example.org", Address: "jane@example.org"}}
	if !reflect.DeepEqual(asked, want) {
		t.Errorf("%+v", asked)
	}
	if got := d.get(r.Tickets[0]); !got.WaitingSince.Equal(came) || got.User.Name != "jane@example.org" {
		t.Errorf("%+v", got)
	}
	if len(d.refusals()) != 0 || !bytes.Equal(d.item(id), make([]byte, 32)) {
		t.Error("the refusal, or half of its item's key, is still there")
	}
	known, err := d.Recorded(ctx, "mailbox:helpdesk", []string{"1/1"})
	if e := known["1/1"]; err != nil || e.Outcome != ticket.Queued || e.Refusal != "" || !reflect.DeepEqual(e.Tickets, r.Tickets) {
		t.Errorf("%+v %v", e, err)
	}
	events, err := d.History(ctx, r.Tickets[0])
	if last := events[len(events)-1]; err != nil || last.Kind != ticket.EventRefusalRetried || last.By != "ada" || last.Note != "queued" {
		t.Errorf("%+v %v", events, err)
	}
	_, err = d.Retry(ctx, id, ada, reads(nil, invite("two", came, time.Hour)))
	refused(t, err, ticket.CodeUnknown) // a double click
	d.sound()
}

// TestRetryNeverDoubles: what lay beside the refused part is a ticket already.
func TestRetryNeverDoubles(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	one, two := invite("one", d.clock.time(), time.Hour), invite("two", d.clock.time(), time.Hour)
	id := d.reject("whole", one)
	first := d.ledger("1/1").Tickets[0]
	d.must(d.Claim(ctx, first, ada))
	d.must(d.Close(ctx, first, ada, 1, ticket.Solved, ""))
	r, err := d.Retry(ctx, id, grace, reads(nil, one, two))
	if err != nil || r.Outcome != ticket.Queued || len(r.Tickets) != 2 || r.Tickets[0] != first {
		t.Fatalf("%+v %v", r, err)
	}
	if got := d.get(first); got.State != ticket.Closed || len(got.Deliveries) != 1 {
		t.Errorf("%s, delivered %d times", got.State, len(got.Deliveries))
	}
	if e := d.ledger("1/1"); len(e.Tickets) != 2 {
		t.Errorf("%+v", e)
	}
	d.sound()
}

func (d *desk) ledger(item string) ticket.Entry {
	d.t.Helper()
	known, err := d.Recorded(context.Background(), "mailbox:helpdesk", []string{item})
	if err != nil {
		d.t.Fatal(err)
	}
	return known[item]
}

func TestRetryThatIsRefusedAgainKeepsTheItem(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	id := d.reject("torn")
	_, err := d.Retry(ctx, id, ada, reads(&invitation.Refusal{Code: invitation.BadTime, Detail: "no time"}))
	var again *invitation.Refusal
	if !errors.As(err, &again) || again.Code != invitation.BadTime {
		t.Fatal(err)
	}
	if list := d.refusals(); len(list) != 1 || list[0].Code != invitation.BadTime || list[0].Message != "no time" || list[0].Kept != 4 {
		t.Errorf("%+v", list)
	}
	if e := d.ledger("1/1"); e.Outcome != ticket.Rejected || e.Refusal != invitation.BadTime {
		t.Errorf("%+v", e)
	}
	fault := errors.New("disk")
	if _, err := d.Retry(ctx, id, ada, func(ticket.Kept) (ticket.Delivery, error) { return ticket.Delivery{}, fault }); !errors.Is(err, fault) {
		t.Error(err)
	}
	if r, err := d.Retry(ctx, id, ada, reads(nil)); err != nil || r.Outcome != ticket.Ignored || len(d.refusals()) != 0 {
		t.Errorf("%+v %v", r, err)
	}
	d.sound()
}

func TestDismissWipes(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	id := d.reject("a secret that is refused")
	if bytes.Equal(d.item(id), make([]byte, 32)) {
		t.Fatal("no half of a key")
	}
	refused(t, d.DismissRefusal(ctx, id, ada), ticket.CodeForbidden)
	k, err := d.Kept(ctx, id, lead, "10.0.0.9")
	if err != nil || string(k.Raw.Body) != "a secret that is refused" {
		t.Fatalf("%+v %v", k, err)
	}
	if err := d.DismissRefusal(ctx, id, lead); err != nil {
		t.Fatal(err)
	}
	if len(d.refusals()) != 0 || !bytes.Equal(d.item(id), make([]byte, 32)) {
		t.Error("still there")
	}
	refused(t, d.DismissRefusal(ctx, id, lead), ticket.CodeUnknown)
	_, err = d.Kept(ctx, id, lead, "")
	refused(t, err, ticket.CodeUnknown)
	if e := d.ledger("1/1"); e.Outcome != ticket.Rejected {
		t.Errorf("it may be taken up again: %+v", e)
	}
	if got := d.log(); !reflect.DeepEqual(got, []string{"refusal-fetched lena refusal 1 of mailbox:helpdesk 10.0.0.9", "refusal-dismissed lena refusal 1 of mailbox:helpdesk "}) {
		t.Errorf("%q", got)
	}
	d.sound()
}

// log lists the events about no ticket.
func (d *desk) log() (lines []string) {
	d.t.Helper()
	events, err := d.History(context.Background(), 0)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, e := range events {
		lines = append(lines, fmt.Sprint(e.Kind, " ", e.By, " ", e.Other, " ", e.Note))
	}
	return lines
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	first := d.reject(string(make([]byte, 30<<20)))
	d.reject(string(make([]byte, 30<<20)))
	d.reject(string(make([]byte, 10<<20)))
	list := d.refusals()
	if len(list) != 3 || list[2].Kept != 0 || list[1].Kept != 30<<20 || list[0].Kept != 10<<20 {
		t.Errorf("%+v", list)
	}
	_, err := d.Retry(ctx, first, ada, reads(nil))
	refused(t, err, ticket.CodeNotKept)
	nothing := d.reject("")
	_, err = d.Kept(ctx, nothing, lead, "")
	refused(t, err, ticket.CodeNotKept)
}

func TestRolesOnRefusals(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	id := d.reject("x")
	for _, by := range []ticket.Technician{guest, {Name: "otto", Role: ticket.RoleAuditor}} {
		_, err := d.Retry(ctx, id, by, reads(nil))
		refused(t, err, ticket.CodeForbidden)
	}
	for _, by := range []ticket.Technician{guest, ada} {
		_, err := d.Kept(ctx, id, by, "")
		refused(t, err, ticket.CodeForbidden)
	}
}

func TestKeptItemsGoWithTheHistoryAndWithARestore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.reject("x")
	if _, err := queue.Restored(t.Context(), d.db, d.clock.time()); err != nil {
		t.Fatal(err)
	}
	if list := d.refusals(); list[0].Kept != 0 {
		t.Errorf("%+v", list)
	}
	_, err := d.Retry(t.Context(), id, ada, reads(nil))
	refused(t, err, ticket.CodeNotKept)
}
