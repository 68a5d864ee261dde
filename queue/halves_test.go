package queue_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
	"inviter/queue"
	"inviter/ticket"
)

// halves is what lies beside the database, a place for each ticket.
func (d *desk) halves() []byte {
	d.t.Helper()
	if databasetest.OnPostgres() {
		return d.halfRows()
	}
	b, err := os.ReadFile(filepath.Join(d.dir, database.AsideName))
	if err != nil {
		d.t.Fatal(err)
	}
	return b
}

// halfRows is the same of PostgreSQL's table.
func (d *desk) halfRows() []byte {
	d.t.Helper()
	rows, err := d.raw().Query("SELECT place, value FROM half")
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	all := make([]byte, 100*database.AsideSize)
	for rows.Next() {
		var n int
		var value []byte
		if err := rows.Scan(&n, &value); err != nil {
			d.t.Fatal(err)
		}
		copy(all[n*database.AsideSize:], value)
	}
	return all
}

func place(halves []byte, id ticket.ID) []byte {
	return halves[int(id)*database.AsideSize : (int(id)+1)*database.AsideSize]
}

func TestEndClearsTheHalfOfTheKeyBesideTheDatabase(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	first, second := d.wait("jane", "one"), d.wait("john", "two")
	blank := make([]byte, database.AsideSize)
	if b := d.halves(); bytes.Equal(place(b, first), blank) || bytes.Equal(place(b, second), blank) {
		t.Fatalf("%x", b)
	}
	_, err := d.Close(ctx, first, ada, 1, ticket.Solved, "") // refused
	refused(t, err, ticket.CodeNotHolder)
	if bytes.Equal(place(d.halves(), first), blank) {
		t.Error("a refused verb cleared it")
	}
	d.must(d.Withdraw(ctx, first))
	if b := d.halves(); !bytes.Equal(place(b, first), blank) || bytes.Equal(place(b, second), blank) {
		t.Errorf("%x", b)
	}
}

// A program that was killed between a ticket's end and the clearing finds what
// it left when it is started again.
func TestRunClearsHalvesThatWereLeft(t *testing.T) {
	databasetest.SQLiteOnly(t, "there they are part of the transaction")
	t.Parallel()
	d := newDesk(t)
	ended, open := d.wait("jane", "one"), d.wait("john", "two")
	before := d.halves()
	d.must(d.Withdraw(t.Context(), ended))
	if err := os.WriteFile(filepath.Join(d.dir, database.AsideName), before, 0o600); err != nil {
		t.Fatal(err)
	}
	blank := make([]byte, database.AsideSize)
	d.run(func() bool { return bytes.Equal(place(d.halves(), ended), blank) })
	if got := place(d.halves(), open); !bytes.Equal(got, place(before, open)) {
		t.Errorf("an open ticket's became %x", got)
	}
}

func (d *desk) loseHalves() {
	d.t.Helper()
	err := os.Truncate(filepath.Join(d.dir, database.AsideName), 0)
	if databasetest.OnPostgres() {
		_, err = d.raw().Exec("DELETE FROM half")
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestSameInvitationAgainBringsALostFileBack(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	inv := invite("one", d.clock.time(), time.Hour)
	id := d.submit(d.delivery("jane", inv)).Tickets[0]
	d.loseHalves()
	d.must(d.Claim(ctx, id, ada))
	_, err := d.File(ctx, id, ada, 1, "")
	refused(t, err, ticket.CodeUnknown)
	if r := d.submit(d.delivery("jane", inv)); r.Outcome != ticket.Repeated {
		t.Fatalf("%+v", r)
	}
	if got, err := d.File(ctx, id, ada, 1, ""); err != nil || !bytes.Equal(got, inv.File) {
		t.Errorf("%q, %v", got, err)
	}
	d.sound()
}

func TestRestoredGoesOnBehindAllNumbersGiven(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	old := d.get(d.wait("jane", "one"))
	open, err := queue.Restored(ctx, d.db, d.clock.time())
	if err != nil || open != 1 {
		t.Fatalf("%d, %v", open, err)
	}
	if now := d.get(old.ID); now.Revision <= old.Revision+1000 {
		t.Errorf("revision %d after %d", now.Revision, old.Revision)
	}
	if id := d.wait("john", "two"); id < old.ID+1000 {
		t.Errorf("number %d after %d", id, old.ID)
	}
	d.sound()
}
