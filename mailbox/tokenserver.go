package mailbox

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// granted is what the token server gave.
type granted struct {
	access, refresh string
	life            time.Duration
}

// answer is what a token server says (RFC 6749 sections 5.1 and 5.2).
type answer struct {
	AccessToken  string      `json:"access_token"`
	TokenType    string      `json:"token_type"`
	ExpiresIn    json.Number `json:"expires_in"` // some write it as a text; both are read
	RefreshToken string      `json:"refresh_token"`
	Error        string      `json:"error"`
	Description  string      `json:"error_description"`
}

// ask sends one request to the token server. Its answer is bounded in time and size.
func (t *Tokens) ask(ctx context.Context, form url.Values) (granted, error) {
	ctx, cancel := context.WithTimeout(ctx, tokenTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.grant.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return granted{}, &Trouble{Kind: Setting, Err: err, What: "token_url is no web address"}
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	response, err := t.web.Do(request)
	if err != nil {
		return granted{}, t.unreachable(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, tokenBytes+1))
	if err != nil {
		return granted{}, t.unreachable(err)
	}
	var a answer
	readable := len(body) <= tokenBytes && json.Unmarshal(body, &a) == nil
	switch {
	case response.StatusCode == http.StatusOK && readable && a.Error == "":
		return t.grants(a)
	case readable && a.Error != "" && response.StatusCode < http.StatusInternalServerError &&
		response.StatusCode != http.StatusTooManyRequests:
		return granted{}, t.denied(a, form)
	case response.StatusCode == http.StatusOK:
		return granted{}, t.odd("sent something unreadable")
	}
	return granted{}, t.odd(fmt.Sprintf("answers with status %d", response.StatusCode))
}

// grants reads a yes. A token is visible characters alone (RFC 6750 section
// 2.1): others would end up as commands on the mail server's line.
func (t *Tokens) grants(a answer) (granted, error) {
	odd := func(r rune) bool { return r <= ' ' || r >= 0x7F }
	if a.AccessToken == "" || strings.ContainsFunc(a.AccessToken, odd) ||
		a.TokenType != "" && !strings.EqualFold(a.TokenType, "Bearer") {
		return granted{}, t.odd("gave no token of use")
	}
	life := presumedLife
	if seconds, err := a.ExpiresIn.Int64(); err == nil {
		life = time.Duration(min(max(seconds, 0), int64(24*time.Hour/time.Second))) * time.Second
	}
	return granted{access: a.AccessToken, refresh: a.RefreshToken, life: life}, nil
}

func (t *Tokens) odd(what string) error {
	return &Trouble{Kind: Server, What: fmt.Sprintf("the token server %s %s", hostOf(t.grant.URL), what),
		Do: "check token_url if this goes on"}
}

// denied explains the token server's no. What it says may repeat what it was told.
func (t *Tokens) denied(a answer, told url.Values) error {
	said := a.Error
	if a.Description != "" {
		said += ": " + a.Description
	}
	for _, secret := range []string{"client_secret", "refresh_token"} {
		if s := told.Get(secret); s != "" {
			said = strings.ReplaceAll(said, s, "(secret)")
		}
	}
	no := &Trouble{Kind: Login, Err: errors.New(a.Error),
		What: fmt.Sprintf("the token server %s refuses (%s)", hostOf(t.grant.URL), oneLine(said))}
	switch a.Error {
	case "invalid_grant":
		no.Do = "the refresh token has expired or was revoked; get a new one and write it into refresh_token_file"
	case "invalid_client", "unauthorized_client":
		no.Do = "check client_id and client_secret_file, and whether the secret has expired"
	case "invalid_scope":
		no.Do = "check scopes"
	case "unsupported_grant_type":
		no.Do = "check whether it wants a refresh token (refresh_token_file) or the client's own credentials (none)"
	case "temporarily_unavailable", "server_error", "slow_down":
		no.Kind = Server
	default:
		no.Do = "check [mailbox.oauth2], and the application's registration there"
	}
	return no
}

// unreachable explains why there was no answer.
func (t *Tokens) unreachable(err error) error {
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	host := hostOf(t.grant.URL)
	no := &Trouble{Kind: Lost, Err: err, What: fmt.Sprintf("no answer from the token server %s: %s", host, oneLine(err.Error()))}
	var name *net.DNSError
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		no.Kind, no.What, no.Do = Name, "there is no token server called "+host, "check token_url, and this machine's name service"
	case errors.Is(err, syscall.ECONNREFUSED):
		no.Kind, no.What, no.Do = Closed, "no token server listens at "+host, "check token_url"
	case untrusted(err), errors.As(err, new(tls.RecordHeaderError)):
		no.Kind, no.Do = Certificate, "check token_url, and that this machine trusts that server's certificate"
	case silent(err):
		no.Kind, no.What, no.Do = Silent, "the token server "+host+" does not answer", "check token_url, and firewalls on the way"
	}
	return no
}
