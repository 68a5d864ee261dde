package watch_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"inviter/config"
	"inviter/ticket"
	"inviter/watch"
)

// source is a source that does what a test says.
type source struct {
	name  string
	hints chan struct{}
	look  func(ctx context.Context, n int, submit ticket.Submit) (ticket.Pass, error)

	mu     sync.Mutex
	at     []time.Time // when each pass began
	closed bool
}

func (s *source) Name() string                          { return s.name }
func (s *source) Hints(context.Context) <-chan struct{} { return s.hints }
func (s *source) Mode() string                          { return "events" }

func (s *source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func (s *source) Scan(ctx context.Context, submit ticket.Submit) (ticket.Pass, error) {
	s.mu.Lock()
	s.at = append(s.at, time.Now())
	n := len(s.at)
	s.mu.Unlock()
	if s.look == nil {
		return ticket.Pass{}, nil
	}
	return s.look(ctx, n, submit)
}

// gaps are the times between the passes.
func (s *source) gaps() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gaps []time.Duration
	for i := 1; i < len(s.at); i++ {
		gaps = append(gaps, s.at[i].Sub(s.at[i-1]))
	}
	return gaps
}

func (s *source) passes() int { return len(s.gaps()) + 1 }

// book is where states are kept, locks held and log lines written.
type book struct {
	mu     sync.Mutex
	states map[string]ticket.SourceState
	writes int
	held   map[string]bool
	log    strings.Builder
	broken error
	told   func(ticket.SourceState)
}

func (b *book) Sources(context.Context) ([]ticket.SourceState, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []ticket.SourceState
	for _, s := range b.states {
		all = append(all, s)
	}
	return all, b.broken
}

func (b *book) SetSource(_ context.Context, s ticket.SourceState) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return b.broken
	}
	b.states[s.Name] = s
	b.writes++
	if b.told != nil {
		b.told(s)
	}
	return nil
}

func (b *book) state(name string) ticket.SourceState {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.states[name]
}

func (b *book) hold(name string) (func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held[name] {
		return nil, errors.New(name + " is held (process 7)")
	}
	b.held[name] = true
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.held, name)
	}, nil
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.Write(p)
}

func (b *book) said(text string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.log.String(), text)
}

func newBook() *book {
	return &book{states: map[string]ticket.SourceState{}, held: map[string]bool{}}
}

func every(t *testing.T, text string) config.Schedule {
	t.Helper()
	s, err := config.ParseSchedule(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newWatcher(t *testing.T, b *book, poll string, sources ...*source) *watch.Watcher {
	t.Helper()
	o := watch.Options{States: b, Hold: b.hold, Log: slog.New(slog.NewTextHandler(b, nil)), Deadline: 10 * time.Minute}
	o.Submit = func(_ context.Context, batch []ticket.Delivery) ([]ticket.Receipt, error) {
		return make([]ticket.Receipt, len(batch)), nil
	}
	for _, s := range sources {
		o.Sources = append(o.Sources, watch.Source{Source: s, Poll: every(t, poll)})
	}
	w, err := watch.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// running starts a watcher inside a bubble and returns how to end it.
func running(t *testing.T, w *watch.Watcher) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx) }()
	return func() { cancel(); <-done }
}

func pass(d time.Duration) { time.Sleep(d); synctest.Wait() }

// refusedLogin is an error as a mailbox has it for a wrong password.
type refusedLogin struct{}

func (refusedLogin) Error() string { return "the server refuses the log-in: check password_file" }
func (refusedLogin) Slow() bool    { return true }

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
		for range 100 { // hints that never cease start no pass more often than every 20 ms
			select {
			case s.hints <- struct{}{}:
			default:
			}
			pass(time.Millisecond)
		}
		if got := s.passes(); got < 4 || got > 8 {
			t.Errorf("%d passes after 100 hints in 100 ms", got)
		}
		close(s.hints) // which no source should do
		pass(time.Minute)
		if got := s.passes(); got > 9 {
			t.Errorf("%d passes after the hints ended", got)
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
	})
}

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

func TestSlowPassIsLateThenCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, slow, good := newBook(), &source{name: "mailbox:slow"}, &source{name: "mailbox:good"}
		slow.look = func(ctx context.Context, n int, _ ticket.Submit) (ticket.Pass, error) {
			if n == 2 {
				<-ctx.Done()
				return ticket.Pass{Queued: 3}, ctx.Err()
			}
			return ticket.Pass{Queued: 1}, nil
		}
		defer running(t, newWatcher(t, b, "@every 1m", slow, good))()
		pass(3*time.Minute - time.Second)
		if state := b.state("mailbox:slow"); state.State != ticket.SourceOK {
			t.Errorf("late too soon: %+v", state)
		}
		pass(2 * time.Second)
		if state := b.state("mailbox:slow"); state.State != ticket.SourceLate || b.said("source late") != 1 {
			t.Errorf("not late: %+v", state)
		}
		pass(9 * time.Minute)
		if state := b.state("mailbox:slow"); b.said("no complete look within 10m0s") == 0 || state.Total.Queued < 4 {
			t.Errorf("not cut: %+v", state)
		}
		if good.passes() < 12 {
			t.Errorf("the other source had only %d passes", good.passes())
		}
	})
}

// A look that ignores its deadline, as on a dead mount, never has a second one
// beside it, and holds up neither the others nor the end of the program.
func TestStuckPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "share:a"}
		unstick := make(chan struct{})
		s.look = func(_ context.Context, n int, _ ticket.Submit) (ticket.Pass, error) {
			if n != 2 {
				<-unstick
			}
			return ticket.Pass{Queued: 1}, nil
		}
		stop := running(t, newWatcher(t, b, "@every 5s", s))
		pass(11 * time.Minute)
		if state := b.state("share:a"); state.State != ticket.SourceFailing || !strings.Contains(state.LastError, "stuck") {
			t.Errorf("state %+v", state)
		}
		pass(30 * time.Minute)
		if s.passes() != 1 {
			t.Errorf("%d passes at once", s.passes())
		}
		unstick <- struct{}{}
		pass(time.Minute)
		if state := b.state("share:a"); s.passes() < 2 || state.Total.Queued < 1 {
			t.Errorf("%d passes, state %+v", s.passes(), state)
		}
		began := time.Now()
		stop()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %v to end", took)
		}
		close(unstick)
	})
}

func TestEndsPromptly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "mailbox:a"}
		s.look = func(ctx context.Context, _ int, _ ticket.Submit) (ticket.Pass, error) {
			<-ctx.Done()
			return ticket.Pass{Queued: 2}, ctx.Err()
		}
		stop := running(t, newWatcher(t, b, "@every 1m", s))
		pass(time.Second)
		began := time.Now()
		stop()
		if time.Since(began) > 0 {
			t.Errorf("took %v to end", time.Since(began))
		}
		if state := b.state("mailbox:a"); state.Total.Queued != 2 || state.State == ticket.SourceFailing {
			t.Errorf("an interrupted pass: %+v", state)
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
			LastSuccess: since, LastError: "away", Period: time.Hour, Total: ticket.Pass{Queued: 5, Seen: 9}}
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
