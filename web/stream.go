package web

import (
	"context"
	"net/http"
	"time"
)

// teller has something to tell over an event stream.
type teller interface {
	// begin takes in how things are, before the reader hears that he is
	// connected; its error is answered like any request's.
	begin(ctx context.Context) error
	// follow tells of every change since then, until ctx or the line ends.
	follow(ctx context.Context, on line) error
}

// line is what the events of a stream go out on.
type line interface {
	// write sends b at once. A reader who takes longer than our patience is
	// dropped; he comes back, and resumes by his last revision.
	write(ctx context.Context, b []byte) error
}

// welcome is the first that a reader gets: he is connected.
const welcome = ": here\n\n"

// stream answers a request with a stream, which ends when the reader leaves, is
// too slow or is turned out, and when the program ends.
func (s *Site) stream(w http.ResponseWriter, r *http.Request, at *seat, by teller) error {
	if r.Method == http.MethodHead {
		streamHeaders(w.Header())
		return nil
	}
	ctx, stop := context.WithCancel(context.Background()) // not the request's, which may end long before
	at.stop = stop
	if !s.audience.enter(at) {
		stop()
		return at.tooMany()
	}
	kept := false
	defer func() {
		if !kept {
			s.audience.leave(at)
		}
	}()
	if err := by.begin(r.Context()); err != nil {
		return err
	}
	streamHeaders(w.Header())
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2 has one connection for many requests
		s.lend(ctx, w, r, at, by)
		return nil
	}
	kept = s.keep(ctx, conn, at, by, head(r, w.Header()))
	return nil
}

// lend serves a stream on what the HTTP server keeps.
func (s *Site) lend(ctx context.Context, w http.ResponseWriter, r *http.Request, at *seat, by teller) {
	defer context.AfterFunc(r.Context(), at.stop)()
	w.WriteHeader(http.StatusOK)
	s.follow(ctx, lent{w, http.NewResponseController(w), s.Patience}, at, by, []byte(welcome))
}

// follow writes what comes first, and then all that there is to tell.
func (s *Site) follow(ctx context.Context, on line, at *seat, by teller, first []byte) {
	err := on.write(ctx, first)
	if err == nil {
		err = by.follow(ctx, on)
	}
	s.Log.Debug("stream ended", "of", at.of, "error", err)
}

func streamHeaders(h http.Header) {
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // for proxies that collect
}

// lent is a line that the HTTP server keeps, for as long as the request lasts.
type lent struct {
	out      http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
}

func (l lent) write(ctx context.Context, b []byte) error {
	if err := l.control.SetWriteDeadline(time.Now().Add(l.patience)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := l.out.Write(b); err != nil {
		return err
	}
	return l.control.Flush()
}
