package mailbox

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Grant is how access tokens are got from a token server (OAuth 2.0, RFC 6749):
// by a refresh token where there is one (section 6), else by the client's own
// credentials (section 4.4).
type Grant struct {
	URL     string // of the token endpoint
	Client  string // its id
	Secret  func() (string, error)
	Refresh func() (string, error) // the refresh token as configured: the first one. nil for none
	Scopes  []string
	// Keep changes what is kept of the refresh tokens that came after the first
	// one, for one program at a time: change gets what is kept, "" for nothing,
	// and what it returns is on the disk when Keep returns nil.
	Keep func(ctx context.Context, change func(kept string) (string, error)) error
}

const (
	early        = 5 * time.Minute  // a token is not used any more so long before its end
	tokenTime    = 30 * time.Second // for one answer of the token server
	tokenBytes   = 64 << 10         // of one answer
	presumedLife = time.Hour        // of a token that doesn't tell
)

// Tokens are the access tokens of one mailbox. They are fetched apart from any
// mail server's connection, and shown to nobody else.
type Tokens struct {
	grant Grant
	now   func() time.Time
	web   *http.Client

	turn  chan struct{} // holds one token: whoever has it may fetch
	mu    sync.Mutex
	have  string
	until time.Time
}

// NewTokens fetches nothing yet. A nil clock means time.Now.
func NewTokens(g Grant, clock func() time.Time) *Tokens {
	if clock == nil {
		clock = time.Now
	}
	t := &Tokens{grant: g, now: clock, turn: make(chan struct{}, 1), web: &http.Client{
		Timeout: tokenTime,
		// A secret goes where the configuration says, and nowhere else. Nothing
		// is left open in the hour until the next one.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true},
	}}
	t.turn <- struct{}{}
	return t
}

// Token is an access token that is good for some minutes at least. It is
// fetched when there is none; the error is a *Trouble then, or the context's.
func (t *Tokens) Token(ctx context.Context) (string, error) {
	select {
	case <-t.turn:
		defer func() { t.turn <- struct{}{} }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if have := t.held(); have != "" {
		return have, nil
	}
	got, err := t.fetch(ctx)
	if err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.have, t.until = got.access, t.now().Add(got.life-early)
	return got.access, nil
}

func (t *Tokens) held() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now().Before(t.until) {
		return t.have
	}
	return ""
}

// Refused forgets a token that the mail server didn't take.
func (t *Tokens) Refused(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.have == token {
		t.have, t.until = "", time.Time{}
	}
}
