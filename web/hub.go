package web

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// hub turns the queue's hints into frames for the open streams. It keeps the
// latest frames once, for all: a stream is a reader with a position, so nothing
// is buffered for a slow one, and who falls behind the kept frames reads the
// changes from the queue again.
type hub struct {
	queue hubQueue
	log   *slog.Logger
	now   func() time.Time

	latest  atomic.Pointer[edition]
	links   int64 // revision of the support links, as far as frames tell
	sources map[string]string

	mu      sync.Mutex
	open    map[string]int // streams by account
	arrived chan struct{}  // somebody opened one, after nobody had any
	done    chan struct{}
}

// hubQueue is what the hub reads.
type hubQueue interface {
	Changes
	Feeds
}

const (
	streamsEach    = 50  // of one account
	changesAtOnce  = 500 // read from the queue in one go
	hubRetry       = time.Second
	sourceInterval = 5 * time.Second // states grow late without anybody writing
)

func newHub(q hubQueue, log *slog.Logger, now func() time.Time) *hub {
	h := &hub{
		queue: q, log: log, now: now, open: map[string]int{}, sources: map[string]string{},
		done: make(chan struct{}), arrived: make(chan struct{}, 1),
	}
	h.latest.Store(&edition{revision: -1, old: make(chan struct{}), checks: make(chan struct{})})
	return h
}

// run reads what changed at every hint, until ctx ends; then every stream ends.
func (h *hub) run(ctx context.Context) error {
	defer close(h.done)
	hints := h.queue.Notify(ctx)
	timer := time.NewTicker(sourceInterval)
	defer timer.Stop()
	for ctx.Err() == nil {
		if err := h.read(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("changes unread", "error", err)
			pause(ctx, hubRetry)
			continue
		}
		select {
		case <-ctx.Done():
		case <-hints:
		case <-timer.C:
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// read takes in everything up to now.
func (h *hub) read(ctx context.Context) error {
	if h.latest.Load().revision < 0 {
		revision, err := h.queue.Revision(ctx)
		if err != nil {
			return err
		}
		h.reach(revision, nil)
	}
	for {
		changed, revision, err := h.queue.Changed(ctx, h.latest.Load().revision, changesAtOnce)
		if err != nil {
			return err
		}
		frames, err := ticketFrames(changed)
		if err != nil {
			return err
		}
		h.reach(revision, frames)
		if len(changed) < changesAtOnce {
			return errors.Join(h.readSources(ctx), h.readLinks(ctx))
		}
	}
}

// recheck has every stream look again whether its log-in still holds.
func (h *hub) recheck() {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.latest.Load()
	next := before.with(before.revision, nil)
	next.checks = make(chan struct{})
	h.latest.Store(next)
	close(before.checks)
}

// enter counts one more stream of an account; false when it has enough.
func (h *hub) enter(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open[name] >= streamsEach {
		return false
	}
	if len(h.open) == 0 {
		select {
		case h.arrived <- struct{}{}:
		default:
		}
	}
	h.open[name]++
	return true
}

func (h *hub) leave(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open[name]--; h.open[name] <= 0 {
		delete(h.open, name)
	}
}

// watching tells whether an account has a stream open.
func (h *hub) watching(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.open[name] > 0
}

// watched tells whether anybody has a stream open.
func (h *hub) watched() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.open) > 0
}
