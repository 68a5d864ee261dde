package web

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"time"
)

// kept is a line that is taken from the HTTP server for good. The server's
// buffers, the request and the deep stack of its handlers go; what stays of a
// stream are two goroutines with little on their stacks.
type kept struct {
	conn     net.Conn
	patience time.Duration
}

// write looks at ctx after it has set the deadline: whoever ends the stream ends
// ctx first and moves the deadline then, so no write outlasts that.
func (k kept) write(ctx context.Context, b []byte) error {
	if err := k.conn.SetWriteDeadline(time.Now().Add(k.patience)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := k.conn.Write(b)
	return err
}

// keep serves a stream on a connection of its own until it ends, and returns at
// once; false when it is not served, because all is over.
func (s *Site) keep(ctx context.Context, conn net.Conn, at *seat, by teller, head []byte) bool {
	if !s.audience.keep(at, conn) {
		_ = conn.Close()
		return false
	}
	go s.audience.listen(at, conn)
	go s.serve(ctx, kept{conn, s.Patience}, at, by, head)
	return true
}

func (s *Site) serve(ctx context.Context, on kept, at *seat, by teller, head []byte) {
	defer s.audience.own.Done()
	defer on.conn.Close()
	defer s.audience.leave(at)
	defer s.survive(at)
	s.follow(ctx, on, at, by, head)
}

// survive keeps what goes wrong in one stream from ending the program, as the
// HTTP server does for requests.
func (s *Site) survive(at *seat) {
	if p := recover(); p != nil {
		s.Log.Error("stream failed", "of", at.of, "panic", p, "stack", string(debug.Stack()))
	}
}

// mostSaid is how often a reader may say something, who has nothing to say.
const mostSaid = 1000

// listen ends a stream when its reader has left, which nothing but reading
// tells. What he says is dropped.
func (a *audience) listen(at *seat, conn net.Conn) {
	defer a.own.Done()
	var said [64]byte
	for range mostSaid {
		if _, err := conn.Read(said[:]); err != nil {
			break
		}
	}
	a.dismiss(at)
}

// head is what goes over a kept line first, with the first comment. There is no
// length, so the connection's end is the body's (RFC 9112, section 6.3).
func head(r *http.Request, h http.Header) []byte {
	h.Set("Connection", "close")
	h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	var b bytes.Buffer
	version := "1.1"
	if !r.ProtoAtLeast(1, 1) {
		version = "1.0"
	}
	fmt.Fprintf(&b, "HTTP/%s 200 OK\r\n", version)
	_ = h.Write(&b) // into memory: can't fail
	b.WriteString("\r\n" + welcome)
	return b.Bytes()
}
