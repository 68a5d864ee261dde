package mailbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// connect reaches the server and logs in. A token that it refuses may merely
// have been revoked before its time, so one fresh one is tried.
//
// With enter the inbox is opened at once, if that is what is watched.
func (m *Mailbox) connect(ctx context.Context, enter bool) (*link, error) {
	if m.options.Tokens == nil {
		password, err := m.password()
		if err != nil {
			return nil, err
		}
		return m.connectBy(ctx, credentials{password: password}, enter)
	}
	for fresh := false; ; fresh = true {
		token, err := m.options.Tokens.Token(ctx)
		if err != nil {
			return nil, err
		}
		l, err := m.connectBy(ctx, credentials{token: token}, enter)
		var no *Trouble
		if err == nil || !errors.As(err, &no) || no.Kind != Login {
			return l, err
		}
		m.options.Tokens.Refused(token)
		if fresh {
			return nil, err
		}
	}
}

// credentials are a password, or else an access token.
type credentials struct{ password, token string }

func (m *Mailbox) connectBy(ctx context.Context, c credentials, enter bool) (*link, error) {
	w, err := m.reach(ctx)
	if err != nil {
		return nil, err
	}
	l := &link{at: m.at, wire: w, patience: m.options.Patience, wake: make(chan struct{}, 1), ready: map[string]bool{}, made: map[string]bool{}}
	l.client = imapclient.New(w, l.library())
	w.ended = l.client.Closed()
	begin := time.Now()
	if err := l.logIn(ctx, c); err != nil {
		l.close()
		return nil, err
	}
	l.far = time.Since(begin) >= farAway
	if err := l.learn(ctx, enter); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (m *Mailbox) password() (string, error) {
	if m.options.Password == nil {
		return "", nil
	}
	password, err := m.options.Password()
	if err != nil {
		return "", &Trouble{Kind: Setting, Err: err, What: "the password can't be read: " + oneLine(err.Error())}
	}
	return password, nil
}

func (l *link) logIn(ctx context.Context, c credentials) error {
	if err := l.do(ctx, l.brief(), l.client.WaitGreeting); err != nil {
		return l.at.refused("take a connection now", err)
	}
	if l.client.State() == imap.ConnStateAuthenticated {
		return nil
	}
	caps, err := l.capabilities(ctx)
	if err != nil {
		return err
	}
	if c.token != "" {
		return l.logInBy(ctx, caps, c.token)
	}
	err = l.do(ctx, l.brief(), func() error {
		switch {
		case caps.Has(imap.AuthCap(sasl.Plain)):
			return l.client.Authenticate(sasl.NewPlainClient("", l.at.User, c.password))
		case caps.Has(imap.CapLoginDisabled):
			return errNoLogin
		}
		return l.client.Login(l.at.User, c.password).Wait()
	})
	return l.at.refusedLogin(err)
}

// logInBy logs in by an access token.
func (l *link) logInBy(ctx context.Context, caps imap.CapSet, token string) error {
	b, ok := l.at.bearerFor(caps, token)
	if !ok {
		return &Trouble{Kind: Setting, What: l.at.Host + " offers neither XOAUTH2 nor OAUTHBEARER",
			Do: "use a password instead of [mailbox.oauth2], or allow log-in by token at the server"}
	}
	err := l.do(ctx, l.brief(), func() error { return l.client.Authenticate(b) })
	return l.at.refusedToken(err)
}

var errNoLogin = &imap.Error{Type: imap.StatusResponseTypeNo, Text: "it offers no log-in by password"}

func (l *link) capabilities(ctx context.Context) (caps imap.CapSet, err error) {
	err = l.do(ctx, l.brief(), func() error {
		if caps = l.client.Caps(); caps == nil {
			return fmt.Errorf("no capabilities")
		}
		return nil
	})
	return caps, err
}
