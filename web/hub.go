package web

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
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

	mu       sync.Mutex
	frames   []frame       // the latest, oldest first
	first    int64         // serial of frames[0]
	revision int64         // of the queue, as far as frames tell
	links    int64         // of the support links, likewise
	news     chan struct{} // closed and replaced when there is something new
	checks   chan struct{} // likewise when log-ins should be looked at again
	sources  map[string]string
	open     map[string]int // streams by account
	arrived  chan struct{}  // somebody opened one, after nobody had any
	done     chan struct{}
}

// hubQueue is what the hub reads.
type hubQueue interface {
	Changes
	Feeds
}

const (
	keptFrames     = 1024
	streamsEach    = 50  // of one account
	changesAtOnce  = 500 // read from the queue in one go
	hubRetry       = time.Second
	sourceInterval = 5 * time.Second // states grow late without anybody writing
)

func newHub(q hubQueue, log *slog.Logger, now func() time.Time) *hub {
	return &hub{
		queue: q, log: log, now: now, revision: -1, open: map[string]int{}, sources: map[string]string{},
		news: make(chan struct{}), checks: make(chan struct{}), done: make(chan struct{}),
		arrived: make(chan struct{}, 1),
	}
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
	if h.at() < 0 {
		revision, err := h.queue.Revision(ctx)
		if err != nil {
			return err
		}
		h.add(revision, nil)
	}
	for {
		changed, revision, err := h.queue.Changed(ctx, h.at(), changesAtOnce)
		if err != nil {
			return err
		}
		frames, err := ticketFrames(changed)
		if err != nil {
			return err
		}
		h.add(revision, frames)
		if len(changed) < changesAtOnce {
			return errors.Join(h.readSources(ctx), h.readLinks(ctx))
		}
	}
}

func (h *hub) at() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.revision
}

func (h *hub) add(revision int64, frames []frame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.revision = revision
	if len(frames) == 0 {
		return
	}
	h.frames = append(h.frames, frames...)
	if over := len(h.frames) - keptFrames; over > keptFrames/4 { // seldom: streams may be reading the old ones
		h.frames = slices.Clone(h.frames[over:])
		h.first += int64(over)
	}
	close(h.news)
	h.news = make(chan struct{})
}

// recheck has every stream look again whether its log-in still holds.
func (h *hub) recheck() {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.checks)
	h.checks = make(chan struct{})
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

// state is where a new stream begins.
func (h *hub) state() (serial, revision int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.first + int64(len(h.frames)), h.revision
}

// since lists the frames from serial on, and what to wait for next. missed
// means that some of them are no longer kept.
func (h *hub) since(serial int64) (frames []frame, next int64, missed bool, news, checks <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	next = h.first + int64(len(h.frames))
	if missed = serial < h.first; !missed {
		frames = h.frames[serial-h.first:]
	}
	return frames, next, missed, h.news, h.checks
}
