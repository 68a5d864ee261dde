package mailbox_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"go.uber.org/goleak"

	"inviter/invitation/sample"
	"inviter/mailbox"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of these tests.
const patience = time.Minute

// start is a fixed time at which samples begin.
var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// invite is the n-th sample invitation.
func invite(n int) []byte {
	return sample.Invitation{User: "Jane Doe", Password: "open sesame", Start: start, Seed: int64(n)}.RA2()
}

// letter is a mail to be written.
type letter struct {
	from    string // "Jane Doe <jane@example.org>" if empty
	subject string
	header  string // further lines, each with its CRLF
	text    string
	file    []byte // attached as base64 if not nil
	name    string // of the file; "invite.msrcIncident" if empty
	more    string // further parts, written out
}

func (l letter) bytes() []byte {
	var b strings.Builder
	from := l.from
	if from == "" {
		from = "Jane Doe <jane@example.org>"
	}
	fmt.Fprintf(&b, "From: %s\r\nTo: help@example.org\r\nSubject: %s\r\nMIME-Version: 1.0\r\n%s", from, l.subject, l.header)
	if l.file == nil && l.more == "" {
		fmt.Fprintf(&b, "Content-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n", l.text)
		return []byte(b.String())
	}
	fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n", l.text)
	if l.file != nil {
		b.WriteString(attachment(l.name, l.file))
	}
	b.WriteString(l.more + "--cut--\r\n")
	return []byte(b.String())
}

func attachment(name string, file []byte) string {
	if name == "" {
		name = "invite.msrcIncident"
	}
	coded := base64.StdEncoding.EncodeToString(file)
	var lines strings.Builder
	for len(coded) > 76 {
		lines.WriteString(coded[:76] + "\r\n")
		coded = coded[76:]
	}
	return fmt.Sprintf("--cut\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"+
		"Content-Disposition: attachment; filename=%q\r\n\r\n%s%s\r\n", name, lines.String(), coded)
}

// person uses the mailbox beside us, as a colleague with a mail client would.
type person struct {
	t      testing.TB
	client *imapclient.Client
}

func newPerson(t testing.TB, addr string) *person {
	t.Helper()
	return newPersonAs(t, addr, "help")
}

func newPersonAs(t testing.TB, addr, account string) *person {
	t.Helper()
	c, err := imapclient.DialInsecure(addr, nil)
	must(t, err)
	t.Cleanup(func() { c.Close() })
	must(t, c.Login(account, "secret").Wait())
	return &person{t, c}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// send puts a mail into a folder.
func (p *person) send(folder string, mail []byte, at ...time.Time) {
	p.t.Helper()
	o := &imap.AppendOptions{}
	if len(at) > 0 {
		o.Time = at[0]
	}
	cmd := p.client.Append(folder, int64(len(mail)), o)
	_, err := cmd.Write(mail)
	must(p.t, err)
	must(p.t, cmd.Close())
	_, err = cmd.Wait()
	must(p.t, err)
}

// seen is one mail as a person sees it.
type seen struct {
	uid     imap.UID
	subject string
	flags   []imap.Flag
}

// folder lists a folder; nil where there is none.
func (p *person) folder(name string) []seen {
	p.t.Helper()
	if _, err := p.client.Select(name, &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		return nil
	}
	list, err := p.client.Fetch(imap.UIDSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{UID: true, Flags: true, Envelope: true}).Collect()
	must(p.t, err)
	var all []seen
	for _, m := range list {
		all = append(all, seen{m.UID, m.Envelope.Subject, m.Flags})
	}
	return all
}

func (p *person) subjects(folder string) string {
	p.t.Helper()
	var s []string
	for _, m := range p.folder(folder) {
		s = append(s, m.subject)
	}
	return strings.Join(s, ",")
}

// flag sets flags on all mails of a folder.
func (p *person) flag(folder string, flags ...imap.Flag) {
	p.t.Helper()
	_, err := p.client.Select(folder, nil).Wait()
	must(p.t, err)
	set := imap.UIDSet{{Start: 1, Stop: 0}}
	must(p.t, p.client.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: flags}, nil).Close())
}

// flagsOf are a mail's flags without \Recent, which is no flag of the mail.
func (s seen) flagsOf() string {
	var f []string
	for _, flag := range s.flags {
		if !strings.EqualFold(string(flag), `\Recent`) {
			f = append(f, string(flag))
		}
	}
	return strings.Join(f, " ")
}

// options are those of a mailbox at addr as the configuration has them by default.
func options(t testing.TB, addr string) mailbox.Options {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	must(t, err)
	return mailbox.Options{
		Name: "helpdesk", Address: mailbox.Address{Host: host, Port: port, User: "help"},
		Password: func() (string, error) { return "secret", nil },
		First:    24 * time.Hour, Processed: "Inviter/Processed", Refused: "Inviter/Refused",
		Patience: 10 * time.Second, Reach: 10 * time.Second,
		Log: slog.New(slog.NewTextHandler(testLog{t}, nil)),
	}
}

// testLog writes into the test's log.
type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Logf("%s", strings.TrimSpace(string(b)))
	return len(b), nil
}

// open opens a mailbox and closes it with the test.
func open(t testing.TB, o mailbox.Options, ledger ticket.Ledger) *mailbox.Mailbox {
	t.Helper()
	m := mailbox.Open(o, ledger)
	t.Cleanup(func() { m.Close() })
	return m
}

func scan(t testing.TB, m *mailbox.Mailbox, r *sourcetest.Recorder) ticket.Pass {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	pass, err := m.Scan(ctx, r.Submit)
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	return pass
}

// deliveredOf finds the delivery whose note begins with the subject.
func deliveredOf(t testing.TB, r *sourcetest.Recorder, subject string) ticket.Delivery {
	t.Helper()
	for _, d := range r.Deliveries() {
		if strings.HasPrefix(d.Note, subject) {
			return d
		}
	}
	t.Fatalf("nothing delivered of %q", subject)
	return ticket.Delivery{}
}
