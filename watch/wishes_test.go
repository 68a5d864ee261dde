package watch_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
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
