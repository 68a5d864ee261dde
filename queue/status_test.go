package queue_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"inviter/database/databasetest"
	"inviter/ticket"
)

// invalid tells whether err is the one answer for every secret that names nothing.
func invalid(err error) bool {
	var r *ticket.Refusal
	return errors.As(err, &r) && *r == ticket.Refusal{Code: ticket.CodeInvalid}
}

func TestStatusNamesItsTicketAlone(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	jane, joe := d.wait("jane", "a"), d.wait("joe", "b")
	of := func(id ticket.ID) ticket.Status {
		t.Helper()
		s, err := d.Status(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := of(jane)
	d.restart()
	if again := of(jane); again != first || first == of(joe) || first.Secret == of(joe).Secret {
		t.Errorf("jane %v, after a restart %v, joe %v", first, again, of(joe))
	}
	if len(first.Secret) != 26 || len(strings.Fields(first.Words)) != 2 {
		t.Errorf("%+v", first)
	}
	for id, secret := range map[ticket.ID]string{jane: first.Secret, joe: strings.ToUpper(of(joe).Secret)} {
		if got, err := d.BySecret(ctx, secret); err != nil || got.ID != id {
			t.Errorf("%d: %d %v", id, got.ID, err)
		}
	}
	for _, wrong := range []string{"", "x", strings.Repeat("a", 26), first.Secret + "a", first.Secret[1:] + "a", strings.Repeat("ſ", 13), jane.String()} {
		if _, err := d.BySecret(ctx, wrong); !invalid(err) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if _, err := d.Status(ctx, 99); !refusedAs(err, ticket.CodeUnknown) {
		t.Error(err)
	}
}

func refusedAs(err error, code ticket.RefusalCode) bool {
	var r *ticket.Refusal
	return errors.As(err, &r) && r.Code == code
}

func TestStatusIsStoredAsItsHashAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s, err := d.Status(t.Context(), d.wait("jane", "a"))
	if err != nil {
		t.Fatal(err)
	}
	d.db.Close()
	hash := sha256.Sum256([]byte(s.Secret))
	found := false
	for name, b := range databasetest.Kept(t, d.dir) {
		if bytes.Contains(bytes.ToLower(b), []byte(s.Secret)) || bytes.Contains(b, []byte(s.Words)) {
			t.Errorf("%s holds secret or words", name)
		}
		found = found || bytes.Contains(b, hash[:])
	}
	if !found {
		t.Error("the hash is nowhere: this test looks in the wrong files")
	}
	d.open()
}

func TestStatusOfPurgedTicketIsInvalid(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	d.keep(day)
	id := d.wait("jane", "a")
	s, err := d.Status(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	d.must(d.Withdraw(ctx, id))
	if got, err := d.BySecret(ctx, s.Secret); err != nil || got.State != ticket.Withdrawn {
		t.Errorf("after its end: %v %v", got.State, err)
	}
	d.clock.pass(2 * day)
	d.run(func() bool { return d.count("ticket") == 0 })
	if _, err := d.BySecret(ctx, s.Secret); !invalid(err) {
		t.Errorf("after the purge: %v", err)
	}
	if n := d.count("status"); n != 0 {
		t.Errorf("%d statuses are left", n)
	}
}

// TestStatusComesToOlderTickets: a database from before has tickets without.
func TestStatusComesToOlderTickets(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	open, ended := d.wait("jane", "a"), d.wait("joe", "b")
	d.must(d.Withdraw(ctx, ended))
	if _, err := d.raw().Exec("DELETE FROM status"); err != nil {
		t.Fatal(err)
	}
	d.restart()
	if _, err := d.Status(ctx, open); err != nil {
		t.Error(err)
	}
	if _, err := d.Status(ctx, ended); !refusedAs(err, ticket.CodeUnknown) {
		t.Error(err)
	}
	d.clock.pass(time.Minute)
	d.sound()
}
