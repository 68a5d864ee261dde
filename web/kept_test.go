package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

// raw is a connection to the site, read and written byte by byte.
type raw struct {
	net.Conn
	*textproto.Reader
	t testing.TB
}

// dials connects and sends a request as it is, with the end of each line put in.
func (h *house) dials(lines ...string) raw {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
	check(h.t, err)
	h.t.Cleanup(func() { conn.Close() })
	check(h.t, conn.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n")
	check(h.t, err)
	return raw{conn, textproto.NewReader(bufio.NewReader(conn)), h.t}
}

// opens asks for the events of an account, and waits until they begin.
func (h *house) opens(token string) raw {
	h.t.Helper()
	return h.begins("GET /api/v1/events HTTP/1.1", "Host: x", "Authorization: Bearer "+token)
}

// begins sends a request, and waits until the stream begins.
func (h *house) begins(lines ...string) raw {
	h.t.Helper()
	c := h.dials(lines...)
	c.expect("HTTP/1.1 200 OK")
	_, err := c.ReadMIMEHeader()
	check(h.t, err)
	c.expect(": here")
	c.expect("")
	return c
}

func (c raw) expect(want string) {
	c.t.Helper()
	if line, err := c.ReadLine(); err != nil || line != want {
		c.t.Fatalf("%q, %v; want %q", line, err, want)
	}
}

// until waits for a condition that comes true by itself.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}

// timeless has a site of which no stream hears anything by the clock.
func timeless(o *web.Options) { o.Beat, o.Check = time.Hour, time.Hour }

// TestAStreamInBytes: what goes over the line is a whole answer of HTTP, with
// all that any other says, and a body that ends with the connection.
func TestAStreamInBytes(t *testing.T) {
	t.Parallel()
	h := build(t, timeless)
	ada := h.hire("ada", ticket.RoleViewer)
	like := h.call(ada, "GET", "/api/v1/tickets", "").Header
	for _, version := range []string{"HTTP/1.1", "HTTP/1.0"} {
		c := h.dials("GET /api/v1/events "+version, "Host: x", "Authorization: Bearer "+ada)
		c.expect(version + " 200 OK")
		head, err := c.ReadMIMEHeader()
		check(t, err)
		for _, key := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cache-Control"} {
			if head.Get(key) == "" || head.Get(key) != like.Get(key) {
				t.Errorf("%s: %q, elsewhere %q", key, head.Get(key), like.Get(key))
			}
		}
		if head.Get("Content-Type") != "text/event-stream; charset=utf-8" || head.Get("Connection") != "close" || head.Get("Transfer-Encoding")+head.Get("Content-Length") != "" {
			t.Errorf("%v", head)
		}
		if _, err := http.ParseTime(head.Get("Date")); err != nil {
			t.Error(err)
		}
		c.expect(": here")
		c.expect("")
		one := h.arrives()
		c.expect(fmt.Sprintf("id: %d", one.Revision))
		c.expect("event: ticket")
		if line, err := c.ReadLine(); err != nil || !strings.HasPrefix(line, `data: {"id":`) || !strings.HasSuffix(line, "}") {
			t.Errorf("%q, %v", line, err)
		}
		c.expect("")
		if version == "HTTP/1.0" {
			check(t, h.accounts.Disable(t.Context(), "ada"))
			h.site.SweepNow(t.Context())
			if rest, err := io.ReadAll(c.R); err != nil || len(rest) > 0 {
				t.Errorf("at the end %q, %v", rest, err)
			}
		}
	}
}

// TestHeadOfAStream is the head alone, and no stream.
func TestHeadOfAStream(t *testing.T) {
	t.Parallel()
	h := build(t, timeless)
	a := h.call(h.hire("ada", ticket.RoleViewer), "HEAD", "/api/v1/events", "")
	if a.StatusCode != 200 || a.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" || h.site.Watching("ada") {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
}

// TestWhoLeavesIsNoticed, though nothing is sent that could fail: the account's
// number of streams falls at once.
func TestWhoLeavesIsNoticed(t *testing.T) {
	t.Parallel()
	h := build(t, timeless)
	ada := h.hire("ada", ticket.RoleViewer)
	var open []raw
	for range 50 {
		open = append(open, h.opens(ada))
	}
	if a := h.call(ada, "GET", "/api/v1/events", ""); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the fifty-first: %d", a.StatusCode)
	}
	check(t, open[7].Close())
	until(t, "room for another", func() bool {
		c := h.dials("GET /api/v1/events HTTP/1.1", "Host: x", "Authorization: Bearer "+ada)
		line, err := c.ReadLine()
		check(t, err)
		return line == "HTTP/1.1 200 OK"
	})
}

// TestStreamsOverTLS: by HTTP/2, where many share a connection, and by HTTP/1.1.
func TestStreamsOverTLS(t *testing.T) {
	t.Parallel()
	for major, second := range map[int]bool{1: false, 2: true} {
		h := build(t, timeless)
		ada := h.hire("ada", ticket.RoleViewer)
		server := httptest.NewUnstartedServer(h.site)
		server.EnableHTTP2 = second
		server.StartTLS()
		t.Cleanup(func() { h.stop(); server.Close() })
		h.server.URL = server.URL
		s := h.listenBy(server.Client().Transport, "/api/v1/events", ada)
		if s.major != major || s.status != 200 || s.header.Get("Cache-Control") != "no-store" {
			t.Fatalf("HTTP/%d: %d %v", s.major, s.status, s.header)
		}
		h.arrives()
		if id, _ := s.ticket(); id != "1" {
			t.Errorf("HTTP/%d hears %s", major, id)
		}
		s.cancel()
		until(t, "nobody there", func() bool { return !h.site.Watching("ada") })
		last := h.listenBy(server.Client().Transport, "/api/v1/events", ada)
		h.stop()
		last.ends()
	}
}

// TestReadersWhoTalk: what a reader says besides his request does no harm, and
// isn't answered; he who goes on and on is dropped.
func TestReadersWhoTalk(t *testing.T) {
	t.Parallel()
	h := build(t, timeless)
	ada := h.hire("ada", ticket.RoleViewer)
	junk := strings.Repeat("junk\x00\xff\r\n", 100)
	c := h.begins("GET /api/v1/events HTTP/1.1", "Host: x", "Authorization: Bearer "+ada, "", "GET /api/v1/tickets HTTP/1.1", "Host: x", "", junk)
	for i := range 3 {
		_, err := io.WriteString(c, junk)
		check(t, err)
		h.arrives()
		c.expect(fmt.Sprintf("id: %d", i+1))
		c.expect("event: ticket")
		_, err = c.ReadLine()
		check(t, err)
		c.expect("")
	}
	go func() {
		for err := error(nil); err == nil; {
			_, err = io.WriteString(c, junk)
		}
	}()
	until(t, "dropped", func() bool { return !h.site.Watching("ada") })
}

// TestAStalledReaderCanBeTurnedOut: also in the middle of a write that may take
// for ever.
func TestAStalledReaderCanBeTurnedOut(t *testing.T) {
	t.Parallel()
	h := build(t, timeless, func(o *web.Options) { o.Patience = time.Hour })
	c := h.opens(h.hire("ada", ticket.RoleViewer))
	check(t, c.Conn.(*net.TCPConn).SetReadBuffer(4096))
	for range 100 { // more than the kernel takes in
		h.arrives(func(d *ticket.Delivery, _ *sample.Invitation) { d.Note = strings.Repeat("long ", 20_000) })
	}
	check(t, h.accounts.Disable(t.Context(), "ada"))
	h.site.SweepNow(t.Context())
	until(t, "turned out", func() bool { return !h.site.Watching("ada") })
}

// TestAFaultInOneStream ends that stream, and nothing else.
func TestAFaultInOneStream(t *testing.T) {
	t.Parallel()
	var looks atomic.Int64
	h := build(t, func(o *web.Options) {
		o.Queue = glanced{o.Queue, func() {
			if looks.Add(1) == 2 {
				panic("a bug")
			}
		}}
	})
	id := h.arrives().ID
	s := h.listenTo(h.status(id)+"/events", "")
	_, err := h.Claim(t.Context(), id, ada)
	check(t, err)
	s.ends()
	if s := h.listenTo(h.status(id)+"/events", ""); s.status != http.StatusOK {
		t.Errorf("the next one: %d", s.status)
	}
}

// TestNothingIsLeftOfStreams counts all goroutines, so nothing runs beside it.
func TestNothingIsLeftOfStreams(t *testing.T) {
	h := build(t, timeless)
	ada := h.hire("ada", ticket.RoleViewer)
	path := h.status(h.arrives().ID) + "/events"
	round := func(n int) {
		var open []raw
		for range n {
			open = append(open, h.opens(ada), h.begins("GET "+path+" HTTP/1.1", "Host: x"))
		}
		for _, c := range open {
			check(t, c.Close())
		}
		until(t, "nobody there", func() bool { return !h.site.Watched() })
	}
	round(2) // what is made once is there
	before := runtime.NumGoroutine()
	round(40)
	until(t, "as few goroutines as before", func() bool { return runtime.NumGoroutine() <= before })
}
