package queue_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
	"inviter/invitation"
	"inviter/invitation/sample"
	"inviter/ticket"
)

// ticking runs a test inside a bubble whose time passes by itself, with the
// clock at work on a queue that goes by that time.
func ticking(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	databasetest.SQLiteOnly(t, "in the bubble no time passes while a connection waits for its server")
	synctest.Test(t, func(t *testing.T) {
		d := &desk{t: t, dir: t.TempDir(), rules: ticket.DefaultRules()}
		d.open()
		defer d.db.Close()
		defer setGoing(d.Queue)()
		test(t, d)
	})
}

// stored is a ticket's state in the database itself.
func (d *desk) stored(id ticket.ID) (state string) {
	d.t.Helper()
	err := d.db.Read(context.Background(), func(tx *database.Tx) error {
		return tx.Row("SELECT state FROM ticket WHERE id = ?", int64(id)).Scan(&state)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return state
}

func TestWhatWaitsExpiresAtItsInstant(t *testing.T) {
	ticking(t, func(t *testing.T, d *desk) {
		id := d.submit(d.delivery("", invite("a", time.Now(), 5*time.Minute))).Tickets[0]
		time.Sleep(5*time.Minute - time.Millisecond)
		if got := d.stored(id); got != "waiting" {
			t.Errorf("before its instant: %s", got)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if got := d.stored(id); got != "expired" {
			t.Errorf("after its instant: %s", got)
		}
		d.sound()
	})
}

func TestClaimsLapseUnlessTheFileWasFetched(t *testing.T) {
	ticking(t, func(t *testing.T, d *desk) {
		ctx := context.Background()
		wait := func(name string) ticket.ID {
			return d.submit(d.delivery("", invite(name, time.Now(), 20*time.Minute))).Tickets[0]
		}
		idle, fetched, alive := wait("idle"), wait("fetched"), wait("alive")
		for _, id := range []ticket.ID{idle, fetched, alive} {
			d.must(d.Claim(ctx, id, ada))
		}
		if _, err := d.File(ctx, fetched, ada, 1, ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Minute)
		d.must(d.Renew(ctx, alive, ada, 1))
		time.Sleep(11*time.Minute + 2*time.Second)
		for id, want := range map[ticket.ID]string{idle: "waiting", fetched: "claimed", alive: "claimed"} {
			if got := d.stored(id); got != want {
				t.Errorf("ticket %d is %s, want %s", id, got, want)
			}
		}
		refused(t, second(d.Renew(ctx, idle, ada, 1)), ticket.CodeNotHolder)
		time.Sleep(5 * time.Minute) // everybody has left for ever
		for _, id := range []ticket.ID{idle, fetched, alive} {
			if got := d.stored(id); got != "expired" {
				t.Errorf("ticket %d is %s in the end", id, got)
			}
		}
		d.sound()
	})
}

func TestManyDueAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 5 {
		var batch []ticket.Delivery
		for range 100 {
			batch = append(batch, d.delivery("", invite(fmt.Sprint(d.items), d.clock.time(), time.Hour)))
		}
		if _, err := d.Submit(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	d.clock.pass(time.Hour)
	d.run(func() bool { return d.count("ticket WHERE state = 'expired'") == 500 })
	d.sound()
}

func TestRestartGivesEveryClaimAFullLease(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	id, fresh := d.wait("", "a"), d.wait("", "b")
	d.must(d.Claim(ctx, id, ada))
	d.clock.pass(50 * time.Minute) // we were away
	d.must(d.Claim(ctx, fresh, grace))
	d.restart()
	want := d.clock.time().Add(5 * time.Minute)
	d.run(func() bool { return d.get(id).Claim.LeaseUntil.Equal(want) })
	got := d.must(d.Renew(ctx, id, ada, 1))
	if got.Claim.Number != 1 || !got.Claim.LeaseUntil.Equal(want) {
		t.Errorf("claim %+v", got.Claim)
	}
	d.sound()
}

func TestRestartForgetsNothing(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	id := d.wait("jane@example.org", "a")
	d.must(d.Claim(ctx, id, ada))
	before := d.get(id)
	d.restart()
	if after := d.get(id); fmt.Sprintf("%+v", after.Claim) != fmt.Sprintf("%+v", before.Claim) || after.Revision != before.Revision {
		t.Errorf("before %+v, after %+v", before, after)
	}
	file, err := d.File(ctx, id, ada, 1, "")
	if err != nil || string(file) != "the file of a" {
		t.Errorf("file %q, %v", file, err)
	}
}

func TestFilesAreByteForByteAndEncrypted(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	file := sample.Invitation{User: "Jane Canary", Password: "ABCDEFGH2345", Start: d.clock.time(), Minutes: 60, Seed: 7}.RA2()
	inv, err := invitation.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	id := d.submit(d.delivery("", inv)).Tickets[0]
	d.must(d.Claim(ctx, id, ada))
	got, err := d.File(ctx, id, ada, 1, "")
	if err != nil || !bytes.Equal(got, file) {
		t.Fatalf("%d bytes for %d, %v", len(got), len(file), err)
	}
	if d.contains(file[len(file)/2 : len(file)/2+40]) {
		t.Error("the file lies open in the database")
	}
}

// contains tells whether anything that is kept has b in it.
func (d *desk) contains(b []byte) bool {
	d.t.Helper()
	found := false
	for _, all := range databasetest.Kept(d.t, d.dir) {
		found = found || bytes.Contains(all, b)
	}
	return found
}

func TestWhatEndsIsWiped(t *testing.T) {
	t.Parallel()
	ends := map[string]func(d *desk, id ticket.ID){
		"closed":    func(d *desk, id ticket.ID) { d.must(d.Close(context.Background(), id, lead, 0, ticket.Misuse, "")) },
		"withdrawn": func(d *desk, id ticket.ID) { d.must(d.Withdraw(context.Background(), id)) },
		"superseded": func(d *desk, _ ticket.ID) {
			d.clock.pass(time.Second)
			d.wait("jane@example.org", "newer")
		},
		"expired": func(d *desk, _ ticket.ID) { d.clock.pass(2 * time.Hour) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			id := d.wait("jane@example.org", "a")
			wrapped, body := d.sealed(id)
			if !d.contains(wrapped) || !d.contains(body) {
				t.Fatal("the test can't see what is there")
			}
			end(d, id)
			d.run(func() bool { return !d.contains(wrapped) && !d.contains(body) })
			d.sound()
		})
	}
}

// sealed is what the database holds of a ticket's file.
func (d *desk) sealed(id ticket.ID) (wrapped, body []byte) {
	d.t.Helper()
	err := d.db.Read(context.Background(), func(tx *database.Tx) error {
		return tx.Row("SELECT wrapped, body FROM payload WHERE ticket = ?", int64(id)).Scan(&wrapped, &body)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return wrapped, body
}

func TestFilesAreBoundToTheirTicket(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	a, b := d.wait("", "a"), d.wait("", "b")
	d.must(d.Claim(ctx, a, ada))
	for _, swap := range []string{
		"UPDATE payload SET wrapped = (SELECT wrapped FROM payload WHERE ticket = 2), body = (SELECT body FROM payload WHERE ticket = 2) WHERE ticket = 1",
		"UPDATE payload SET body = zeroblob(60) WHERE ticket = 1",
		"DELETE FROM payload WHERE ticket = 1",
	} {
		if _, err := d.raw().Exec(swap); err != nil {
			t.Fatal(err)
		}
		_, err := d.File(ctx, a, ada, 1, "")
		var no *ticket.Refusal
		if err == nil || errors.As(err, &no) || strings.Contains(err.Error(), "the file of") {
			t.Errorf("%s: %v", swap, err)
		}
	}
	if h, err := d.History(ctx, a); err != nil || len(h) != 2 {
		t.Errorf("a hand-out that failed is in the log: %v, %v", h, err)
	}
	d.must(d.Claim(ctx, b, ada))
}
