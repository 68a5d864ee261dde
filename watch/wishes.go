package watch

import (
	"context"
	"time"
)

// Wishes tell which sources somebody wants looked at now, in any program on the
// same store.
type Wishes interface {
	// Wishes counts by source how often that was.
	Wishes(ctx context.Context) (map[string]int64, error)
	// Notify hints that something was written, perhaps a wish.
	Notify(ctx context.Context) <-chan struct{}
}

// wishRest is the least time between two looks for wishes: hints may come with
// every commit.
const wishRest = 100 * time.Millisecond

// heed has sources looked at that somebody wishes for, until ctx ends. What was
// wished before doesn't count, for a watcher begins with a pass.
func (w *Watcher) heed(ctx context.Context) {
	hints := w.wishes.Notify(ctx)
	var before map[string]int64
	for ctx.Err() == nil {
		now, err := w.wishes.Wishes(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.Error("wishes not read", "error", err)
		}
		if err == nil {
			w.grant(before, now)
			before = now
		}
		select {
		case <-ctx.Done():
		case <-time.After(wishRest):
		}
		select {
		case <-ctx.Done():
		case <-hints:
		}
	}
}

// grant has the sources looked at that were wished for since; before is nil at
// the first time.
func (w *Watcher) grant(before, now map[string]int64) {
	for name, times := range now {
		switch {
		case before == nil || times <= before[name]:
		case name == Eyes:
			w.attend()
		default:
			w.Scan(name)
		}
	}
}

// Eyes is the name under which it is wished that all sources are watched closely
// for a while, since somebody looks at the queue. No source has it. Whoever
// serves the page repeats the wish for as long, every EyesEvery.
const Eyes = "eyes"

// EyesEvery is how often the wish is repeated, and eyesLast how long one lasts:
// no longer are servers troubled after the last page was closed.
const (
	EyesEvery = 20 * time.Second
	eyesLast  = 30 * time.Second
)

// attend tells the sources that can watch more closely until when to.
func (w *Watcher) attend() {
	until := w.clock().Add(eyesLast)
	for _, s := range w.watched {
		if s, ok := s.source.Source.(interface{ Attend(until time.Time) }); ok {
			s.Attend(until)
		}
	}
}
