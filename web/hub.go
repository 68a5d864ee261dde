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

	mu sync.Mutex // of who publishes
}

// hubQueue is what the hub reads.
type hubQueue interface {
	Changes
	Feeds
}

const (
	changesAtOnce  = 500 // read from the queue in one go
	hubRetry       = time.Second
	sourceInterval = 5 * time.Second // states grow late without anybody writing
)

func newHub(q hubQueue, log *slog.Logger, now func() time.Time) *hub {
	h := &hub{queue: q, log: log, now: now, sources: map[string]string{}}
	h.latest.Store(&edition{revision: -1, old: make(chan struct{})})
	return h
}

// run reads what changed at every hint, until ctx ends.
func (h *hub) run(ctx context.Context) error {
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
