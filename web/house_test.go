package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/account"
	"inviter/carrier"
	"inviter/database"
	"inviter/invitation"
	"inviter/invitation/sample"
	"inviter/queue"
	"inviter/templates"
	"inviter/ticket"
	"inviter/web"
)

// epoch is when every test's clock begins: a Friday, 14:23 in Berlin.
func epoch() time.Time { return time.Date(2026, 11, 20, 13, 23, 0, 0, time.UTC) }

// clock is set by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// shelf is the queue as the site wants it; cmd has the same few lines.
type shelf struct{ *queue.Queue }

func (s shelf) List(ctx context.Context, f web.Filter) (web.Page, error) {
	p, err := s.Queue.List(ctx, queue.Filter(f))
	return web.Page(p), err
}

func (s shelf) Ended(ctx context.Context, e web.Past) (web.Page, error) {
	p, err := s.Queue.Ended(ctx, queue.Past(e))
	return web.Page(p), err
}

func (s shelf) Asked(ctx context.Context, o web.Once) (web.Answered, bool, error) {
	a, found, err := s.Queue.Asked(ctx, queue.Once(o))
	return web.Answered(a), found, err
}

func (s shelf) Marked(ctx context.Context, o web.Once) context.Context {
	return s.Queue.Marked(ctx, queue.Once(o))
}

func (s shelf) Keep(ctx context.Context, o web.Once, a web.Answered) (web.Answered, error) {
	stands, err := s.Queue.Keep(ctx, queue.Once(o), queue.Answered(a))
	return web.Answered(stands), err
}

// house is a site over a real queue and real accounts in a folder of its own.
type house struct {
	*queue.Queue
	t        testing.TB
	clock    *clock
	accounts *account.Accounts
	site     *web.Site
	server   *httptest.Server
	line     *cuttable
	scans    chan string
	stop     context.CancelFunc
	items    int
}

// build starts a house; change may alter the site's options.
func build(t testing.TB, change ...func(*web.Options)) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{now: epoch()}, scans: make(chan string, 10)}
	dir := t.TempDir()
	db, err := database.Open(context.Background(), database.Options{Dir: dir, Log: quiet()})
	check(t, err)
	t.Cleanup(func() { db.Close() })
	rules := ticket.DefaultRules()
	h.Queue, err = queue.Open(context.Background(), queue.Options{DB: db, KeyFile: filepath.Join(dir, "key"), Rules: rules, Clock: h.clock.time, Log: quiet()})
	check(t, err)
	h.accounts = account.New(db, h.clock.time)
	o := h.options()
	for _, c := range change {
		c(&o)
	}
	h.site, err = web.New(o)
	check(t, err)
	var ctx context.Context
	ctx, h.stop = context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.site.Run(ctx) }()
	h.server = httptest.NewUnstartedServer(h.site)
	h.line = &cuttable{Listener: h.server.Listener}
	h.server.Listener = h.line
	h.server.Start()
	t.Cleanup(func() {
		h.stop()
		check(t, <-ended)
		h.server.Close()
	})
	return h
}

// pages are the same for all sites: they are made once.
var pages = sync.OnceValues(func() (*templates.Set, error) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return nil, err
	}
	return templates.New(zone, "en")
})

func (h *house) options() web.Options {
	zone, err := time.LoadLocation("Europe/Berlin")
	check(h.t, err)
	set, err := pages()
	check(h.t, err)
	return web.Options{
		Queue: shelf{h.Queue}, Answers: shelf{h.Queue}, Submit: h.Submit, LogIns: h.accounts, Bearers: h.accounts, Staff: h.staff,
		Accounts: roster{h.accounts},
		Denied: func(err error) (bool, bool) {
			var r account.Refusal
			return errors.As(err, &r), errors.Is(err, account.ErrBusy)
		},
		Scan:      func(_ context.Context, name string) error { h.scans <- name; return nil },
		PublicURL: "http://127.0.0.1", Desk: "Helpdesk", Pages: set, Zone: zone, Language: "en", Limits: carrier.DefaultLimits(), ConfirmOutside: true,
		OpenAPI: []byte("openapi: 3.1.0\n"), Clock: h.clock.time, Log: quiet(),
	}
}

func (h *house) staff(ctx context.Context) ([]ticket.Technician, error) {
	list, err := h.accounts.List(ctx)
	var staff []ticket.Technician
	for _, a := range list {
		if a.Disabled.IsZero() {
			staff = append(staff, ticket.Technician{Name: a.Name, Role: a.Role})
		}
	}
	return staff, err
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// arrives hands in an invitation as a source would, and gives its ticket.
func (h *house) arrives(change ...func(*ticket.Delivery, *sample.Invitation)) ticket.Ticket {
	h.t.Helper()
	h.items++
	s := sample.Invitation{User: fmt.Sprintf("user%d", h.items), Password: "Passw0rd", Start: h.clock.time(), Minutes: 360, Seed: int64(h.items)}
	d := ticket.Delivery{
		Source: "mailbox:helpdesk", Item: fmt.Sprint(h.items), Received: h.clock.time(), Note: "The printer prints twice.",
		From: ticket.User{Key: fmt.Sprintf("mail:user%d@example.org", h.items), Name: fmt.Sprintf("User %d", h.items), Address: fmt.Sprintf("user%d@example.org", h.items)},
	}
	for _, c := range change {
		c(&d, &s)
	}
	inv, err := invitation.Parse(s.RA1())
	check(h.t, err)
	d.Invitations = []invitation.Invitation{inv}
	receipts, err := h.Submit(context.Background(), []ticket.Delivery{d})
	check(h.t, err)
	t, err := h.Ticket(context.Background(), receipts[0].Tickets[0])
	check(h.t, err)
	return t
}

// hire adds an account and gives its API token.
func (h *house) hire(name string, role ticket.Role) string {
	h.t.Helper()
	if err := h.accounts.Add(context.Background(), name, role, ""); err != nil && !errors.Is(err, account.ErrExists) {
		h.t.Fatal(err)
	}
	token, err := h.accounts.Token(context.Background(), name)
	check(h.t, err)
	return token
}

// signIn logs an account in, made if need be, and gives its session's token.
func (h *house) signIn(name string, role ticket.Role) string {
	h.t.Helper()
	if err := h.accounts.Add(context.Background(), name, role, ""); err != nil && !errors.Is(err, account.ErrExists) {
		h.t.Fatal(err)
	}
	secret, err := h.accounts.LogInLink(context.Background(), name)
	check(h.t, err)
	token, err := h.accounts.UseLink(context.Background(), secret)
	check(h.t, err)
	return token
}

// browser is a client that keeps cookies and follows no redirect.
func (h *house) browser(name string, role ticket.Role) *http.Client {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	check(h.t, err)
	c := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if name != "" {
		u, err := url.Parse(h.server.URL)
		check(h.t, err)
		jar.SetCookies(u, []*http.Cookie{{Name: "inviter", Value: h.signIn(name, role)}})
	}
	return c
}

// answer is a response, read.
type answer struct {
	*http.Response
	text string
}

// json reads the body into a map.
func (a answer) json(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(a.text), &m); err != nil {
		t.Fatalf("%d %s: %v", a.StatusCode, a.text, err)
	}
	return m
}

// call sends an API request with a token, "" for none.
func (h *house) call(token, method, path, body string, headers ...string) answer {
	h.t.Helper()
	r, err := http.NewRequest(method, h.server.URL+path, strings.NewReader(body))
	check(h.t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	return h.do(http.DefaultTransport, r)
}

func (h *house) do(by http.RoundTripper, r *http.Request) answer {
	h.t.Helper()
	resp, err := by.RoundTrip(r)
	check(h.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	check(h.t, err)
	return answer{resp, string(b)}
}

// get and post are what a browser sends.
func (h *house) get(c *http.Client, path string, headers ...string) answer {
	h.t.Helper()
	return h.browse(c, http.MethodGet, path, nil, headers...)
}

func (h *house) post(c *http.Client, path string, form url.Values, headers ...string) answer {
	h.t.Helper()
	return h.browse(c, http.MethodPost, path, form, headers...)
}

func (h *house) browse(c *http.Client, method, path string, form url.Values, headers ...string) answer {
	h.t.Helper()
	r, err := http.NewRequest(method, h.server.URL+path, strings.NewReader(form.Encode()))
	check(h.t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	resp, err := c.Do(r)
	check(h.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	check(h.t, err)
	return answer{resp, string(b)}
}

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	check(t, err)
	return u
}

// cuttable is a listener whose connections can be cut: also those of streams,
// which the HTTP server knows no longer.
type cuttable struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (c *cuttable) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.conns = append(c.conns, conn)
	}
	return conn, err
}

// cut closes all connections, and takes no more.
func (c *cuttable) cut() {
	c.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
}

// listenAgain takes an address that was just given up.
func listenAgain(t testing.TB, address string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", address)
	check(t, err)
	return l
}
