package mailbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// connect reaches the server and logs in. A token that it refuses may merely
// have been revoked before its time, so one fresh one is tried.
func (m *Mailbox) connect(ctx context.Context) (*link, error) {
	if m.options.Tokens == nil {
		password, err := m.password()
		if err != nil {
			return nil, err
		}
		return m.connectBy(ctx, credentials{password: password})
	}
	for fresh := false; ; fresh = true {
		token, err := m.options.Tokens.Token(ctx)
		if err != nil {
			return nil, err
		}
		l, err := m.connectBy(ctx, credentials{token: token})
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

func (m *Mailbox) connectBy(ctx context.Context, c credentials) (*link, error) {
	w, err := m.reach(ctx)
	if err != nil {
		return nil, err
	}
	l := &link{at: m.at, wire: w, patience: m.options.Patience, wake: make(chan struct{}, 1), ready: map[string]bool{}}
	l.client = imapclient.New(w, l.library())
	if err := l.logIn(ctx, c); err != nil {
		l.close()
		return nil, err
	}
	if err := l.learn(ctx); err != nil {
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

// learn asks what the server can do now, and how it writes folder names.
func (l *link) learn(ctx context.Context) error {
	// Not Caps: right after a log-in it may still answer what was true before.
	var caps imap.CapSet
	err := l.do(ctx, l.brief(), func() (err error) {
		caps, err = l.client.Capability().Wait()
		return err
	})
	if err != nil {
		return l.at.refused("tell what it can do", err)
	}
	l.caps = caps.Copy()
	l.names, err = l.askNames(ctx)
	return err
}

func (l *link) capabilities(ctx context.Context) (caps imap.CapSet, err error) {
	err = l.do(ctx, l.brief(), func() error {
		if caps = l.client.Caps(); caps == nil {
			return fmt.Errorf("no capabilities")
		}
		return nil
	})
	return caps, err
}

// selectFolder opens the watched folder, and notes its UIDVALIDITY: while it
// stays selected, a UID means the same mail (RFC 9051 section 2.3.1.1).
func (l *link) selectFolder(ctx context.Context) error {
	folder := l.names.write(l.at.Folder)
	var got *imap.SelectData
	err := l.do(ctx, l.brief(), func() (err error) {
		got, err = l.client.Select(folder, nil).Wait()
		return err
	})
	if err != nil {
		return l.noFolder(err)
	}
	if got.UIDValidity == 0 {
		return &Trouble{Kind: Server, What: l.at.Host + " gives the mails of " + l.at.Folder + " no lasting numbers (UIDVALIDITY)"}
	}
	l.folder, l.validity = folder, got.UIDValidity
	l.exists.Store(got.NumMessages)
	return nil
}

// noFolder explains why the folder can't be opened. That it is gone is only
// true where the server doesn't blame itself.
func (l *link) noFolder(err error) error {
	var t *Trouble
	var no *imap.Error
	why := l.at.refused("open "+l.at.Folder, err)
	if !errors.As(err, &no) || !errors.As(why, &t) {
		return why
	}
	switch no.Code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeServerBug, imap.ResponseCodeInUse, imap.ResponseCodeLimit,
		imap.ResponseCodeContactAdmin, imap.ResponseCodeCorruption:
		return t
	}
	t.Kind = Folder
	t.Do = fmt.Sprintf("check the folder in the configuration, and that %s may read it", l.at.User)
	return t
}
