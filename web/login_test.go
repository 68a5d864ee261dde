package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"inviter/ticket"
	"inviter/web"
)

func TestLoggingInByPassword(t *testing.T) {
	t.Parallel()
	h := build(t)
	check(t, h.accounts.Add(context.Background(), "Ada", ticket.RoleTechnician, "correct horse"))
	b := h.browser("", "")
	if a := h.get(b, "/tickets/4?x=1"); a.StatusCode != 303 || a.Header.Get("Location") != "/login?next=%2Ftickets%2F4%3Fx%3D1" {
		t.Errorf("unknown: %d %s", a.StatusCode, a.Header.Get("Location"))
	}
	unknown := h.post(b, "/login", url.Values{"name": {"nobody"}, "password": {"correct horse"}})
	wrong := h.post(b, "/login", url.Values{"name": {"Ada"}, "password": {"wrong horse"}})
	same := func(s string) string { return strings.NewReplacer("nobody", "", "Ada", "").Replace(s) }
	if unknown.StatusCode != 403 || wrong.StatusCode != 403 || same(unknown.text) != same(wrong.text) || len(wrong.Cookies()) > 0 {
		t.Errorf("an unknown name and a wrong password differ: %d, %d", unknown.StatusCode, wrong.StatusCode)
	}
	a := h.post(b, "/login", url.Values{"name": {"ada"}, "password": {"correct horse"}, "next": {"/tickets/4?x=1"}})
	if a.StatusCode != 303 || a.Header.Get("Location") != "/tickets/4?x=1" || len(a.Cookies()) != 1 {
		t.Fatalf("logged in: %d %v", a.StatusCode, a.Header)
	}
	c := a.Cookies()[0]
	if c.Name != "inviter" || !c.HttpOnly || c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %+v", c)
	}
	if a := h.get(b, "/"); a.StatusCode != 200 || !strings.Contains(a.text, "<bdi>Ada</bdi>") {
		t.Errorf("inside: %d", a.StatusCode)
	}
	if a := h.get(b, "/login"); a.StatusCode != 303 {
		t.Errorf("the log-in page for who is in: %d", a.StatusCode)
	}
	if a := h.post(b, "/logout", nil); a.StatusCode != 303 || a.Header.Get("Location") != "/login" {
		t.Errorf("logged out: %d", a.StatusCode)
	}
	if a := h.browse(&http.Client{CheckRedirect: b.CheckRedirect}, "GET", "/", nil, "Cookie", "inviter="+c.Value); a.StatusCode != 303 {
		t.Errorf("the old cookie still opens: %d", a.StatusCode)
	}
}

func TestGoingOnOnlyWithinOurPages(t *testing.T) {
	t.Parallel()
	h := build(t)
	check(t, h.accounts.Add(context.Background(), "ada", ticket.RoleTechnician, "correct horse"))
	for next, want := range map[string]string{
		"": "/", "/history": "/history", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "javascript:alert(1)": "/", "/\t/evil": "/", "evil": "/",
	} {
		h.clock.pass(time.Minute)
		a := h.post(h.browser("", ""), "/login", url.Values{"name": {"ada"}, "password": {"correct horse"}, "next": {next}})
		if a.Header.Get("Location") != want {
			t.Errorf("next %q leads to %d %q", next, a.StatusCode, a.Header.Get("Location"))
		}
	}
}

func TestCookieOverHTTPS(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.PublicURL = "https://help.example.org" })
	secret, err := func() (string, error) {
		check(t, h.accounts.Add(context.Background(), "ada", ticket.RoleTechnician, ""))
		return h.accounts.LogInLink(context.Background(), "ada")
	}()
	check(t, err)
	a := h.post(h.browser("", ""), "/login/link", url.Values{"secret": {secret}})
	if len(a.Cookies()) != 1 {
		t.Fatalf("%d %v", a.StatusCode, a.Header)
	}
	if c := a.Cookies()[0]; c.Name != "__Host-inviter" || !c.Secure || c.Path != "/" || c.Domain != "" || !c.HttpOnly {
		t.Errorf("cookie %+v", c)
	}
	token := a.Cookies()[0].Value
	if a := h.call("", "GET", "/api/v1/tickets", "", "Cookie", "inviter="+token); a.StatusCode != 401 {
		t.Errorf("the plain name is taken too: %d", a.StatusCode)
	}
	if a := h.call("", "GET", "/api/v1/tickets", "", "Cookie", "__Host-inviter="+token); a.StatusCode != 200 {
		t.Errorf("the cookie doesn't open: %d", a.StatusCode)
	}
}

// TestALogInLinkIsUsedByTheButtonOnly: looking at it is harmless.
func TestALogInLinkIsUsedByTheButtonOnly(t *testing.T) {
	t.Parallel()
	h := build(t)
	check(t, h.accounts.Add(context.Background(), "ada", ticket.RoleTechnician, ""))
	secret, err := h.accounts.LogInLink(context.Background(), "ada")
	check(t, err)
	b := h.browser("", "")
	for range 3 {
		a := h.get(b, "/login/link/"+secret)
		if a.StatusCode != 200 || !strings.Contains(a.text, `value="`+secret+`"`) || len(a.Cookies()) > 0 {
			t.Fatalf("looked at: %d", a.StatusCode)
		}
	}
	if a := h.post(b, "/login/link", url.Values{"secret": {secret}}); a.StatusCode != 303 || a.Header.Get("Location") != "/" {
		t.Fatalf("used: %d", a.StatusCode)
	}
	if a := h.post(h.browser("", ""), "/login/link", url.Values{"secret": {secret}}); a.StatusCode != 403 || !strings.Contains(a.text, "used already") {
		t.Errorf("used twice: %d", a.StatusCode)
	}
}

func TestLogInIsThrottled(t *testing.T) {
	t.Parallel()
	h := build(t)
	check(t, h.accounts.Add(context.Background(), "ada", ticket.RoleTechnician, "correct horse"))
	check(t, h.accounts.Add(context.Background(), "grace", ticket.RoleTechnician, "correct horse"))
	try := func(name, password string) int {
		return h.post(h.browser("", ""), "/login", url.Values{"name": {name}, "password": {password}}).StatusCode
	}
	for range 5 {
		if got := try("ada", "guess"); got != 403 {
			t.Fatalf("a guess: %d", got)
		}
	}
	a := h.post(h.browser("", ""), "/login", url.Values{"name": {"ADA"}, "password": {"correct horse"}})
	if a.StatusCode != 429 || a.Header.Get("Retry-After") == "" {
		t.Errorf("the sixth try: %d", a.StatusCode)
	}
	if got := try("grace", "correct horse"); got != 303 {
		t.Errorf("a colleague is shut out too: %d", got)
	}
	h.clock.pass(time.Minute)
	if got := try("ada", "correct horse"); got != 303 {
		t.Errorf("after a minute: %d", got)
	}
	shut := 0
	for i := range 60 {
		if try(fmt.Sprintf("name%d", i), "guess") == 429 {
			shut++
		}
	}
	if shut < 20 {
		t.Errorf("a network that tries many names is shut out %d times of 60", shut)
	}
}

func TestOtherSitesCantPressButtons(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.arrives()
	b := h.browser("ada", ticket.RoleTechnician)
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}, {"Sec-Fetch-Site", "", "Origin", "null"},
	} {
		for _, path := range []string{"/tickets/1/claim", "/api/v1/tickets/1/claim", "/logout", "/login"} {
			if a := h.post(b, path, nil, headers...); a.StatusCode != 403 {
				t.Errorf("%s with %v: %d", path, headers, a.StatusCode)
			}
		}
	}
	if a := h.post(b, "/api/v1/tickets/1/claim", nil, "Origin", h.server.URL); a.StatusCode != 200 {
		t.Errorf("our own page with the cookie: %d %s", a.StatusCode, a.text)
	}
}

// TestATokenGoesBeforeTheCookie: a revoked token never acts as the cookie's owner.
func TestATokenGoesBeforeTheCookie(t *testing.T) {
	t.Parallel()
	h := build(t)
	session, viewer := h.signIn("lena", ticket.RoleLead), h.hire("vic", ticket.RoleViewer)
	h.arrives()
	cookie := "inviter=" + session
	h.call("inv_gone", "POST", "/api/v1/tickets/1/claim", "", "Cookie", cookie).refused(t, 401, "unauthorized")
	h.call(viewer, "POST", "/api/v1/tickets/1/claim", "", "Cookie", cookie).refused(t, 403, "forbidden")
	h.call("", "POST", "/api/v1/tickets/1/claim", "", "Cookie", cookie, "Authorization", "Basic bGVuYTo=").refused(t, 401, "unauthorized")
	h.call(session, "GET", "/api/v1/tickets", "").refused(t, 401, "unauthorized")
	check(t, h.accounts.Disable(context.Background(), "lena"))
	h.call("", "GET", "/api/v1/tickets", "", "Cookie", cookie).refused(t, 401, "unauthorized")
}

// broken is an account store that can't be reached.
type broken struct{ web.Bearers }

func (broken) BySession(context.Context, string) (ticket.Technician, error) {
	return ticket.Technician{}, errors.New("disk: input/output error")
}

func TestAFaultIsANumberToQuote(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Bearers = broken{o.Bearers} })
	for path, kind := range map[string]string{"/": "text/html; charset=utf-8", "/api/v1/tickets": "application/problem+json"} {
		a := h.call("", "GET", path, "", "Cookie", "inviter=x")
		if a.StatusCode != 500 || a.Header.Get("Content-Type") != kind || strings.Contains(a.text, "disk") || !regexp.MustCompile(`\b[0-9a-f]{8}\b`).MatchString(a.text) {
			t.Errorf("%s: %d %s %s", path, a.StatusCode, a.Header.Get("Content-Type"), a.text)
		}
	}
}
