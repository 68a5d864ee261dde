package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/mailbox"
)

// tokenServer gives tokens t1, t2 … and, where it rotates, refresh tokens r1, r2 …
type tokenServer struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []url.Values
	life   int
	rotate bool
	reply  func(w http.ResponseWriter, form url.Values) bool // true: it has answered
}

func newTokenServer(t testing.TB) *tokenServer {
	s := &tokenServer{life: 3600}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, r.PostForm)
		if s.reply != nil && s.reply(w, r.PostForm) {
			return
		}
		more := ""
		if s.rotate {
			more = fmt.Sprintf(`,"refresh_token":"r%d"`, len(s.asked))
		}
		fmt.Fprintf(w, `{"access_token":"t%d","token_type":"bearer","expires_in":%d%s}`, len(s.asked), s.life, more)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *tokenServer) times() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

func (s *tokenServer) last() url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[len(s.asked)-1]
}

func text(s string) func() (string, error) { return func() (string, error) { return s, nil } }

func (s *tokenServer) grant() mailbox.Grant {
	return mailbox.Grant{URL: s.URL, Client: "inviter", Secret: text("hunter2"), Scopes: []string{"imap", "offline"}}
}

// drawer keeps what a disk would.
type drawer struct {
	kept   string
	broken error
}

func (d *drawer) keep(_ context.Context, change func(string) (string, error)) error {
	next, err := change(d.kept)
	if err == nil {
		err = d.broken
	}
	if err == nil {
		d.kept = next
	}
	return err
}

func token(t *testing.T, tokens *mailbox.Tokens, want string) {
	t.Helper()
	if got, err := tokens.Token(t.Context()); err != nil || got != want {
		t.Fatalf("token %q, %v; want %q", got, err, want)
	}
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	s, now := newTokenServer(t), start
	tokens := mailbox.NewTokens(s.grant(), func() time.Time { return now })
	token(t, tokens, "t1")
	if got := s.last().Encode(); got != "client_id=inviter&client_secret=hunter2&grant_type=client_credentials&scope=imap+offline" {
		t.Errorf("asked %q", got)
	}
	now = now.Add(55*time.Minute - time.Second)
	token(t, tokens, "t1")
	now = now.Add(time.Second)
	token(t, tokens, "t2")
	tokens.Refused("t1") // an older one
	token(t, tokens, "t2")
	tokens.Refused("t2")
	token(t, tokens, "t3")
}

func TestRefreshTokenIsReplaced(t *testing.T) {
	t.Parallel()
	s, d := newTokenServer(t), &drawer{}
	s.rotate = true
	g, first := s.grant(), "r0"
	g.Refresh, g.Keep = func() (string, error) { return first, nil }, d.keep
	asked := func(want string) {
		t.Helper()
		if f := s.last(); f.Get("refresh_token") != want || f.Get("grant_type") != "refresh_token" {
			t.Errorf("asked by %v, want %s", f, want)
		}
	}
	tokens := mailbox.NewTokens(g, nil)
	token(t, tokens, "t1")
	asked("r0")
	tokens.Refused("t1")
	token(t, tokens, "t2")
	asked("r1")
	token(t, mailbox.NewTokens(g, nil), "t3") // after a restart
	asked("r2")
	s.rotate = false
	token(t, mailbox.NewTokens(g, nil), "t4") // the server keeps the old one
	asked("r3")
	first = "new0" // somebody logged in anew
	token(t, mailbox.NewTokens(g, nil), "t5")
	asked("new0")
}

// A successor that can't be kept is not used: neither is what came with it.
func TestRefreshTokenThatCannotBeKept(t *testing.T) {
	t.Parallel()
	s, d := newTokenServer(t), &drawer{broken: errors.New("no space left on device")}
	s.rotate = true
	g := s.grant()
	g.Refresh, g.Keep = text("r0"), d.keep
	tokens := mailbox.NewTokens(g, nil)
	for range 2 {
		_, err := tokens.Token(t.Context())
		fault(t, err, mailbox.Setting, "no space left", "data folder")
		if got := s.last().Get("refresh_token"); got != "r0" {
			t.Errorf("asked by %q", got)
		}
	}
	g.Keep = nil
	n := s.times()
	if _, err := mailbox.NewTokens(g, nil).Token(t.Context()); !errors.Is(err, mailbox.ErrUntried) || s.times() != n {
		t.Errorf("nowhere to keep it: %v", err)
	}
}

func fault(t *testing.T, err error, kind mailbox.Kind, words ...string) {
	t.Helper()
	var trouble *mailbox.Trouble
	if !errors.As(err, &trouble) || trouble.Kind != kind {
		t.Fatalf("%v, want trouble of kind %q", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
		t.Errorf("not fit to be shown: %q", err)
	}
}

func TestTokenServerSaysNo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		kind   mailbox.Kind
		words  []string
	}{
		"revoked":     {400, `{"error":"invalid_grant","error_description":"AADSTS70008: expired\r\nhunter2"}`, mailbox.Login, []string{"AADSTS70008", "refresh_token_file"}},
		"secret":      {401, `{"error":"invalid_client"}`, mailbox.Login, []string{"client_secret_file"}},
		"scope":       {400, `{"error":"invalid_scope"}`, mailbox.Login, []string{"check scopes"}},
		"grant":       {400, `{"error":"unsupported_grant_type"}`, mailbox.Login, []string{"refresh_token_file"}},
		"else":        {400, `{"error":"access_denied"}`, mailbox.Login, []string{"mailbox.oauth2"}},
		"busy":        {503, `{"error":"temporarily_unavailable"}`, mailbox.Server, []string{"503"}},
		"too often":   {429, `{"error":"invalid_request"}`, mailbox.Server, []string{"429"}},
		"page":        {200, `<html>`, mailbox.Server, []string{"unreadable"}},
		"away":        {302, ``, mailbox.Server, []string{"302"}},
		"not found":   {404, `nothing here`, mailbox.Server, []string{"404", "token_url"}},
		"huge":        {200, `{"access_token":"t","x":"` + strings.Repeat("x", 64<<10) + `"}`, mailbox.Server, []string{"unreadable"}},
		"no token":    {200, `{"access_token":""}`, mailbox.Server, []string{"no token of use"}},
		"odd token":   {200, `{"access_token":"a\r\nb"}`, mailbox.Server, []string{"no token of use"}},
		"other token": {200, `{"access_token":"a","token_type":"mac"}`, mailbox.Server, []string{"no token of use"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTokenServer(t)
			s.reply = func(w http.ResponseWriter, _ url.Values) bool {
				w.Header().Set("Location", "http://127.0.0.1:1/")
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
				return true
			}
			_, err := mailbox.NewTokens(s.grant(), nil).Token(t.Context())
			fault(t, err, c.kind, append(c.words, "token server 127.0.0.1:")...)
		})
	}
}

func TestTokenServerAway(t *testing.T) {
	t.Parallel()
	g := mailbox.Grant{URL: "http://127.0.0.1:1/token", Client: "a"}
	_, err := mailbox.NewTokens(g, nil).Token(t.Context())
	fault(t, err, mailbox.Closed, "token_url")
	g.URL = "https://login.example.invalid/token"
	_, err = mailbox.NewTokens(g, nil).Token(t.Context())
	fault(t, err, mailbox.Name, "login.example.invalid")
	s := newTokenServer(t)
	g.URL = strings.Replace(s.URL, "http:", "https:", 1)
	_, err = mailbox.NewTokens(g, nil).Token(t.Context())
	var trouble *mailbox.Trouble
	if !errors.As(err, &trouble) || !strings.Contains(err.Error(), "token server") {
		t.Errorf("no TLS: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.reply = func(http.ResponseWriter, url.Values) bool { cancel(); return false }
	g.URL = s.URL
	if _, err := mailbox.NewTokens(g, nil).Token(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("told to stop: %v", err)
	}
	g.Secret = func() (string, error) { return "", errors.New("no such file") }
	_, err = mailbox.NewTokens(g, nil).Token(t.Context())
	fault(t, err, mailbox.Setting, "client_secret_file", "no such file")
}
