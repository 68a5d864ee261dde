package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"inviter/ticket"
)

// settle is the least time between two events of a user's stream: a busy queue
// changes more often than a person reads.
const settle = time.Second

// statusEvents is GET /t/{secret}/events: an event whenever what the user sees
// of his ticket changed. It carries nothing; the page asks for itself again.
func (s *Site) statusEvents(w http.ResponseWriter, r *http.Request, _ caller) error {
	t, err := s.bySecret(r)
	if err != nil {
		return err
	}
	id := t.ID
	look := func(ctx context.Context) (string, time.Time, error) { return s.glanceAtTicket(ctx, id) }
	return s.stream(w, r, &seat{of: "ticket " + id.String()}, &hint{site: s, look: look})
}

// seeing tells all that a reader sees, and when the clock alone changes that;
// zero for never.
type seeing func(ctx context.Context) (look string, due time.Time, err error)

// hint tells a reader of every change of what they see of something. That is
// looked at before they hear that they are connected: their page asks for it then,
// so a change from there on must not be taken for old.
type hint struct {
	site     *Site
	look     seeing
	position int64
	seen     string
	due      time.Time
}

func (h *hint) begin(ctx context.Context) (err error) {
	h.position = h.site.hub.latest.Load().end()
	h.seen, h.due, err = h.look(ctx)
	return err
}

// follow looks at all news of the queue, when something is due, and at every beat.
func (h *hint) follow(ctx context.Context, on line) error {
	for {
		if err := h.rest(ctx, on); err != nil {
			return err
		}
		before := h.seen
		var err error
		if h.seen, h.due, err = h.look(ctx); err != nil {
			return err
		}
		if h.seen != before {
			if err := on.write(ctx, []byte("event: change\ndata:\n\n")); err != nil {
				return err
			}
		}
		pause(ctx, settle)
	}
}

// rest waits until there is a reason to look again; the error says that the
// stream is over.
func (h *hint) rest(ctx context.Context, on line) error {
	now := h.site.hub.latest.Load()
	if now.end() == h.position {
		var timer <-chan time.Time
		if left := h.due.Sub(h.site.clock()); left > 0 {
			timer = time.After(left + time.Millisecond)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer:
		case <-now.old:
			now = h.site.hub.latest.Load()
		}
	}
	frames, _ := now.since(h.position)
	h.position = now.end()
	if slices.ContainsFunc(frames, func(f frame) bool { return f.beats }) {
		return on.write(ctx, []byte(beat))
	}
	return nil
}

// glanceAtTicket is all of a ticket that changes what its user sees.
func (s *Site) glanceAtTicket(ctx context.Context, id ticket.ID) (string, time.Time, error) {
	now, err := s.Queue.Ticket(ctx, id)
	if err != nil {
		return "", time.Time{}, err
	}
	standing, err := s.Queue.Standing(ctx, now)
	return fmt.Sprint(now.Revision, now.State, standing.Place), time.Time{}, err
}
