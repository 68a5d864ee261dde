package watch_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"inviter/ticket"
)

func TestNetworkBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "mailbox:a", hints: make(chan struct{}, 1)}
		var up atomic.Bool
		s.look = func(context.Context, int, ticket.Submit) (ticket.Pass, error) {
			if up.Load() {
				return ticket.Pass{}, nil
			}
			return ticket.Pass{}, errors.New("nothing listens at 127.0.0.1:993\x1b[2J")
		}
		defer running(t, newWatcher(t, b, "@every 1h", s))()
		pass(10 * time.Minute)
		gaps := s.gaps()
		for i, gap := range gaps {
			most := min(time.Duration(1500<<i)*time.Millisecond, time.Minute)
			if gap > most || gap < most/4 {
				t.Errorf("wait %d: %v, want at most %v", i, gap, most)
			}
		}
		state := b.state("mailbox:a")
		if state.State != ticket.SourceFailing || state.LastError != "nothing listens at 127.0.0.1:993 [2J" ||
			state.NextTry.Before(time.Now()) || time.Since(state.Since) < 9*time.Minute || !state.LastSuccess.IsZero() {
			t.Errorf("state %+v", state)
		}
		if n := b.said("source failing"); n != 1 {
			t.Errorf("said %d times that it fails", n)
		}
		before := s.passes()
		s.hints <- struct{}{}
		synctest.Wait()
		if s.passes() != before {
			t.Error("a hint overrides the wait")
		}
		up.Store(true)
		pass(time.Minute)
		if state := b.state("mailbox:a"); state.State != ticket.SourceOK || state.LastError != "" {
			t.Errorf("state %+v", state)
		}
		if n := b.said("source recovered"); n != 1 {
			t.Errorf("said %d times that it recovered", n)
		}
	})
}

// A server that comes and goes is not hammered: the waits begin anew only after
// two minutes of health.
func TestFlappingKeepsItsBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "mailbox:a"}
		s.look = func(_ context.Context, n int, _ ticket.Submit) (ticket.Pass, error) {
			if n == 8 {
				return ticket.Pass{}, nil
			}
			return ticket.Pass{}, errors.New("away")
		}
		defer running(t, newWatcher(t, b, "@every 10s", s))()
		pass(10 * time.Minute)
		if gaps := s.gaps(); gaps[8] < 30*time.Second {
			t.Errorf("after one good pass waits only %v: %v", gaps[8], gaps)
		}
	})
}

func TestBackoffBeginsAnewAfterHealth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "mailbox:a"}
		s.look = func(_ context.Context, n int, _ ticket.Submit) (ticket.Pass, error) {
			if n >= 8 && n < 8+20 {
				return ticket.Pass{}, nil
			}
			return ticket.Pass{}, errors.New("away")
		}
		defer running(t, newWatcher(t, b, "@every 10s", s))()
		pass(10 * time.Minute)
		if gaps := s.gaps(); gaps[27] > 1500*time.Millisecond {
			t.Errorf("after three good minutes waits %v: %v", gaps[27], gaps)
		}
	})
}

func TestRefusedLogIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "mailbox:a", hints: make(chan struct{}, 1)}
		s.look = func(context.Context, int, ticket.Submit) (ticket.Pass, error) {
			return ticket.Pass{}, fmt.Errorf("mailbox: %w", refusedLogin{})
		}
		w := newWatcher(t, b, "@every 1s", s)
		defer running(t, w)()
		for range 7200 {
			w.Scan("mailbox:a") // even somebody who clicks all the time
			pass(time.Second)
		}
		for i, gap := range s.gaps() {
			if gap < time.Minute {
				t.Errorf("wait %d: only %v", i, gap)
			}
		}
		if b.said("level=ERROR") != 1 || b.state("mailbox:a").State != ticket.SourceFailing {
			t.Errorf("log %s", b.log.String())
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "mailbox:a"}
		s.look = func(context.Context, int, ticket.Submit) (ticket.Pass, error) { return ticket.Pass{}, refusedLogin{} }
		defer running(t, newWatcher(t, b, "@every 1s", s))()
		pass(2 * time.Hour)
		want := []time.Duration{1, 2, 4, 8, 15, 15, 15}
		for i, gap := range s.gaps()[:len(want)] {
			if gap != want[i]*time.Minute {
				t.Errorf("wait %d: %v, want %d min", i, gap, want[i])
			}
		}
	})
}

func TestGoneIsLookedForOnceAPeriod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "share:a"}
		s.look = func(context.Context, int, ticket.Submit) (ticket.Pass, error) {
			return ticket.Pass{}, fmt.Errorf("/srv/support: %w: mount it", ticket.ErrGone)
		}
		defer running(t, newWatcher(t, b, "@every 5s", s))()
		pass(10 * time.Minute)
		for i, gap := range s.gaps() {
			if gap > 5*time.Second {
				t.Errorf("wait %d: %v", i, gap)
			}
		}
		if state := b.state("share:a"); state.State != ticket.SourceGone || b.said("source gone") != 1 {
			t.Errorf("state %+v", state)
		}
	})
}

func TestPanicEndsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, bad, good := newBook(), &source{name: "mailbox:bad"}, &source{name: "mailbox:good"}
		bad.look = func(_ context.Context, n int, _ ticket.Submit) (ticket.Pass, error) {
			if n == 3 {
				return ticket.Pass{}, nil
			}
			var none []int
			if n == 1 {
				panic("a secret that must not show")
			}
			return ticket.Pass{Seen: none[n]}, nil
		}
		defer running(t, newWatcher(t, b, "@every 1h", bad, good))()
		pass(500 * time.Millisecond)
		if state := b.state("mailbox:bad"); state.State != ticket.SourceFailing || !strings.Contains(state.LastError, "a fault of ours") {
			t.Errorf("state %+v", state)
		}
		if b.said("secret") != 0 || b.said("pass.go") == 0 {
			t.Errorf("log %s", b.log.String())
		}
		pass(time.Minute)
		if bad.passes() != 3 || good.passes() != 1 || b.state("mailbox:bad").State != ticket.SourceOK || b.said("index out of range") == 0 {
			t.Errorf("%d and %d passes, log %s", bad.passes(), good.passes(), b.log.String())
		}
	})
}
