package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

// patience bounds every wait; what is waited for comes at once.
const patience = time.Minute

// stream is an open event stream, read by line.
type stream struct {
	t      testing.TB
	lines  chan string
	cancel context.CancelFunc
	status int
	major  int // of HTTP
	header http.Header
}

// event is one event or comment of a stream.
type event struct{ id, kind, data, comment string }

func (h *house) listen(token string, headers ...string) *stream {
	h.t.Helper()
	return h.listenTo("/api/v1/events", token, headers...)
}

func (h *house) listenTo(path, token string, headers ...string) *stream {
	h.t.Helper()
	return h.listenBy(http.DefaultTransport, path, token, headers...)
}

func (h *house) listenBy(by http.RoundTripper, path, token string, headers ...string) *stream {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	h.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", h.server.URL+path, nil)
	check(h.t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := by.RoundTrip(r)
	check(h.t, err)
	s := &stream{t: h.t, lines: make(chan string, 1000), cancel: cancel, status: resp.StatusCode, major: resp.ProtoMajor, header: resp.Header}
	go func() {
		defer close(s.lines)
		defer resp.Body.Close()
		scan := bufio.NewScanner(resp.Body)
		scan.Buffer(nil, 1<<20)
		for scan.Scan() {
			s.lines <- scan.Text()
		}
	}()
	if s.status == 200 {
		s.next() // the comment that says: connected
	}
	return s
}

// next is the next event; ok is false when the stream has ended.
func (s *stream) next() (e event, ok bool) {
	s.t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case line, open := <-s.lines:
			if !open {
				return e, false
			}
			if line == "" {
				return e, true
			}
			field, value, _ := strings.Cut(line, ": ")
			switch field {
			case "id":
				e.id = value
			case "event":
				e.kind = value
			case "data":
				e.data = value
			case ":", "":
				e.comment = value
			}
		case <-timer.C:
			s.t.Fatal("no event came")
		}
	}
}

// ticket is the next ticket event.
func (s *stream) ticket() (id string, t map[string]any) {
	s.t.Helper()
	for {
		e, ok := s.next()
		if !ok {
			s.t.Fatal("the stream has ended")
		}
		if e.kind == "ticket" {
			check(s.t, json.Unmarshal([]byte(e.data), &t))
			return e.id, t
		}
	}
}

// ends waits until the stream has ended.
func (s *stream) ends() {
	s.t.Helper()
	for {
		if _, ok := s.next(); !ok {
			return
		}
	}
}

func TestEventsTellOfEveryChange(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, vic, lena := h.hire("ada", ticket.RoleTechnician), h.hire("vic", ticket.RoleViewer), h.hire("lena", ticket.RoleLead)
	streams := map[string]*stream{"ada": h.listen(ada), "vic": h.listen(vic), "lena": h.listen(lena)}
	if s := streams["ada"]; s.header.Get("Content-Type") != "text/event-stream; charset=utf-8" || s.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", s.header)
	}
	h.arrives()
	for who, s := range streams {
		id, one := s.ticket()
		if id != "1" || one["revision"] != 1.0 || one["state"] != "waiting" || (one["endpoints"] != nil) != (who == "lena") {
			t.Errorf("%s hears %s: %v", who, id, one)
		}
	}
	h.call(ada, "POST", "/api/v1/tickets/1/claim", "").ok(t, 200)
	for who, s := range streams {
		id, one := s.ticket()
		if id != "2" || one["state"] != "claimed" || (one["endpoints"] != nil) != (who != "vic") {
			t.Errorf("%s hears %s: %v", who, id, one)
		}
	}
}

func TestEventsResume(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada := h.hire("ada", ticket.RoleTechnician)
	for range 3 {
		h.arrives()
	}
	s := h.listen(ada, "Last-Event-ID", "1")
	for _, want := range []string{"2", "3"} {
		if id, _ := s.ticket(); id != want {
			t.Errorf("resumed with %s, want %s", id, want)
		}
	}
	h.arrives()
	if id, _ := s.ticket(); id != "4" {
		t.Errorf("went on with %s", id)
	}
	later := h.listen(ada, "Last-Event-ID", "999999") // of a time before a restore
	h.arrives()
	if id, _ := later.ticket(); id != "5" {
		t.Errorf("a number from the future hears %s", id)
	}
	if bad := h.listen(ada, "Last-Event-ID", "x"); bad.status != 400 {
		t.Errorf("a bad number: %d", bad.status)
	}
	if none := h.listen(""); none.status != 401 {
		t.Errorf("without a log-in: %d", none.status)
	}
}

// deaf is a queue that hints at nothing.
type deaf struct{ web.Queue }

func (deaf) Notify(context.Context) <-chan struct{} { return nil }

// TestEventsResumeAheadOfTheHub: what is committed but not yet read by the hub
// is nothing new to a reader who had it, from here or another server.
func TestEventsResumeAheadOfTheHub(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Queue = deaf{o.Queue} })
	ada := h.hire("ada", ticket.RoleTechnician)
	h.listen(ada).cancel() // the hub is at its start
	for range 3 {
		h.arrives()
	}
	if id, _ := h.listen(ada, "Last-Event-ID", "2").ticket(); id != "3" {
		t.Errorf("resumed with %s", id)
	}
}

// TestEventsOfABacklog: far more changes than are kept for live streams; each
// ticket is told of in its last state, and none is missing.
func TestEventsOfABacklog(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada := h.hire("ada", ticket.RoleTechnician)
	const many = 1200
	for range many {
		h.arrives()
	}
	s := h.listen(ada, "Last-Event-ID", "0")
	for i := 1; i <= many; i++ {
		if id, _ := s.ticket(); id != fmt.Sprint(i) {
			t.Fatalf("event %d is %s", i, id)
		}
	}
}

func TestEventsOfSources(t *testing.T) {
	t.Parallel()
	h := build(t)
	s := h.listen(h.hire("vic", ticket.RoleViewer))
	source := func(state, fault string) event {
		t.Helper()
		h.source("share:support", state, fault)
		for {
			if e, _ := s.next(); e.kind == "source" {
				return e
			}
		}
	}
	if e := source(ticket.SourceOK, ""); e.id != "" || !strings.Contains(e.data, `"name":"share:support","state":"ok"`) {
		t.Errorf("%+v", e)
	}
	h.source("share:support", ticket.SourceOK, "") // one more pass is no news
	if e := source(ticket.SourceFailing, "away"); !strings.Contains(e.data, `"last_error":"away"`) {
		t.Errorf("%+v", e)
	}
}

func TestEventsBeat(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Beat = 10 * time.Millisecond })
	s := h.listen(h.hire("vic", ticket.RoleViewer))
	for range 3 {
		if e, ok := s.next(); !ok || e.comment == "" {
			t.Fatalf("no beat but %+v", e)
		}
	}
}

// TestEventsEndWithTheLogIn: log-out, a revoked token, another role.
func TestEventsEndWithTheLogIn(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Check = time.Hour })
	b := h.browser("ada", ticket.RoleTechnician)
	session := h.signIn("ada", ticket.RoleTechnician)
	stays := h.listen("", "Cookie", "inviter="+session)
	jar := b.Jar.Cookies(mustURL(t, h.server.URL))[0]
	goes := h.listen("", "Cookie", "inviter="+jar.Value)
	h.post(b, "/logout", nil)
	goes.ends()
	h.arrives()
	if id, _ := stays.ticket(); id != "1" {
		t.Error("the other log-in's stream doesn't go on")
	}

	quick := build(t, func(o *web.Options) { o.Check = 10 * time.Millisecond })
	s := quick.listen(quick.hire("grace", ticket.RoleTechnician))
	check(t, quick.accounts.Disable(context.Background(), "grace"))
	s.ends()
}

func TestFiftyStreamsAnAccount(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, grace := h.hire("ada", ticket.RoleTechnician), h.hire("grace", ticket.RoleTechnician)
	var open []*stream
	for range 50 {
		open = append(open, h.listen(ada))
	}
	if s := h.listen(ada); s.status != 429 {
		t.Errorf("the fifty-first: %d", s.status)
	}
	if s := h.listen(grace); s.status != 200 {
		t.Errorf("a colleague's first: %d", s.status)
	}
	open[0].cancel()
	open[0].ends()
	deadline := time.Now().Add(patience)
	for h.listen(ada).status != 200 {
		if time.Now().After(deadline) {
			t.Fatal("no room after one has gone")
		}
	}
}

func TestStreamsEndWithTheSite(t *testing.T) {
	t.Parallel()
	h := build(t)
	s := h.listen(h.hire("ada", ticket.RoleTechnician))
	h.stop()
	s.ends()
}

// TestAnOpenPageKeepsTheClaim: an open stream counts as a sign of life.
func TestAnOpenPageKeepsTheClaim(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Renew = time.Minute })
	ada := h.hire("ada", ticket.RoleTechnician)
	h.arrives()
	h.arrives()
	h.call(ada, "POST", "/api/v1/tickets/1/claim", "").ok(t, 200)
	h.call(h.hire("grace", ticket.RoleTechnician), "POST", "/api/v1/tickets/2/claim", "").ok(t, 200)
	s := h.listen(ada)
	h.clock.pass(4 * time.Minute)
	check(t, h.site.RenewNow(context.Background()))
	id, one := s.ticket()
	for id < "5" { // what came before may still be on its way
		id, one = s.ticket()
	}
	if id != "5" || one["claim"].(map[string]any)["lease_until"] != "2026-11-20T13:32:00Z" {
		t.Errorf("renewed: %s %v", id, one)
	}
	two, err := h.Ticket(context.Background(), 2)
	check(t, err)
	if !two.Claim.LeaseUntil.Equal(epoch().Add(5 * time.Minute)) {
		t.Errorf("a claim without an open page was renewed: %v", two.Claim.LeaseUntil)
	}
	check(t, h.site.RenewNow(context.Background()))
	if n, err := h.Revision(context.Background()); err != nil || n != 5 {
		t.Errorf("a fresh lease was renewed again: revision %d, %v", n, err)
	}
}

// TestASlowReaderDelaysNobody: one who never reads is dropped, and meanwhile
// everybody else hears everything.
func TestASlowReaderDelaysNobody(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Patience = 100 * time.Millisecond })
	ada, slow := h.hire("ada", ticket.RoleTechnician), h.hire("slow", ticket.RoleTechnician)
	conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
	check(t, err)
	defer conn.Close()
	check(t, conn.(*net.TCPConn).SetReadBuffer(4096))
	_, err = fmt.Fprintf(conn, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", slow)
	check(t, err)
	s := h.listen(ada)
	deadline := time.Now().Add(patience)
	for !h.site.Watching("slow") {
		if time.Now().After(deadline) {
			t.Fatal("the slow reader never came")
		}
		runtime.Gosched()
	}
	for i := 1; h.site.Watching("slow"); i++ {
		if time.Now().After(deadline) {
			t.Fatalf("after %d events the slow reader is still kept", i)
		}
		h.arrives(func(d *ticket.Delivery, _ *sample.Invitation) { d.Note = strings.Repeat("long ", 20_000) })
		if id, _ := s.ticket(); id != fmt.Sprint(i) {
			t.Fatalf("event %d is %s", i, id)
		}
	}
}
