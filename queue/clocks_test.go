package queue_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"inviter/ticket"
)

// brisk are rules under which a claim without a sign of life is soon over.
func brisk() ticket.Rules {
	r := ticket.DefaultRules()
	r.Lease, r.Grace = 300*time.Millisecond, 300*time.Millisecond
	return r
}

// By the true time, on any engine: what waits expires and claims lapse, by the
// timer alone, and never too soon.
func TestClockActsByItsTimer(t *testing.T) {
	t.Parallel()
	d, ctx := openDesk(t, nil, brisk()), context.Background()
	defer setGoing(d.Queue)()
	idle, fetched := d.wait("", "idle"), d.wait("", "fetched")
	soon := time.Now().Add(2 * time.Second)
	waits := d.submit(d.delivery("", invite("waits", soon.Add(-5*time.Minute), 5*time.Minute))).Tickets[0]
	d.must(d.Claim(ctx, idle, ada))
	for d.fetches(fetched) { // on a busy machine it may have lapsed sooner
	}
	for id, want := range map[ticket.ID]ticket.EventKind{waits: "expired", idle: "lapsed"} {
		e := d.awaits(id, want)
		due := soon
		if id == idle {
			due = d.claimedAt(idle).Add(600 * time.Millisecond)
		}
		if e.At.Before(due.Truncate(time.Millisecond)) {
			t.Errorf("ticket %d %s at %v, not due before %v", id, want, e.At, due)
		}
	}
	if got := d.stored(idle) + " " + d.stored(fetched); got != "waiting claimed" {
		t.Errorf("idle and fetched: %s", got)
	}
	refused(t, second(d.Renew(ctx, idle, ada, 1)), ticket.CodeNotHolder)
	d.sound()
}

// fetches claims and fetches the file; true: to be tried again, for the claim
// lapsed in between.
func (d *desk) fetches(id ticket.ID) (again bool) {
	d.t.Helper()
	got := d.must(d.Claim(context.Background(), id, ada))
	_, err := d.File(context.Background(), id, ada, got.Claim.Number, "")
	var no *ticket.Refusal
	if err != nil && !errors.As(err, &no) {
		d.t.Fatal(err)
	}
	return err != nil
}

// patience is how long what has to come may take on a busy machine.
const patience = 2 * time.Minute

// awaits waits for an event of a ticket's.
func (d *desk) awaits(id ticket.ID, kind ticket.EventKind) ticket.Event {
	d.t.Helper()
	for late := time.Now().Add(patience); time.Now().Before(late); time.Sleep(5 * time.Millisecond) {
		if e, ok := d.event(id, kind); ok {
			return e
		}
	}
	d.t.Fatalf("ticket %d: never %s", id, kind)
	return ticket.Event{}
}

func (d *desk) event(id ticket.ID, kind ticket.EventKind) (ticket.Event, bool) {
	d.t.Helper()
	all, err := d.History(context.Background(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, e := range all {
		if e.Kind == kind {
			return e, true
		}
	}
	return ticket.Event{}, false
}

func (d *desk) claimedAt(id ticket.ID) time.Time {
	d.t.Helper()
	e, ok := d.event(id, "claimed")
	if !ok {
		d.t.Fatalf("ticket %d was never claimed", id)
	}
	return e.At
}

// The right to keep the clock is a matter of effort alone: when two programs
// believe that they have it, as after a long pause of one of them, each ticket
// still expires once and each claim lapses once.
func TestTwoClocksAreAsGoodAsOne(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	const due, idle = 150, 20
	var held []ticket.ID
	for i := range idle {
		held = append(held, d.submit(d.delivery("", invite(fmt.Sprint("held", i), d.clock.time(), 5*time.Hour))).Tickets[0])
		d.must(d.Claim(ctx, held[i], ada))
	}
	d.fill(due)
	for _, o := range []*desk{d, d.beside(), d.beside()} {
		d.clock.pass(time.Second)
		defer setGoing(o.Queue)()
		lease := d.clock.time().Add(d.rules.Lease)
		for d.count(fmt.Sprintf("claim WHERE lease_until = %d", lease.UnixMilli())) != idle { // which it gives first
			time.Sleep(time.Millisecond)
		}
	}
	d.clock.pass(time.Hour)
	last := d.wait("", "one more") // a hint to all of them
	d.until(func() bool { return d.count("event WHERE kind IN ('expired', 'lapsed')") == due+idle })
	for what, want := range map[string]int{
		"event WHERE kind = 'expired'": due, "event WHERE kind = 'lapsed'": idle,
		"ticket WHERE state = 'expired'": due, "ticket WHERE state = 'waiting'": idle + 1,
	} {
		if n := d.count(what); n != want {
			t.Errorf("%d %s, want %d", n, what, want)
		}
	}
	d.must(d.Claim(ctx, last, ada))
	d.must(d.Claim(ctx, held[0], grace))
	d.sound()
}

// Who takes the clock over from a program on another host goes on where that
// one was, even if his own computer's clock is behind.
func TestClockIsTakenOverWhereItWas(t *testing.T) {
	t.Parallel()
	d := newSteadyDesk(t)
	late := &steadyDesk{desk: d.beside()}
	late.clock = &clock{now: epoch()}
	late.again()
	id := d.wait("jane", "one")
	d.pass(3 * time.Hour)
	d.run(d.noted)
	late.pass(time.Minute) // it had no time yet to notice anything
	late.doubted("")
	high := d.clock.time().UnixMilli()
	late.run(func() bool { return late.ClockJump().Doubted() })
	late.doubted("jumped back by 2h59m")
	late.is(id, ticket.Expired)
	if n := d.number("SELECT high FROM clock"); n < high {
		t.Error("the noted time went back")
	}
	late.pass(time.Minute)
	late.doubted("")
	late.is(id, ticket.Expired)
}

// What is due together ends together: tickets alone, ones whose user has another
// that bears on them, quarantined ones, and claims.
func TestAllThatIsDueEnds(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), context.Background()
	d.fill(60) // more than are loaded together
	held := d.wait("jane", "held")
	d.must(d.Claim(ctx, held, ada))
	if _, err := d.File(ctx, held, ada, 1, ""); err != nil {
		t.Fatal(err)
	}
	newer := d.submit(d.delivery("jane", invite("newer", d.clock.time().Add(time.Minute), time.Hour))).Tickets[0]
	doubtful := d.delivery("john", invite("doubtful", d.clock.time(), time.Hour))
	doubtful.Quarantine = true
	looked := d.submit(doubtful).Tickets[0]
	idle := d.wait("max", "idle")
	d.must(d.Claim(ctx, idle, ada))
	d.clock.pass(2 * time.Hour)
	defer setGoing(d.Queue)()
	d.until(func() bool { return d.count("ticket WHERE state = 'expired'") == 62 })
	d.clock.pass(time.Hour) // the claims had a full lease at the start
	d.wait("", "a hint")
	d.until(func() bool { return d.count("ticket WHERE state = 'expired'") == 64 })
	for _, id := range []ticket.ID{held, newer, looked, idle} {
		if _, ok := d.event(id, ticket.EventExpired); !ok {
			t.Errorf("ticket %d has no event", id)
		}
	}
	if n := d.count("event WHERE kind = 'expired'"); n != 64 {
		t.Errorf("%d events", n)
	}
	d.sound()
}
