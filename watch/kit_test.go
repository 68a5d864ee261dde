package watch_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
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
	lose   map[string]func() // takes a hold away
	kept   string            // which nobody may have
	log    strings.Builder
	broken error
	wishes *wishes // of other programs
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

func (b *book) hold(ctx context.Context, name string) (context.Context, func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held[name] || b.kept == name {
		return nil, nil, errors.New(name + " is held (process 7)")
	}
	b.held[name] = true
	held, lose := context.WithCancel(ctx)
	b.lose[name] = lose
	return held, func() {
		lose()
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.held, name)
	}, nil
}

// take takes a hold away from whoever has it, and keeps it from everybody.
func (b *book) take(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lose[name]()
	b.kept = name
}

func (b *book) give() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept = ""
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
	return &book{states: map[string]ticket.SourceState{}, held: map[string]bool{}, lose: map[string]func(){}, wishes: &wishes{times: map[string]int64{}}}
}

func every(t *testing.T, text string) config.Schedule {
	t.Helper()
	s, err := config.ParseSchedule(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newWatcher(t *testing.T, b *book, poll string, sources ...ticket.Source) *watch.Watcher {
	t.Helper()
	o := watch.Options{States: b, Wishes: b.wishes, Hold: b.hold, Log: slog.New(slog.NewTextHandler(b, nil)), Deadline: 10 * time.Minute}
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
