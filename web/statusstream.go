package web

import (
	"fmt"
	"net/http"
	"time"

	"inviter/ticket"
)

// settle is the least time between two events of a user's stream: a busy queue
// changes more often than a person reads.
const settle = time.Second

// statusEvents is GET /t/{secret}/events: an event whenever what the user sees
// of his ticket changed. It carries nothing; the page asks for itself again.
func (s *Site) statusEvents(w http.ResponseWriter, r *http.Request, c caller) error {
	t, err := s.bySecret(r)
	if err != nil {
		return err
	}
	name := "ticket " + t.ID.String()
	if !s.hub.enter(name) {
		return &ticket.Refusal{Code: codeTooMany, Detail: fmt.Sprintf("at most %d streams a ticket", streamsEach)}
	}
	defer s.hub.leave(name)
	st := &stream{site: s, caller: c, request: r, out: w, control: http.NewResponseController(w)}
	st.position, _ = s.hub.state()
	if err := st.begin(); err != nil {
		return nil // the reader is gone already
	}
	if err := st.watch(t); err != nil {
		s.Log.Debug("stream ended", "ticket", int64(t.ID), "error", err)
	}
	return nil
}

// watch hints at every change until the reader or the program is gone.
func (st *stream) watch(t ticket.Ticket) error {
	beat := time.NewTicker(st.site.Beat)
	defer beat.Stop()
	seen, err := st.glance(t)
	if err != nil {
		return err
	}
	for {
		_, next, _, news, _ := st.site.hub.since(st.position)
		if next == st.position {
			select {
			case <-st.request.Context().Done():
				return st.request.Context().Err()
			case <-st.site.hub.done:
				return nil
			case <-beat.C:
				if err := st.write([]byte(": beat\n\n")); err != nil {
					return err
				}
			case <-news:
			}
			continue
		}
		st.position = next
		now, err := st.glance(t)
		if err != nil {
			return err
		}
		if now != seen {
			seen = now
			if err := st.write([]byte("event: change\ndata:\n\n")); err != nil {
				return err
			}
		}
		pause(st.request.Context(), settle)
	}
}

// glance is all of the ticket that changes what its user sees.
func (st *stream) glance(t ticket.Ticket) (string, error) {
	ctx := st.request.Context()
	now, err := st.site.Queue.Ticket(ctx, t.ID)
	if err != nil {
		return "", err
	}
	standing, err := st.site.Queue.Standing(ctx, now)
	return fmt.Sprint(now.Revision, now.State, standing.Place), err
}
