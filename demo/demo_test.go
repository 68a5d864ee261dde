package demo_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/mail"
	"net/smtp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"go.uber.org/goleak"

	"inviter/config"
	"inviter/demo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = time.Minute // a deadline that a working demo never comes near

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// pauses stands in for the time between samples: each pause ends when the test
// says so.
type pauses struct {
	asked chan time.Duration
	end   chan time.Time
}

func newPauses() pauses { return pauses{make(chan time.Duration), make(chan time.Time)} }

func (p pauses) after(d time.Duration) <-chan time.Time {
	if d == 5*time.Minute {
		return nil // samples that lie ready are made anew: not here
	}
	p.asked <- d
	return p.end
}

// next waits for the next pause and tells how long it is.
func (p pauses) next(t *testing.T) time.Duration {
	t.Helper()
	select {
	case d := <-p.asked:
		return d
	case <-time.After(patience):
		t.Fatal("nothing happens")
		return 0
	}
}

func start(t *testing.T, dir string, now time.Time, p pauses) *demo.Demo {
	t.Helper()
	d, err := demo.Start(t.Context(), demo.Options{Dir: dir, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return now }, After: p.after})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func closed(t *testing.T, d *demo.Demo) {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// look logs in as the watcher would.
func look(t *testing.T, d *demo.Demo) *imapclient.Client {
	t.Helper()
	password, err := os.ReadFile(d.Password)
	if err != nil {
		t.Fatal(err)
	}
	c, err := imapclient.DialInsecure(d.IMAP, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(demo.Alias, strings.TrimSpace(string(password))).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

// inbox lists the senders of what lies in the mailbox.
func inbox(t *testing.T, d *demo.Demo) []string {
	t.Helper()
	c := look(t, d)
	defer c.Close()
	msgs, err := c.Fetch(imap.UIDSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{
		BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	var from []string
	for _, m := range msgs {
		letter, err := mail.ReadMessage(bytes.NewReader(m.BodySection[0].Bytes))
		if err != nil {
			t.Fatal(err)
		}
		a, err := letter.Header.AddressList("From")
		if err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(a[0].Address, "@")
		from = append(from, name)
	}
	return from
}

// files lists what lies in a folder, hidden things too.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			all = append(all, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSamplesArriveOneAfterTheOther(t *testing.T) {
	t.Parallel()
	p := newPauses()
	d := start(t, t.TempDir(), noon, p)
	defer closed(t, d)
	if got := p.next(t); got != 6*time.Second {
		t.Errorf("the first pause is %v", got)
	}
	first := []string{"jane.doe", "tom.becker", "juergen.weiss", "canteen", "amal.haddad", "priya.raman", "oskar.lind",
		"maximiliane-charlotte.von-hohenstein-oberweiler"}
	if got := inbox(t, d); !slices.Equal(got, first) {
		t.Errorf("at first the mailbox has %v", got)
	}
	if got := files(t, d.Share); !slices.Equal(got, []string{"Front desk/Invitation.msrcIncident"}) {
		t.Errorf("at first the share has %q", got)
	}
	p.end <- noon
	p.next(t)
	p.end <- noon
	p.next(t)
	if got := inbox(t, d); !slices.Equal(got, append(first, "lin.wei")) {
		t.Errorf("then the mailbox has %v", got)
	}
	if got := files(t, d.Share); !slices.Equal(got, []string{"Front desk/Invitation.msrcIncident", "priya/Invitation.msrcIncident"}) {
		t.Errorf("then the share has %q", got)
	}
}

// The rest of the play comes after a restart, and nothing twice. What was
// taken out of mailbox and share doesn't come back.
func TestSecondStartGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := newPauses()
	d := start(t, dir, noon, p)
	p.next(t)
	c := look(t, d)
	if err := c.Create("Inviter/Processed", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Move(imap.UIDSetNum(1, 2, 3), "Inviter/Processed").Wait(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(d.Share, "Front desk")); err != nil {
		t.Fatal(err)
	}
	closed(t, d)

	later := noon.Add(48 * time.Hour)
	again := start(t, dir, later, p)
	defer closed(t, again)
	if again.IMAP != d.IMAP || again.SMTP != d.SMTP || again.Mailbox != d.Mailbox {
		t.Errorf("the addresses changed: %+v, %+v", d, again)
	}
	if got := p.next(t); got != 6*time.Second {
		t.Errorf("it goes on after %v", got)
	}
	if got := inbox(t, again); !slices.Equal(got, []string{"canteen", "amal.haddad", "priya.raman", "oskar.lind",
		"maximiliane-charlotte.von-hohenstein-oberweiler"}) {
		t.Errorf("after a restart the mailbox has %v", got)
	}
	if got := files(t, again.Share); len(got) != 0 {
		t.Errorf("after a restart the share has %q", got)
	}
	for range 6 {
		p.end <- later
		p.next(t)
	}
	p.end <- later
	want := []string{"Elif Yılmaz/Davet.msrcIncident", "anna/Einladung.msrcIncident", "priya/Invitation.msrcIncident"}
	eventually(t, "the play's end", func() bool { return slices.Equal(files(t, again.Share), want) })
}

// Ended between sending a sample and noting it down, the demo sends it again
// at the next start: the very same mail, byte for byte, whatever the time.
func TestInterruptedSampleComesAgainUnchanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := newPauses()
	d := start(t, dir, noon, p)
	p.next(t)
	closed(t, d)
	memory, err := os.ReadFile(filepath.Join(dir, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "demo.json"), bytes.Replace(memory, []byte(`"priya by mail"`), []byte(`"nobody"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	d = start(t, dir, noon.Add(time.Hour), p)
	defer closed(t, d)
	p.next(t)
	mails, err := filepath.Glob(filepath.Join(dir, "mail", "folders", "INBOX", "*.eml"))
	if err != nil || len(mails) != 9 {
		t.Fatalf("%d mails, %v", len(mails), err)
	}
	var sent [2][]byte
	for i, file := range []string{mails[5], mails[8]} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, sent[i], _ = bytes.Cut(b, []byte("From: ")) // what the server adds is above
	}
	if len(sent[0]) < 5000 || !bytes.Equal(sent[0], sent[1]) {
		t.Errorf("the mail differs: %d and %d bytes", len(sent[0]), len(sent[1]))
	}
}

// eventually waits for what another goroutine does.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s didn't come", what)
		}
	}
}

func TestPortInUseIsNoHindrance(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := newPauses()
	d := start(t, dir, noon, p)
	p.next(t)
	defer closed(t, d)
	other := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(other, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	again := start(t, other, noon, p)
	defer closed(t, again)
	p.next(t)
	if again.SMTP == d.SMTP {
		t.Error("two mail servers at one address")
	}
	if _, err := demo.Start(t.Context(), demo.Options{Dir: t.TempDir(), SMTP: d.SMTP}); err == nil {
		t.Error("a port that was asked for and is in use: no error")
	}
	if _, err := demo.Start(t.Context(), demo.Options{Dir: t.TempDir(), IMAP: "0.0.0.0:0"}); err == nil {
		t.Error("listens beyond loopback")
	}
}

func TestBrokenMemoryIsSaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "demo.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Start(t.Context(), demo.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "demo.json") {
		t.Errorf("got %v", err)
	}
}

// The lines for doing it by hand work as they are printed.
func TestInstructions(t *testing.T) {
	t.Parallel()
	p := newPauses()
	d := start(t, filepath.Join(t.TempDir(), "it's a folder"), noon, p)
	defer closed(t, d)
	p.next(t)
	var mailed, dropped int
	for _, i := range d.Instructions() {
		words := shell(t, i.Command)
		file := words[len(words)-1]
		switch words[0] {
		case "cp":
			file = words[1]
			if words[2] != d.Share+"/" {
				t.Errorf("copies to %q", words[2])
			}
			dropped++
		case "curl":
			letter, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := smtp.SendMail(d.SMTP, nil, "x@example.org", []string{demo.Alias}, letter); err != nil {
				t.Error(err)
			}
			if !slices.Contains(words, "smtp://"+d.SMTP) {
				t.Errorf("line %q", i.Command)
			}
			mailed++
		default:
			t.Errorf("line %q", i.Command)
		}
		if info, err := os.Stat(file); err != nil || info.Size() < 300 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info, err)
		}
	}
	if mailed != 2 || dropped != 2 || len(inbox(t, d)) != 8+mailed {
		t.Errorf("%d mailed, %d dropped", mailed, dropped)
	}
}

// shell splits a line as a POSIX shell does, as far as our lines go.
func shell(t *testing.T, line string) []string {
	t.Helper()
	var words []string
	var word strings.Builder
	quoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\'':
			quoted = !quoted
		case c == '\\' && !quoted:
			i++
			word.WriteByte(line[i])
		case c == ' ' && !quoted:
			words = append(words, word.String())
			word.Reset()
		default:
			word.WriteByte(c)
		}
	}
	if quoted {
		t.Errorf("a quote is open in %q", line)
	}
	return append(words, word.String())
}

func TestReadySamplesAreMadeAnew(t *testing.T) {
	t.Parallel()
	fresh := make(chan time.Time)
	var passed atomic.Int64
	d, err := demo.Start(t.Context(), demo.Options{Dir: t.TempDir(), Now: func() time.Time {
		return noon.Add(time.Duration(passed.Load()))
	}, After: func(d time.Duration) <-chan time.Time {
		if d == 5*time.Minute {
			return fresh
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, d)
	before := ready(t, d)
	passed.Store(int64(5 * time.Minute))
	fresh <- noon
	eventually(t, "a fresh sample", func() bool {
		after := ready(t, d)
		return len(after) == 4 && after["noah.msrcIncident"] != before["noah.msrcIncident"] && after["zoe.msrcIncident"] != before["zoe.msrcIncident"] &&
			after["kim.eml"] != before["kim.eml"] && after["lea.eml"] != before["lea.eml"]
	})
}

func ready(t *testing.T, d *demo.Demo) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range files(t, d.Ready) {
		if strings.HasPrefix(name, ".") {
			continue
		}
		f, err := os.Open(filepath.Join(d.Ready, name))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		all[name] = fmt.Sprintf("%x", b)
	}
	return all
}

// The configuration that is written is one that the program takes.
func TestConfig(t *testing.T) {
	t.Parallel()
	p := newPauses()
	d := start(t, filepath.Join(t.TempDir(), `a "folder" with <ü> & \`), noon, p)
	defer closed(t, d)
	p.next(t)
	c, err := config.Load(d.Config)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Mailboxes) != 1 || len(c.Shares) != 1 || c.Shares[0].Path != d.Share || c.Web.Listen != "127.0.0.1:8080" {
		t.Fatalf("read as %+v", c)
	}
	m := c.Mailboxes[0]
	password, err := m.Password.Now()
	if err != nil || net.JoinHostPort(m.Host, m.Port) != d.IMAP || m.User != demo.Alias || m.Folder != "INBOX" || m.TLS {
		t.Errorf("mailbox %+v, %v", m, err)
	}
	if kept, err := os.ReadFile(d.Password); err != nil || strings.TrimSpace(string(kept)) != password || len(password) < 20 {
		t.Errorf("password %q, %v", kept, err)
	}
}
