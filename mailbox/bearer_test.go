package mailbox_test

import (
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"

	"inviter/mailbox"
	"inviter/ticket/sourcetest"
)

// tokenMail is a mail server that takes access tokens by some mechanisms.
type tokenMail struct {
	addr       string
	user       *imapmemserver.User
	mechanisms []string

	mu    sync.Mutex
	good  map[string]bool
	tried []string // MECHANISM USER TOKEN
}

func newTokenMail(t testing.TB, caps []imap.Cap, mechanisms ...string) *tokenMail {
	t.Helper()
	m := &tokenMail{user: imapmemserver.NewUser("help", "secret"), mechanisms: mechanisms, good: map[string]bool{}}
	must(t, m.user.Create("INBOX", nil))
	set := imap.CapSet{imap.CapIMAP4rev1: {}}
	for _, c := range caps {
		set[c] = struct{}{}
	}
	s := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &tokenSession{imapmemserver.NewUserSession(m.user), m}, nil, nil
		},
		Caps: set, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	m.addr = l.Addr().String()
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-ended })
	return m
}

func (m *tokenMail) accept(tokens ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.good)
	for _, t := range tokens {
		m.good[t] = true
	}
}

func (m *tokenMail) attempts() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.tried, ",")
}

func (m *tokenMail) try(mechanism, user, token string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tried = append(m.tried, mechanism+" "+user+" "+token)
	return user == "help" && m.good[token]
}

type tokenSession struct {
	*imapmemserver.UserSession
	m *tokenMail
}

var _ imapserver.SessionSASL = (*tokenSession)(nil)

func (s *tokenSession) AuthenticateMechanisms() []string { return s.m.mechanisms }

func (s *tokenSession) Authenticate(mechanism string) (sasl.Server, error) {
	if mechanism == sasl.OAuthBearer {
		return plainNo{sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if s.m.try(mechanism, o.Username, o.Token) {
				return nil
			}
			return &sasl.OAuthBearerError{Status: "invalid_token", Schemes: "bearer"}
		})}, nil
	}
	return &xoauth2Server{m: s.m}, nil
}

// plainNo says no where the library would call a refused token its own fault.
type plainNo struct{ sasl.Server }

func (p plainNo) Next(response []byte) ([]byte, bool, error) {
	challenge, done, err := p.Server.Next(response)
	if _, refused := err.(*sasl.OAuthBearerError); refused {
		err = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeAuthenticationFailed, Text: "Invalid token"}
	}
	return challenge, done, err
}

// xoauth2Server is the server's side of XOAUTH2, as Google describes it.
type xoauth2Server struct {
	m      *tokenMail
	failed bool
}

func (x *xoauth2Server) Next(response []byte) ([]byte, bool, error) {
	switch {
	case x.failed && len(response) == 0:
		return nil, true, &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeAuthenticationFailed, Text: "AUTHENTICATE failed."}
	case x.failed:
		return nil, true, errors.New("expected an empty line")
	case response == nil:
		return nil, false, nil
	}
	user, rest, _ := strings.Cut(strings.TrimPrefix(string(response), "user="), "\x01")
	token, ok := strings.CutSuffix(strings.TrimPrefix(rest, "auth=Bearer "), "\x01\x01")
	if ok && x.m.try("XOAUTH2", user, token) {
		return nil, true, nil
	}
	x.failed = true
	return []byte(`{"status":"400","schemes":"Bearer"}`), false, nil
}

func TestLogInByToken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mechanisms []string
		caps       []imap.Cap
		want       string
	}{
		"OAUTHBEARER":            {[]string{"PLAIN", "OAUTHBEARER"}, []imap.Cap{imap.CapSASLIR}, "OAUTHBEARER"},
		"OAUTHBEARER, no SASLIR": {[]string{"OAUTHBEARER"}, nil, "OAUTHBEARER"},
		"XOAUTH2":                {[]string{"PLAIN", "XOAUTH2"}, []imap.Cap{imap.CapSASLIR}, "XOAUTH2"},
		"XOAUTH2, no SASLIR":     {[]string{"XOAUTH2"}, nil, "XOAUTH2"},
		"both":                   {[]string{"XOAUTH2", "OAUTHBEARER"}, []imap.Cap{imap.CapSASLIR}, "OAUTHBEARER"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, m, r := newTokenServer(t), newTokenMail(t, c.caps, c.mechanisms...), sourcetest.NewRecorder(nil)
			m.accept("t1")
			newPerson(t, m.addr).send("INBOX", letter{subject: "one", file: invite(1)}.bytes())
			o := options(t, m.addr)
			o.Password, o.Tokens = nil, mailbox.NewTokens(s.grant(), nil)
			box := open(t, o, r)
			if pass := scan(t, box, r); pass.Queued != 1 {
				t.Errorf("scan: %+v", pass)
			}
			if got := m.attempts(); got != c.want+" help t1" {
				t.Errorf("tried %q", got)
			}
			must(t, box.Close())
			m.accept("t2") // t1 was revoked before its time
			scan(t, box, r)
			must(t, box.Close())
			m.accept()
			trouble := troubled(t, box, r, mailbox.Login, "refuses the access token for help", "may read this mailbox")
			if !trouble.Slow() || s.times() != 3 {
				t.Errorf("slow %v, asked for tokens %d times, want 3", trouble.Slow(), s.times())
			}
			m.accept("t4")
			if found := box.Check(t.Context()); len(found) < 3 || found[0].What != "token" || found[1].Err != nil {
				t.Errorf("check: %+v", found)
			}
		})
	}
}

func TestLogInByTokenIsNotOffered(t *testing.T) {
	t.Parallel()
	s, m, r := newTokenServer(t), newMemory(t, full), sourcetest.NewRecorder(nil)
	o := options(t, m.addr)
	o.Tokens = mailbox.NewTokens(s.grant(), nil)
	troubled(t, open(t, o, r), r, mailbox.Setting, "neither XOAUTH2 nor OAUTHBEARER")
	s.Close()
	troubled(t, open(t, o, r), r, mailbox.Setting, "neither") // the token is still good
	o.Tokens = mailbox.NewTokens(s.grant(), nil)
	box := open(t, o, r)
	troubled(t, box, r, mailbox.Closed, "token_url")
	if found := box.Check(t.Context()); len(found) != 1 || found[0].What != "token" || found[0].Err == nil {
		t.Errorf("check: %+v", found)
	}
	g := s.grant()
	g.Refresh = text("r0")
	o.Tokens = mailbox.NewTokens(g, nil)
	if found := open(t, o, r).Check(t.Context()); len(found) != 1 || found[0].Err != nil || found[0].Detail == "" {
		t.Errorf("check before the first start: %+v", found)
	}
}
