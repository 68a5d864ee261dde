package queue_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/queue"
	"inviter/ticket"
)

// keep has the desk keep ended tickets so long.
func (d *desk) keep(so time.Duration) {
	d.t.Helper()
	var err error
	d.Queue, err = queue.Open(context.Background(), queue.Options{
		DB: d.db, KeyFile: filepath.Join(d.dir, "inviter.key"), Rules: ticket.DefaultRules(), Clock: d.clock.time, Keep: so,
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) count(table string) int {
	d.t.Helper()
	return int(d.number("SELECT count(*) FROM " + table))
}

const day = 24 * time.Hour

func TestPurgeTakesWhatEndedLongAgo(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	d.keep(30 * day)
	old := invite("old", d.clock.time(), time.Hour)
	var gone []ticket.ID
	for i := range 150 { // more than one commit takes
		gone = append(gone, d.wait(fmt.Sprintf("user%d", i), fmt.Sprint(i)))
		d.must(d.Claim(ctx, gone[i], ada))
	}
	first := d.submit(d.delivery("jane", old)).Tickets[0]
	d.must(d.Claim(ctx, first, ada))
	d.must(d.Close(ctx, first, ada, 1, ticket.Solved, "a secret word"))
	for _, id := range gone {
		d.must(d.Withdraw(ctx, id))
	}
	refusal := d.delivery("eve")
	refusal.Refusal, refusal.Raw = &invitation.Refusal{Code: invitation.NotAnInvitation}, &ticket.Raw{Body: []byte("a secret word")}
	d.submit(refusal)
	d.clock.pass(20 * day)
	young := d.wait("john", "young")
	d.must(d.Withdraw(ctx, young))
	d.clock.pass(11 * day)
	open := d.wait("joan", "open")
	before := d.count("event")

	d.run(func() bool { return d.count("ticket") == 2 && d.count("refusal") == 0 && d.count("event") < 10 })
	if n := d.count("event"); n != 3 || before < 400 {
		t.Errorf("%d events of %d are left", n, before)
	}
	for table, want := range map[string]int{"claim": 0, "arrival": 2, "payload": 1, "purged": 151, "refused_item": 0} {
		if n := d.count(table); n != want {
			t.Errorf("%d rows of %s, want %d", n, table, want)
		}
	}
	_, err := d.Ticket(ctx, first)
	refused(t, err, ticket.CodeUnknown)
	d.is(young, ticket.Withdrawn)
	d.is(open, ticket.Waiting)
	if n, err := d.Counts(ctx); err != nil || n[ticket.Closed] != 0 || n[ticket.Withdrawn] != 1 || n[ticket.Waiting] != 1 {
		t.Errorf("counted %v, %v", n, err)
	}
	d.sound()

	// Nothing comes back to life, by whatever way the invitation comes again.
	again := old
	again.Start = d.clock.time()
	if r := d.submit(d.delivery("jane", again)); r.Outcome != ticket.Repeated || len(r.Tickets) != 1 || r.Tickets[0] != first {
		t.Errorf("a purged invitation again: %+v", r)
	}
	if n := d.count("ticket"); n != 2 {
		t.Errorf("%d tickets", n)
	}
	d.must(d.Claim(ctx, open, ada))
	d.sound()
	d.clock.pass(100 * day)
	d.restart() // keeps for ever
	d.sound()
}

func (d *desk) is(id ticket.ID, want ticket.State) {
	d.t.Helper()
	if got := d.get(id); got.State != want {
		d.t.Errorf("ticket %d is %s, want %s", id, got.State, want)
	}
}

func TestPurgedLogCantBeChangedUnnoticed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ does, says string }{
		{"UPDATE log_start SET hash = zeroblob(32)", "was changed"},
		{"UPDATE log_start SET seq = seq + 1", "log:"},
		{"UPDATE log_start SET seq = seq - 1", "what was purged stays so"},
		{"DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)", "never removed"},
		{"DELETE FROM event WHERE seq = (SELECT min(seq) FROM event)", "never removed"},
		{"UPDATE event SET note = 'x' WHERE seq = (SELECT min(seq) FROM event)", "never changed"},
		{"DROP TRIGGER event_remains; DELETE FROM event WHERE seq = (SELECT min(seq) FROM event)", "missing"},
		{"DROP TRIGGER event_stays; UPDATE event SET note = 'x' WHERE seq = (SELECT min(seq) FROM event)", "was changed"},
	} {
		t.Run(tt.does, func(t *testing.T) {
			t.Parallel()
			d, ctx := newDesk(t), t.Context()
			d.keep(day)
			d.must(d.Withdraw(ctx, d.wait("jane", "one")))
			d.clock.pass(2 * day)
			d.must(d.Withdraw(ctx, d.wait("john", "two")))
			d.run(func() bool { return d.count("event") == 2 })
			d.sound()
			_, err := d.raw().Exec(tt.does)
			found, verr := d.Verify(ctx)
			if verr != nil {
				t.Fatal(verr)
			}
			if said := fmt.Sprint(errors.Join(err), found); !strings.Contains(said, tt.says) {
				t.Errorf("says %s, want %q", said, tt.says)
			}
		})
	}
}
