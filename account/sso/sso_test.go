package sso_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"testing"
	"time"

	"inviter/account"
	"inviter/account/sso"
	"inviter/e2e/private"
	"inviter/ticket"
)

const redirect = "http://127.0.0.1:1/login/sso/back"

func options(issuer string) sso.Options {
	return sso.Options{
		Issuer: issuer, ClientID: "inviter", ClientSecret: "secret", Redirect: redirect, Clock: time.Now,
		NameClaim: "preferred_username", RoleClaim: "groups",
		Roles: map[ticket.Role][]string{ticket.RoleLead: {"adas"}, ticket.RoleTechnician: {"graces", "adas"}},
	}
}

// person goes through the provider's pages as a browser does, and comes back
// with the provider's answer.
func person(t *testing.T, address, name string) url.Values {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var back url.Values
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "127.0.0.1:1" {
			back = r.URL.Query()
			return http.ErrUseLastResponse
		}
		return nil
	}}
	form, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	page, _ := io.ReadAll(form.Body)
	form.Body.Close()
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindSubmatch(page)
	if id == nil {
		t.Fatalf("%d, no form in %s", form.StatusCode, page)
	}
	done, err := browser.PostForm(form.Request.URL.String(), url.Values{"id": {string(id[1])}, "username": {name}, "password": {"correct horse"}})
	if err != nil {
		t.Fatal(err)
	}
	done.Body.Close()
	if back == nil {
		t.Fatalf("not sent back: %d", done.StatusCode)
	}
	return back
}

func begin(t *testing.T, p *sso.Provider) (string, sso.Journey) {
	t.Helper()
	address, j, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address, j
}

func TestAProviderSaysWhoSomebodyIs(t *testing.T) {
	t.Parallel()
	issuer := private.OIDC(t, redirect)
	byGroups := options(issuer)
	byMail := options(issuer)
	byMail.NameClaim, byMail.Roles = "email", nil
	for _, c := range []struct {
		o    sso.Options
		name string
		want account.Identity
		no   error
	}{
		{byGroups, "ada", account.Identity{Issuer: issuer, Subject: "ada", Name: "ada", Role: ticket.RoleLead, Guest: guest("ada", "ada@example.org")}, nil},
		{byGroups, "grace", account.Identity{Issuer: issuer, Subject: "grace", Name: "grace", Role: ticket.RoleTechnician, Guest: guest("grace", "grace@example.org")}, nil},
		{byGroups, "eve", account.Identity{Issuer: issuer, Subject: "eve", Name: "eve", Guest: guest("eve", "")}, account.ErrNoRole},
		{byMail, "grace", account.Identity{Issuer: issuer, Subject: "grace", Name: "grace@example.org", Guest: guest("grace", "grace@example.org")}, nil},
		{byMail, "eve", account.Identity{Issuer: issuer, Subject: "eve", Name: "eve", Guest: guest("eve", "")}, nil}, // her address is unproven
	} {
		p := sso.New(c.o)
		address, j := begin(t, p)
		got, err := p.Finish(t.Context(), j, person(t, address, c.name))
		if got != c.want || !errors.Is(err, c.no) {
			t.Errorf("%s by %s: %+v, %v", c.name, c.o.NameClaim, got, err)
		}
	}
}

// guest is one of the provider's people, as other people know him.
func guest(name, address string) account.Guest {
	return account.Guest{Name: name + " Test", Address: address}
}

// TestOnlyTheAnswerToThisJourneyCounts: what is stolen, old, swapped or made
// up lets nobody in.
func TestOnlyTheAnswerToThisJourneyCounts(t *testing.T) {
	t.Parallel()
	p := sso.New(options(private.OIDC(t, redirect)))
	address, mine := begin(t, p)
	answer := person(t, address, "ada")
	_, other := begin(t, p)
	swapped := mine
	swapped.State = answer.Get("state")
	swapped.Verifier = other.Verifier // the code was asked for by another browser
	for what, c := range map[string]struct {
		j sso.Journey
		a url.Values
	}{
		"another browser's":   {other, answer},
		"no journey":          {sso.Journey{}, answer},
		"an empty state":      {sso.Journey{}, url.Values{"code": {answer.Get("code")}}},
		"a made-up code":      {mine, url.Values{"code": {"guess"}, "state": {mine.State}}},
		"the provider's no":   {mine, url.Values{"error": {"access_denied"}, "state": {mine.State}}},
		"a code taken abroad": {swapped, answer},
	} {
		if _, err := p.Finish(t.Context(), c.j, c.a); !errors.Is(err, account.ErrLogIn) {
			t.Errorf("%s: %v", what, err)
		}
	}
	address, j := begin(t, p)
	answer = person(t, address, "ada")
	wrong := j
	wrong.Nonce = other.Nonce
	if _, err := p.Finish(t.Context(), wrong, answer); !errors.Is(err, account.ErrLogIn) {
		t.Errorf("another nonce: %v", err)
	}
	if _, err := p.Finish(t.Context(), j, answer); !errors.Is(err, account.ErrLogIn) {
		t.Errorf("a code used twice: %v", err)
	}
}

func TestAnswerForAnotherProgramIsRefused(t *testing.T) {
	t.Parallel()
	o := options(private.OIDC(t, redirect))
	p := sso.New(o)
	address, j := begin(t, p)
	answer := person(t, address, "ada")
	o.ClientSecret = "guess"
	if _, err := sso.New(o).Finish(t.Context(), j, answer); !errors.Is(err, sso.ErrAway) {
		t.Errorf("a wrong client secret: %v", err)
	}
	later := options(o.Issuer)
	later.Clock = func() time.Time { return time.Now().Add(48 * time.Hour) }
	p = sso.New(later)
	address, j = begin(t, p)
	if _, err := p.Finish(t.Context(), j, person(t, address, "ada")); !errors.Is(err, account.ErrLogIn) {
		t.Errorf("a token of two days ago: %v", err)
	}
}

// TestAProviderThatIsAwayIsAskedAgain: neither the start nor the first failure
// decides for ever.
func TestAProviderThatIsAwayIsAskedAgain(t *testing.T) {
	t.Parallel()
	var answers http.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answers.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	p := sso.New(options(server.URL))
	if _, _, err := p.Begin(t.Context()); !errors.Is(err, sso.ErrAway) {
		t.Errorf("begin: %v", err)
	}
	if err := p.Check(t.Context()); !errors.Is(err, sso.ErrAway) {
		t.Errorf("check: %v", err)
	}
	answers = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"issuer":"`+server.URL+`","authorization_endpoint":"`+server.URL+`/a","token_endpoint":"`+server.URL+`/t","jwks_uri":"`+server.URL+`/k"}`)
	})
	if err := p.Check(t.Context()); err != nil {
		t.Errorf("after it came back: %v", err)
	}
	answers = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range 64 { // without end, as far as the caller can tell
			_, _ = w.Write(make([]byte, 1<<20))
		}
	})
	_, j := begin(t, p)
	if _, err := p.Finish(t.Context(), j, url.Values{"code": {"x"}, "state": {j.State}}); err == nil {
		t.Error("64 MiB of nothing are an answer")
	}
}
