// Package watch runs the configured sources: it decides when each one looks,
// keeps the state that the pages show, and sees to it that a source is watched
// by one watcher at a time.
//
// The schedule is the truth and hints only make a pass come sooner. Sources are
// isolated: one that fails, hangs or panics delays no other. Nothing here bears
// on what is lost or doubled: submitting is idempotent, and the sources let go
// of nothing that was not recorded.
package watch

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"inviter/config"
	"inviter/ticket"
)

// Source is one source with its schedule.
type Source struct {
	ticket.Source
	Poll  config.Schedule
	check func(ctx context.Context) []Finding
}

// Check tries what watching the source needs, and changes nothing there.
func (s Source) Check(ctx context.Context) []Finding {
	if s.check == nil {
		return nil
	}
	return s.check(ctx)
}

// States keeps how each source is doing, for pages of any process.
type States interface {
	Sources(ctx context.Context) ([]ticket.SourceState, error)
	SetSource(ctx context.Context, state ticket.SourceState) error
}

// Options are what a Watcher needs.
type Options struct {
	Sources []Source
	Submit  ticket.Submit
	States  States
	Wishes  Wishes // nil: there are none
	// Hold takes the right to watch the source of that name, without waiting.
	// It ends with release, or with the process; an error means that somebody
	// else has it. If it is lost sooner, held, which is ctx otherwise, ends.
	Hold func(ctx context.Context, name string) (held context.Context, release func(), err error)
	// Deadline bounds one pass; 0 means half an hour. What a pass has recorded
	// by then stays recorded, and the next one goes on from there.
	Deadline time.Duration
	Clock    func() time.Time // nil means time.Now
	Log      *slog.Logger     // nil means silence
}

// Watcher runs sources.
type Watcher struct {
	watched []*watched
	wishes  Wishes
	clock   func() time.Time
	log     *slog.Logger
}

// New prepares a watcher; nothing is looked at yet. Two sources of one name are
// a mistake of the caller.
func New(o Options) (*Watcher, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Deadline <= 0 {
		o.Deadline = 30 * time.Minute
	}
	o.Submit = failingSubmit(o.Submit)
	w := &Watcher{wishes: o.Wishes, clock: o.Clock, log: o.Log}
	names := map[string]bool{}
	for _, s := range o.Sources {
		if names[s.Name()] || s.Poll.Period() <= 0 {
			return nil, fmt.Errorf("source %s: named twice, or without a schedule", s.Name())
		}
		names[s.Name()] = true
		w.watched = append(w.watched, newWatched(s, o))
	}
	return w, nil
}

// Run watches every source until ctx ends. It returns a few seconds later at
// the most, even if a source is stuck.
func (w *Watcher) Run(ctx context.Context) {
	if w.wishes != nil {
		ended := make(chan struct{})
		go func() { defer close(ended); w.heed(ctx) }()
		defer func() { <-ended }()
	}
	w.each(func(s *watched) { s.run(ctx) })
}

// Scan has the source of that name looked at now, as far as its server allows;
// false means that there is none. It does not wait for the pass.
func (w *Watcher) Scan(name string) bool {
	for _, s := range w.watched {
		if s.source.Name() == name {
			s.ask()
			return true
		}
	}
	return false
}

// Result is what one complete pass over a source brought.
type Result struct {
	Source string
	Pass   ticket.Pass
	Err    error
	Words  string // Err in one line for people; "" where all went well
}

// Once makes one complete pass over every source, side by side, and closes
// them. The results stand in the order of the sources. A source that somebody
// else is watching is looked at all the same.
func (w *Watcher) Once(ctx context.Context) []Result {
	results := make([]Result, len(w.watched))
	place := map[*watched]int{}
	for i, s := range w.watched {
		place[s] = i
	}
	w.each(func(s *watched) { results[place[s]] = s.once(ctx) })
	return results
}

// each does something with all sources at the same time.
func (w *Watcher) each(do func(*watched)) {
	var all sync.WaitGroup
	for _, s := range w.watched {
		all.Go(func() { do(s) })
	}
	all.Wait()
}
