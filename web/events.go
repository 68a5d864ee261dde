package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"inviter/ticket"
)

// stream is one open event stream. It has no buffer: position says how far in
// the hub's frames it is, sent which revision the reader has.
type stream struct {
	site     *Site
	caller   caller
	request  *http.Request
	out      http.ResponseWriter
	control  *http.ResponseController
	position int64
	sent     int64
}

// events is GET /events. The stream ends when the log-in does, when the
// reader is too slow, and when the program ends.
func (s *Site) events(w http.ResponseWriter, r *http.Request, c caller) error {
	last, err := lastEvent(r)
	if err != nil {
		return err
	}
	if !s.hub.enter(c.Name) {
		return &ticket.Refusal{Code: codeTooMany, Detail: fmt.Sprintf("at most %d streams an account", streamsEach)}
	}
	defer s.hub.leave(c.Name)
	st := &stream{site: s, caller: c, request: r, out: w, control: http.NewResponseController(w)}
	now := s.hub.latest.Load()
	st.position, st.sent = now.end(), now.revision
	if err := st.begin(); err != nil {
		return nil // the reader is gone already
	}
	if last >= 0 {
		st.sent = min(last, st.sent) // higher than we are: of a time before a restore
		if err := st.catchUp(); err != nil {
			s.Log.Debug("stream ended", "by", c.Name, "error", err)
			return nil
		}
	}
	if err := st.follow(); err != nil {
		s.Log.Debug("stream ended", "by", c.Name, "error", err)
	}
	return nil
}

// lastEvent is the revision from which a reader resumes, -1 for from now on.
func lastEvent(r *http.Request) (int64, error) {
	h := r.Header.Get("Last-Event-ID")
	if h == "" {
		return -1, nil
	}
	n, err := strconv.ParseInt(h, 10, 64)
	if err != nil || n < 0 {
		return 0, badRequest("Last-Event-ID")
	}
	return n, nil
}

// begin sends the header at once, so that the reader knows it is connected.
func (st *stream) begin() error {
	h := st.out.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // for proxies that collect
	st.out.WriteHeader(http.StatusOK)
	return st.write([]byte(": here\n\n"))
}

// follow sends what is new, and a comment when nothing is.
func (st *stream) follow() error {
	beat, check := time.NewTicker(st.site.Beat), time.NewTicker(st.site.Check)
	defer beat.Stop()
	defer check.Stop()
	for {
		now, err := st.send()
		if err != nil {
			return err
		}
		select {
		case <-st.request.Context().Done():
			return st.request.Context().Err()
		case <-st.site.hub.done:
			return nil
		case <-now.old:
			continue
		case <-beat.C:
			if err := st.write([]byte(": beat\n\n")); err != nil {
				return err
			}
			continue
		case <-check.C:
		case <-now.checks:
		}
		if !st.site.still(st.request, st.caller) {
			return nil
		}
	}
}

// send writes the hub's frames up to now.
func (st *stream) send() (*edition, error) {
	now := st.site.hub.latest.Load()
	frames, missed := now.since(st.position)
	st.position = now.end()
	if missed {
		return now, st.catchUp()
	}
	return now, st.tell(frames)
}

// tell writes the frames that the reader has not had, as he may see them. A
// single one, as a rule there is no more, is not even copied.
func (st *stream) tell(frames []frame) error {
	var b []byte
	had := st.sent
	for i := range frames {
		f := &frames[i]
		if f.id != 0 && f.id <= had {
			continue
		}
		st.sent = max(st.sent, f.id)
		if e := f.as(st.caller.Technician); b == nil {
			b = slices.Clip(e)
		} else {
			b = append(b, e...)
		}
	}
	if b == nil {
		return nil
	}
	return st.write(b)
}

// catchUp reads from the queue what the hub no longer keeps. Frames that come
// twice are left out by their revision.
func (st *stream) catchUp() error {
	for {
		ctx, cancel := context.WithTimeout(st.request.Context(), patience)
		changed, revision, err := st.site.Queue.Changed(ctx, st.sent, changesAtOnce)
		cancel()
		if err != nil {
			return err
		}
		frames, err := ticketFrames(changed)
		if err != nil {
			return err
		}
		if err := st.tell(frames); err != nil {
			return err
		}
		if len(changed) < changesAtOnce {
			st.sent = max(st.sent, revision)
			return nil
		}
	}
}

// write sends b at once. A reader who takes longer than our patience is
// dropped; it comes back and resumes by its last revision.
func (st *stream) write(b []byte) error {
	if err := st.control.SetWriteDeadline(time.Now().Add(st.site.Patience)); err != nil {
		return err
	}
	if _, err := st.out.Write(b); err != nil {
		return err
	}
	return st.control.Flush()
}
