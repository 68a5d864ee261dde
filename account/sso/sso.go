// Package sso asks a single sign-on provider who somebody is: OpenID Connect
// Core 1.0 by the authorization code flow, with PKCE (RFC 7636), state and
// nonce. It promises an identity only where the provider signed one for this
// program and for this very journey of this browser.
//
// The provider is asked for its addresses and keys when they are first needed,
// so that a provider that is away stops neither the start nor other log-ins.
package sso

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"inviter/account"
	"inviter/ticket"
)

// Bounds of one conversation with the provider.
const (
	patience  = 10 * time.Second
	mostBytes = 1 << 20
)

// ErrAway is wrapped by every fault of the provider's.
var ErrAway = errors.New("the single sign-on provider can't be asked now")

// Options are one provider, and how to read what it says.
type Options struct {
	Issuer       string // its address, https
	ClientID     string
	ClientSecret string // "" for a public client
	Redirect     string // our address that it sends people back to
	NameClaim    string // what becomes the account's name; without it the proven email address, else the subject
	RoleClaim    string // where the groups are, "realm_access.roles" within an object
	// Roles are the groups that give a role; the highest counts. Empty leaves
	// each account its own role, and lets in only who has an account.
	Roles map[ticket.Role][]string
	Clock func() time.Time
}

// Provider is one single sign-on provider. Its methods may be called at the
// same time.
type Provider struct {
	o      Options
	client *http.Client
	mu     sync.Mutex
	known  *endpoints // nil until it first answered
}

// endpoints are what the provider told of itself.
type endpoints struct {
	provider *oidc.Provider
	config   oauth2.Config
}

// New is a provider that has not been asked anything yet.
func New(o Options) *Provider {
	return &Provider{o: o, client: &http.Client{Timeout: patience, Transport: bounded{http.DefaultTransport}}}
}

// Journey is what a browser has to bring back from the provider. All of it is
// secret to that browser.
type Journey struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

// Begin is where to send a browser, and what it has to keep meanwhile. Its
// error wraps ErrAway.
func (p *Provider) Begin(ctx context.Context) (address string, j Journey, err error) {
	e, err := p.ask(ctx)
	if err != nil {
		return "", Journey{}, err
	}
	j = Journey{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	return e.config.AuthCodeURL(j.State, oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier)), j, nil
}

// Finish reads who came back with answer, the query of the redirect. It
// refuses with account.ErrLogIn whatever is no answer to this journey, or that
// the provider's signature doesn't bear out, and with account.ErrNoRole who is
// in no group of ours, and still says who it is. Any other error wraps ErrAway.
func (p *Provider) Finish(ctx context.Context, j Journey, answer url.Values) (account.Identity, error) {
	code := answer.Get("code")
	if j.State == "" || subtle.ConstantTimeCompare([]byte(j.State), []byte(answer.Get("state"))) != 1 || code == "" {
		return account.Identity{}, fmt.Errorf("%w: no answer to what was asked (%.80q)", account.ErrLogIn, answer.Get("error"))
	}
	e, err := p.ask(ctx)
	if err != nil {
		return account.Identity{}, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.client), patience)
	defer cancel()
	token, err := e.config.Exchange(ctx, code, oauth2.VerifierOption(j.Verifier))
	if err != nil {
		return account.Identity{}, refusedOrAway(err)
	}
	said, err := p.verify(ctx, e, token, j.Nonce)
	if err != nil {
		return account.Identity{}, err
	}
	return p.identity(said)
}

// Check tells whether the provider answers, for inviter check.
func (p *Provider) Check(ctx context.Context) error {
	_, err := p.ask(ctx)
	return err
}

// ask learns the provider's addresses, once.
func (p *Provider) ask(ctx context.Context) (*endpoints, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known != nil {
		return p.known, nil
	}
	// The keys are fetched later by the context that this one is made of.
	lasting := oidc.ClientContext(context.WithoutCancel(ctx), p.client)
	found, err := oidc.NewProvider(lasting, p.o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	p.known = &endpoints{provider: found, config: oauth2.Config{
		ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret, Endpoint: found.Endpoint(),
		RedirectURL: p.o.Redirect, Scopes: scopes(found),
	}}
	return p.known, nil
}

// scopes asks for groups only where the provider knows that scope: others
// refuse the whole request for it.
func scopes(found *oidc.Provider) []string {
	var has struct {
		Scopes []string `json:"scopes_supported"`
	}
	list := []string{oidc.ScopeOpenID, "profile", "email"}
	if found.Claims(&has) == nil && slices.Contains(has.Scopes, "groups") {
		list = append(list, "groups")
	}
	return list
}

// refusedOrAway tells a code that the provider doesn't take from a fault.
func refusedOrAway(err error) error {
	var no *oauth2.RetrieveError
	if errors.As(err, &no) && no.ErrorCode == "invalid_grant" {
		return fmt.Errorf("%w: %w", account.ErrLogIn, err)
	}
	return fmt.Errorf("%w: %w", ErrAway, err)
}

// bounded cuts what a provider may answer.
type bounded struct{ http.RoundTripper }

// RoundTrip is one question whose answer ends after mostBytes.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	got, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		got.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(got.Body, mostBytes), got.Body}
	}
	return got, err
}
