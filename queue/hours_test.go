package queue_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"inviter/queue"
	"inviter/ticket"
)

// steadyDesk is a desk with a steady clock beside the one that can be set.
type steadyDesk struct {
	*desk
	ran atomic.Int64 // what the steady clock says
}

func newSteadyDesk(t *testing.T) *steadyDesk {
	d := &steadyDesk{desk: newDesk(t)}
	d.again()
	return d
}

// again is the program started anew.
func (d *steadyDesk) again() {
	d.t.Helper()
	var err error
	d.Queue, err = queue.Open(context.Background(), queue.Options{
		DB: d.db, KeyFile: filepath.Join(d.dir, "inviter.key"), Rules: ticket.DefaultRules(),
		Clock: d.clock.time, Steady: func() time.Duration { return time.Duration(d.ran.Load()) },
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// pass is time going by, by both clocks.
func (d *steadyDesk) pass(by time.Duration) {
	d.ran.Add(int64(by))
	d.clock.pass(by)
}

// set moves the computer's clock alone.
func (d *steadyDesk) set(by time.Duration) { d.clock.pass(by) }

func (d *steadyDesk) is(id ticket.ID, want ticket.State) {
	d.t.Helper()
	if got := d.get(id); got.State != want {
		d.t.Errorf("ticket %d is %s, want %s; clock jump: %q", id, got.State, want, d.ClockJump())
	}
}

func (d *steadyDesk) doubted(want string) {
	d.t.Helper()
	got := d.ClockJump().String()
	if (want == "") != (got == "") || !strings.Contains(got, want) {
		d.t.Errorf("clock trouble %q, want %q", got, want)
	}
}

// noted tells whether the clock has swept and noted the time.
func (d *steadyDesk) noted() bool {
	d.t.Helper()
	return d.number("SELECT high FROM clock") == d.clock.time().UnixMilli()
}

func TestWhatHasExpiredStaysSoWhenTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	d := newSteadyDesk(t)
	id := d.wait("jane", "one") // for an hour
	d.pass(61 * time.Minute)
	d.is(id, ticket.Expired) // no sweep has come by
	for _, back := range []time.Duration{10 * time.Second, 3 * time.Hour} {
		d.set(-back)
		d.is(id, ticket.Expired)
		_, err := d.Claim(t.Context(), id, ada)
		refused(t, err, ticket.CodeExpired)
	}
	d.doubted("jumped back by 3h")
	young := d.delivery("john", invite("two", d.clock.time(), time.Hour))
	if r, err := d.Submit(t.Context(), []ticket.Delivery{young}); err == nil {
		t.Errorf("judged by a clock in doubt: %+v", r)
	}
	d.pass(time.Minute) // in which Run sweeps
	d.doubted("")
	if r := d.submit(young); r.Outcome != ticket.Queued {
		t.Errorf("%+v", r)
	}
}

func TestClockSetBackBeforeAStart(t *testing.T) {
	t.Parallel()
	d := newSteadyDesk(t)
	id := d.wait("jane", "one")
	d.pass(61 * time.Minute)
	d.is(id, ticket.Expired)
	d.run(d.noted)
	d.set(-10 * time.Hour)
	d.again()
	d.doubted("jumped back by 10h")
	d.is(id, ticket.Expired)
	d.pass(time.Minute)
	d.doubted("")
	d.is(id, ticket.Expired) // for good
}

func TestJumpAheadHoldsExpiryUntilItIsBelieved(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		then func(*steadyDesk)
		want ticket.State
	}{
		"set right":    {func(d *steadyDesk) { d.set(-5 * time.Hour) }, ticket.Waiting},
		"it stays":     {func(d *steadyDesk) { d.get(1); d.pass(5 * time.Minute) }, ticket.Expired},
		"not for long": {func(d *steadyDesk) { d.get(1); d.pass(4 * time.Minute) }, ticket.Waiting},
		"it jumps again": {func(d *steadyDesk) {
			d.get(1)
			d.pass(4 * time.Minute)
			d.set(time.Hour)
			d.get(1)
			d.pass(4 * time.Minute)
		}, ticket.Waiting},
		"started anew": {(*steadyDesk).again, ticket.Expired},
		"its own time comes": {func(d *steadyDesk) {
			d.pass(2 * time.Minute)
			d.set(-5 * time.Hour)
			d.get(1)
			d.pass(58 * time.Minute)
		}, ticket.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newSteadyDesk(t)
			id := d.wait("jane", "one")
			d.set(5 * time.Hour)
			d.doubted("jumped ahead by 5h")
			d.is(id, ticket.Waiting)
			tt.then(d)
			d.is(id, tt.want)
			if tt.want == ticket.Expired {
				d.doubted("")
			}
		})
	}
}

func TestSmallCorrectionsAreBelievedAtOnce(t *testing.T) {
	t.Parallel()
	d := newSteadyDesk(t)
	id := d.wait("jane", "one")
	d.set(30 * time.Minute)
	d.doubted("")
	d.is(id, ticket.Waiting)
	d.pass(30 * time.Minute)
	d.is(id, ticket.Expired)
}

// A clock that was wrong when it was believed must not spoil the time for ever.
func TestClockSetBackIsBelievedInTheEnd(t *testing.T) {
	t.Parallel()
	d := newSteadyDesk(t)
	d.set(5 * time.Hour)
	d.again()
	d.doubted("")
	d.set(-5 * time.Hour)
	d.doubted("jumped back by 5h")
	d.pass(time.Minute)
	d.doubted("")
	id := d.wait("jane", "one")
	if got := d.get(id).QueuedAt; !got.Equal(d.clock.time()) {
		t.Errorf("queued at %v, the clock says %v", got, d.clock.time())
	}
}
