package watch_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"inviter/watch"
)

// wishes are what other programs wish.
type wishes struct {
	mu     sync.Mutex
	times  map[string]int64
	broken bool
	hints  chan struct{}
}

func (w *wishes) Wishes(context.Context) (map[string]int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken {
		return nil, errors.New("away")
	}
	out := map[string]int64{}
	for name, n := range w.times {
		out[name] = n
	}
	return out, nil
}

func (w *wishes) Notify(context.Context) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hints = make(chan struct{}, 1)
	return w.hints
}

// wish is somebody's, for each of these; broken says whether it can be read yet.
func (w *wishes) wish(broken bool, names ...string) {
	w.mu.Lock()
	for _, name := range names {
		w.times[name]++
	}
	w.broken = broken
	w.mu.Unlock()
	select {
	case w.hints <- struct{}{}:
	default:
	}
}

func TestWishesOfOtherProgramsAreGranted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s, other := newBook(), &source{name: "mailbox:a"}, &source{name: "mailbox:b"}
		all := b.wishes
		all.times["mailbox:a"] = 7
		w := newWatcher(t, b, "@every 1h", s, other)
		defer running(t, w)()
		pass(time.Minute)
		all.wish(false, "mailbox:a", "share:elsewhere")
		pass(time.Second)
		all.wish(false) // a hint of something else
		pass(time.Second)
		if s.passes() != 2 || len(other.at) != 1 {
			t.Errorf("%d and %d passes", s.passes(), len(other.at))
		}
		all.wish(true, "mailbox:a")
		pass(time.Second)
		all.wish(false)
		pass(time.Second)
		if s.passes() != 3 || len(other.at) != 1 {
			t.Errorf("%d and %d passes after a wish that could not be read at first", s.passes(), len(other.at))
		}
	})
}

// attentive is a source that can watch more closely.
type attentive struct {
	source
	until chan time.Time
}

func (a *attentive) Attend(until time.Time) { a.until <- until }

// Wherever the page is served, those who watch mailboxes hear of it, for a while.
func TestSourcesHearThatSomebodyLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, a := newBook(), &attentive{source: source{name: "mailbox:a"}, until: make(chan time.Time, 9)}
		b.wishes.times[watch.Eyes] = 3 // of earlier days
		w := newWatcher(t, b, "@every 1h", a, &source{name: "share:b"})
		defer running(t, w)()
		pass(time.Minute)
		if len(a.until) != 0 {
			t.Error("told though nobody looks")
		}
		for range 2 {
			b.wishes.wish(false, watch.Eyes)
			pass(time.Second)
			if len(a.until) != 1 {
				t.Fatalf("told %d times", len(a.until))
			}
			if left := time.Until(<-a.until); left <= watch.EyesEvery || left > time.Minute {
				t.Errorf("told for %v more", left)
			}
			pass(watch.EyesEvery)
		}
		if a.passes() != 1 {
			t.Errorf("%d passes: a wish to watch closely is none to look", a.passes())
		}
	})
}
