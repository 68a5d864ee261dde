package watch_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"inviter/ticket"
	"inviter/watch"
)

func TestSchedule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "share:a"}
		stop := running(t, newWatcher(t, b, "@every 5s", s))
		pass(21 * time.Second)
		if got := s.passes(); got != 5 { // at once, and then every 5 s
			t.Errorf("%d passes", got)
		}
		state := b.state("share:a")
		if state.State != ticket.SourceOK || state.Period != 5*time.Second || state.Mode != "events" ||
			time.Since(state.LastSuccess) > 2*time.Second || state.LastError != "" {
			t.Errorf("state %+v", state)
		}
		stop()
		if !s.closed || b.held["share:a"] {
			t.Error("not closed, or still held")
		}
	})
}

func TestHintsMakeItSooner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "mailbox:a", hints: make(chan struct{}, 1)}
		defer running(t, newWatcher(t, b, "@every 1h", s))()
		pass(10 * time.Second)
		s.hints <- struct{}{}
		synctest.Wait()
		if got := s.passes(); got != 2 {
			t.Errorf("%d passes right after a hint", got)
		}
		for range 1000 { // hints that never cease start few passes more often than every 20 ms
			select {
			case s.hints <- struct{}{}:
			default:
			}
			pass(time.Millisecond)
		}
		got := s.passes()
		if got < 50 || got > 65 {
			t.Errorf("%d passes after 1000 hints in a second", got)
		}
		close(s.hints) // which no source should do
		pass(time.Minute)
		if more := s.passes() - got; more > 1 {
			t.Errorf("%d passes after the hints ended", more)
		}
	})
}

func TestScanNow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "mailbox:a"}
		w := newWatcher(t, b, "@every 1h", s)
		defer running(t, w)()
		pass(time.Minute)
		if !w.Scan("mailbox:a") || w.Scan("mailbox:b") {
			t.Error("Scan knows the wrong names")
		}
		synctest.Wait()
		if got := s.passes(); got != 2 {
			t.Errorf("%d passes", got)
		}
		if last := b.state("mailbox:a").LastSuccess; !last.Equal(time.Now()) { // for who asked to see it
			t.Errorf("the last pass that is known was %v ago", time.Since(last))
		}
	})
}

func TestSecondWatcherTakesOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, first, second := newBook(), &source{name: "mailbox:a"}, &source{name: "mailbox:a"}
		stop := running(t, newWatcher(t, b, "@every 1m", first))
		pass(time.Second)
		defer running(t, newWatcher(t, b, "@every 1m", second))()
		pass(10 * time.Minute)
		if second.gaps() != nil || len(second.at) != 0 || b.said("held (process 7)") != 1 {
			t.Errorf("the second looked %d times, log %s", len(second.at), b.log.String())
		}
		stop()
		pass(time.Second)
		if len(second.at) != 1 {
			t.Errorf("the second looked %d times within a second", len(second.at))
		}
	})
}

// Counts and times go on where an earlier watcher left them.
func TestStateGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "mailbox:a"}
		since := time.Now().Add(-time.Hour)
		b.states["mailbox:a"] = ticket.SourceState{Name: "mailbox:a", State: ticket.SourceFailing, Since: since,
			LastSuccess: since, LastError: "away", Period: time.Hour, Total: ticket.Pass{Queued: 5, Seen: 9, Pending: 7}}
		s.look = func(_ context.Context, n int, _ ticket.Submit) (ticket.Pass, error) {
			if n == 1 {
				return ticket.Pass{}, errors.New("away")
			}
			return ticket.Pass{Seen: 1, Queued: 1, Pending: 2}, nil
		}
		defer running(t, newWatcher(t, b, "@every 1m", s))()
		pass(100 * time.Millisecond)
		if state := b.state("mailbox:a"); !state.Since.Equal(since) || !state.LastSuccess.Equal(since) || b.said("source failing") != 0 {
			t.Errorf("after a failed pass: %+v", state)
		}
		pass(10 * time.Second)
		want := ticket.Pass{Queued: 6, Seen: 10, Pending: 2}
		if state := b.state("mailbox:a"); state.Total != want || state.Period != time.Minute || b.said("source recovered") != 1 {
			t.Errorf("after a good one: %+v", state)
		}
	})
}

// That nobody watched for a while is no fault of the source: it is late for the
// pages, but does not recover from anything.
func TestLateBecauseNobodyWatched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "share:a"}
		b.states["share:a"] = ticket.SourceState{Name: "share:a", State: ticket.SourceLate, LastSuccess: time.Now().Add(-time.Hour)}
		defer running(t, newWatcher(t, b, "@every 5s", s))()
		pass(time.Minute)
		if b.state("share:a").State != ticket.SourceOK || b.said("late")+b.said("recovered") != 0 {
			t.Errorf("state %+v, log %s", b.state("share:a"), b.log.String())
		}
	})
}

// What works less well than it should is told, though the source is well.
func TestWarning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &warner{source: source{name: "mailbox:a"}}
		w, err := watch.New(watch.Options{Sources: []watch.Source{{Source: s, Poll: every(t, "@every 5s")}}, States: b, Hold: b.hold})
		if err != nil {
			t.Fatal(err)
		}
		defer running(t, w)()
		pass(time.Second)
		if state := b.state("mailbox:a"); state.State != ticket.SourceOK || state.LastError != "no folder Inviter/Processed" {
			t.Errorf("state %+v", state)
		}
	})
}

type warner struct{ source }

func (*warner) Warning() string { return "no folder Inviter/Processed\r\n" }

// Passes that bring no news are not written down each time.
func TestQuietPassesAreRarelySaved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "share:a", hints: make(chan struct{})}
		s.look = func(context.Context, int, ticket.Submit) (ticket.Pass, error) { return ticket.Pass{Seen: 7}, nil }
		defer running(t, newWatcher(t, b, "@every 1m", s))()
		for range 600 {
			s.hints <- struct{}{}
			pass(time.Second)
		}
		if s.passes() < 600 || b.writes > 25 {
			t.Errorf("%d passes, %d writes", s.passes(), b.writes)
		}
	})
}

func TestFaultOfTheStoreIsNoFaultOfTheSource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "share:a"}
		b.broken = errors.New("database is locked")
		defer running(t, newWatcher(t, b, "@every 5s", s))()
		pass(time.Minute)
		b.mu.Lock()
		b.broken = nil
		b.mu.Unlock()
		pass(5 * time.Second)
		if s.passes() < 13 || b.state("share:a").State != ticket.SourceOK || b.said("source state not saved") == 0 {
			t.Errorf("%d passes, state %+v", s.passes(), b.state("share:a"))
		}
	})
}

func TestNewRefusesTwoOfOneName(t *testing.T) {
	t.Parallel()
	a := watch.Source{Source: &source{name: "share:a"}, Poll: every(t, "@every 1s")}
	if _, err := watch.New(watch.Options{Sources: []watch.Source{a, a}}); err == nil {
		t.Error("accepted")
	}
	if _, err := watch.New(watch.Options{Sources: []watch.Source{{Source: a.Source}}}); err == nil {
		t.Error("accepted without a schedule")
	}
}

// A watcher that lost the right to its source looks no more, and leaves the
// state alone; once nobody else has it, it watches again.
func TestLostHoldPassesTheSourceOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "share:a"}
		s.look = func(ctx context.Context, n int, _ ticket.Submit) (ticket.Pass, error) {
			if n == 3 { // it is lost in the middle of a pass
				b.take("share:a")
				<-ctx.Done()
			}
			return ticket.Pass{}, ctx.Err()
		}
		defer running(t, newWatcher(t, b, "@every 1m", s))()
		pass(2*time.Minute + time.Second)
		writes, passes := b.writes, s.passes()
		if passes != 3 || b.said("source passed on") != 1 {
			t.Fatalf("%d passes, log %s", passes, b.log.String())
		}
		pass(10 * time.Minute)
		if s.passes() != passes || b.writes != writes {
			t.Errorf("%d passes and %d writes without the right", s.passes()-passes, b.writes-writes)
		}
		b.give()
		pass(2 * time.Second)
		if s.passes() != passes+1 || b.state("share:a").State != ticket.SourceOK {
			t.Errorf("%d passes, %+v", s.passes(), b.state("share:a"))
		}
	})
}
