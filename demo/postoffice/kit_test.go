package postoffice_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/smtp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"go.uber.org/goleak"

	"inviter/demo/postoffice"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	address  = "help@example.org"
	password = "secret of the test"
	patience = time.Minute // a deadline that a working office never comes near
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func open(t *testing.T, dir string) *postoffice.Office {
	t.Helper()
	off, err := postoffice.Open(postoffice.Options{Dir: dir, Address: address, Password: password,
		Clock: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, off) })
	return off
}

func closed(t *testing.T, off *postoffice.Office) {
	t.Helper()
	if err := off.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// mail is a small mail with that subject.
func mail(subject string) string {
	return "From: Jane <jane@example.org>\r\nTo: " + address + "\r\nSubject: " + subject + "\r\n\r\nHello " + subject + "\r\n"
}

func send(t *testing.T, off *postoffice.Office, text string) {
	t.Helper()
	if err := trySend(off, text); err != nil {
		t.Fatalf("send: %v", err)
	}
}

func trySend(off *postoffice.Office, text string) error {
	return smtp.SendMail(off.SMTP().String(), nil, "jane@example.org", []string{address}, []byte(text))
}

// login is a client that is logged in, with its raw connection for deadlines.
func login(t *testing.T, off *postoffice.Office, o *imapclient.Options) *imapclient.Client {
	t.Helper()
	conn, err := net.Dial("tcp", off.IMAP().String())
	if err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(patience, func() { conn.Close() })
	c := imapclient.New(conn, o)
	t.Cleanup(func() { timer.Stop(); c.Close() })
	if err := c.Login(address, password).Wait(); err != nil {
		t.Fatalf("login: %v", err)
	}
	return c
}

func enter(t *testing.T, off *postoffice.Office, folder string) (*imapclient.Client, *imap.SelectData) {
	t.Helper()
	c := login(t, off, nil)
	data, err := c.Select(folder, nil).Wait()
	if err != nil {
		t.Fatalf("select %s: %v", folder, err)
	}
	return c, data
}

// fetched is one mail as a client got it.
type fetched struct {
	uid   imap.UID
	text  string
	flags []imap.Flag
	at    time.Time
	bs    imap.BodyStructure
}

func fetch(t *testing.T, c *imapclient.Client, set imap.NumSet, o *imap.FetchOptions) []fetched {
	t.Helper()
	msgs, err := c.Fetch(set, o).Collect()
	if err != nil {
		t.Fatalf("fetch: %v", err)
	}
	var out []fetched
	for _, m := range msgs {
		f := fetched{uid: m.UID, flags: m.Flags, at: m.InternalDate, bs: m.BodyStructure}
		for _, s := range m.BodySection {
			f.text += string(s.Bytes)
		}
		out = append(out, f)
	}
	return out
}

// subjects lists what lies in a folder, in its order.
func subjects(t *testing.T, off *postoffice.Office, folder string) string {
	t.Helper()
	c, data := enter(t, off, folder)
	if data.NumMessages == 0 {
		return ""
	}
	var out []string
	for _, m := range fetch(t, c, imap.UIDSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{BodySection: whole()}) {
		_, rest, _ := strings.Cut(m.text, "Subject: ")
		subject, _, _ := strings.Cut(rest, "\r\n")
		out = append(out, fmt.Sprintf("%d:%s", m.uid, subject))
	}
	return strings.Join(out, " ")
}

func whole() []*imap.FetchItemBodySection { return []*imap.FetchItemBodySection{{Peek: true}} }

// lines collects log lines.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
