package web

import (
	"context"
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
	st := &stream{site: s, caller: c, request: r, out: w, control: http.NewResponseController(w)}
	return st.hint("ticket "+t.ID.String(), func() (string, time.Time, error) { return st.glance(t) })
}

// seeing tells all that a reader sees, and when the clock alone changes that;
// zero for never.
type seeing func() (look string, due time.Time, err error)

// hint tells a reader of every change of what they see of something. That is
// looked at before they hear that they are connected: their page asks for it then,
// so a change from there on must not be taken for old.
func (st *stream) hint(of string, look seeing) error {
	hub := st.site.hub
	if !hub.enter(of) {
		return &ticket.Refusal{Code: codeTooMany, Detail: fmt.Sprintf("at most %d streams of one %s", streamsEach, of)}
	}
	defer hub.leave(of)
	st.position = hub.latest.Load().end()
	seen, due, err := look()
	if err != nil {
		return err
	}
	if err = st.begin(); err == nil {
		err = st.watch(look, seen, due)
	}
	st.site.Log.Debug("stream ended", "of", of, "error", err)
	return nil
}

// watch hints at every change of what a reader sees until the reader or the
// program is gone. It looks at all news of the queue, when something is due,
// and at every beat.
func (st *stream) watch(look seeing, seen string, due time.Time) error {
	beat := time.NewTicker(st.site.Beat)
	defer beat.Stop()
	for {
		if err := st.rest(beat.C, due); err != nil {
			return err
		}
		var now string
		var err error
		if now, due, err = look(); err != nil {
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

// rest waits until there is a reason to look again; the error says that the
// stream is over.
func (st *stream) rest(beat <-chan time.Time, due time.Time) error {
	now := st.site.hub.latest.Load()
	if now.end() != st.position {
		st.position = now.end()
		return nil
	}
	var timer <-chan time.Time
	if left := due.Sub(st.site.clock()); left > 0 {
		timer = time.After(left + time.Millisecond)
	}
	select {
	case <-st.request.Context().Done():
		return st.request.Context().Err()
	case <-st.site.hub.done:
		return context.Canceled
	case <-now.old:
	case <-timer:
	case <-beat:
		return st.write([]byte(": beat\n\n"))
	}
	return nil
}

// glance is all of the ticket that changes what its user sees.
func (st *stream) glance(t ticket.Ticket) (string, time.Time, error) {
	ctx := st.request.Context()
	now, err := st.site.Queue.Ticket(ctx, t.ID)
	if err != nil {
		return "", time.Time{}, err
	}
	standing, err := st.site.Queue.Standing(ctx, now)
	return fmt.Sprint(now.Revision, now.State, standing.Place), time.Time{}, err
}
