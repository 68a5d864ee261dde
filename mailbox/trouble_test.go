package mailbox_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"inviter/e2e/private"
	"inviter/mailbox"
	"inviter/ticket/sourcetest"
)

// troubled scans and wants trouble of a kind, in words that name what to do.
func troubled(t *testing.T, m *mailbox.Mailbox, r *sourcetest.Recorder, kind mailbox.Kind, words ...string) *mailbox.Trouble {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := m.Scan(ctx, r.Submit)
	var trouble *mailbox.Trouble
	if !errors.As(err, &trouble) || trouble.Kind != kind {
		t.Fatalf("Scan: %v, want trouble of kind %q", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n") {
		t.Errorf("not fit to be shown: %q", err)
	}
	return trouble
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	r := sourcetest.NewRecorder(nil)
	o := options(t, s.Addr)
	password := "not this secret"
	o.Password = func() (string, error) { return password, nil }
	m := open(t, o, r)
	trouble := troubled(t, m, r, mailbox.Login, "refuses the log-in of help", "password_file")
	if !trouble.Slow() {
		t.Error("refused log-ins should be tried again slowly")
	}
	if f := m.Check(t.Context()); len(f) != 1 || f[0].Err == nil {
		t.Errorf("check: %v", f)
	}
	password = "secret"
	scan(t, m, r)
}

func TestUnreadablePassword(t *testing.T) {
	t.Parallel()
	r := sourcetest.NewRecorder(nil)
	o := options(t, "127.0.0.1:1")
	o.Password = func() (string, error) { return "", errors.New("open /etc/mail.password: no such file") }
	troubled(t, open(t, o, r), r, mailbox.Setting, "password", "no such file")
}

func TestServerAwayAndBack(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	newPerson(t, s.Addr).send("INBOX", letter{subject: "one", file: invite(1)}.bytes())
	r := sourcetest.NewRecorder(nil)
	m := open(t, options(t, s.Addr), r)
	scan(t, m, r)
	s.Stop()
	troubled(t, m, r, mailbox.Closed, "nothing listens at "+s.Addr)
	s.Start(t)
	newPerson(t, s.Addr).send("INBOX", letter{subject: "two", file: invite(2)}.bytes())
	if pass := scan(t, m, r); pass.Queued != 1 {
		t.Errorf("scan: %+v", pass)
	}
	s.Stop()
	s.Start(t)
	scan(t, m, r) // a connection that broke between two scans is no trouble
}

func TestSilentServer(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	r := sourcetest.NewRecorder(nil)
	o := options(t, s.Addr)
	o.Patience, o.Reach = time.Second, time.Second
	m := open(t, o, r)
	scan(t, m, r)
	s.Pause()
	troubled(t, m, r, mailbox.Silent, "answer")
	s.Resume()
	scan(t, m, r)
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	r := sourcetest.NewRecorder(nil)
	troubled(t, open(t, options(t, "127.0.0.1:1"), r), r, mailbox.Closed, "127.0.0.1:1", "check host and port")
	troubled(t, open(t, options(t, "mail.example.invalid:143"), r), r, mailbox.Name, "mail.example.invalid")
}

func TestMissingFolder(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	r := sourcetest.NewRecorder(nil)
	o := options(t, s.Addr)
	o.Folder = "Nowhere"
	troubled(t, open(t, o, r), r, mailbox.Folder, "Nowhere")
}

func TestEncryption(t *testing.T) {
	t.Parallel()
	a := private.NewAuthority(t)
	cert, key := a.Certificate(t, time.Now().Add(time.Hour))
	s := private.Dovecot(t, private.DovecotOptions{CertFile: cert, KeyFile: key})
	r := sourcetest.NewRecorder(nil)
	for name, c := range map[string]struct {
		addr string
		tls  bool
		ca   string
		kind mailbox.Kind
		word string
	}{
		"imaps":                {s.TLSAddr, true, a.File, "", ""},
		"STARTTLS":             {s.Addr, false, a.File, "", ""},
		"imaps, unknown":       {s.TLSAddr, true, "", mailbox.Certificate, "ca_file"},
		"STARTTLS, unknown":    {s.Addr, false, "", mailbox.Certificate, "signed by nobody"},
		"imaps at a clear one": {s.Addr, true, a.File, mailbox.Setting, "imap://"},
		"no such ca_file":      {s.Addr, true, "/nowhere/ca.pem", mailbox.Setting, "ca_file"},
		"ca_file of no use":    {s.Addr, true, key, mailbox.Setting, "no certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, c.addr)
			o.TLS, o.CAFile = c.tls, c.ca
			m := open(t, o, r)
			if c.kind == "" {
				scan(t, m, r)
			} else {
				troubled(t, m, r, c.kind, c.word)
			}
		})
	}
}

func TestExpiredCertificate(t *testing.T) {
	t.Parallel()
	a := private.NewAuthority(t)
	cert, key := a.Certificate(t, time.Now().Add(-time.Hour))
	s := private.Dovecot(t, private.DovecotOptions{CertFile: cert, KeyFile: key})
	r := sourcetest.NewRecorder(nil)
	o := options(t, s.TLSAddr)
	o.TLS, o.CAFile = true, a.File
	troubled(t, open(t, o, r), r, mailbox.Certificate, "has expired", "renew")
}

// scripted is a server that says one thing and then what reply answers to each line.
func scripted(t *testing.T, greeting string, reply func(line string) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte(greeting))
			for lines := bufio.NewScanner(conn); lines.Scan(); {
				conn.Write([]byte(reply(lines.Text())))
			}
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-ended })
	return l.Addr().String()
}

func TestOddGreetings(t *testing.T) {
	t.Parallel()
	silent := func(string) string { return "" }
	for greeting, c := range map[string]struct {
		kind mailbox.Kind
		word string
	}{
		"* BYE too many connections\r\n":    {mailbox.Server, "too many connections"},
		"220 mail.example.org ESMTP\r\n":    {mailbox.Setting, "no IMAP server"},
		"* OK " + strings.Repeat("x", 9000): {mailbox.Lost, "no connection"},
		"* OK ready\r\n":                    {mailbox.Silent, "does not answer"},
		"":                                  {mailbox.Silent, "does not answer"},
	} {
		t.Run(c.word, func(t *testing.T) {
			t.Parallel()
			r := sourcetest.NewRecorder(nil)
			o := options(t, scripted(t, greeting, silent))
			o.Reach = time.Second
			m := open(t, o, r)
			troubled(t, m, r, c.kind, c.word)
		})
	}
}
