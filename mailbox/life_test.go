package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"inviter/e2e/private"
	"inviter/invitation"
	"inviter/mailbox"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

func TestOrdinaryMailIsNotTouched(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	p := newPerson(t, s.Addr)
	p.send("INBOX", letter{subject: "lunch", text: "Soup today."}.bytes())
	p.send("INBOX", letter{subject: "picture", file: []byte("\x89PNG\r\n\x1a\n and so on"), name: "a.png"}.bytes())
	p.flag("INBOX", imap.FlagFlagged, "$Label1")
	p.send("INBOX", letter{subject: "unread", text: "Not read by anybody."}.bytes())
	p.send("INBOX", letter{subject: "help", file: invite(1)}.bytes())
	before := p.folder("INBOX")
	r := sourcetest.NewRecorder(nil)
	m := open(t, options(t, s.Addr), r)
	if pass := scan(t, m, r); pass.Seen != 4 || pass.Queued != 1 || pass.Ignored != 3 || pass.Pending != 0 {
		t.Errorf("first scan: %+v", pass)
	}
	if pass := scan(t, m, r); pass != (ticket.Pass{}) {
		t.Errorf("second scan: %+v, want nothing", pass)
	}
	after := p.folder("INBOX")
	if len(after) != 3 {
		t.Fatalf("%d mails left, want the 3 ordinary ones", len(after))
	}
	for i, m := range after {
		if m.uid != before[i].uid || m.flagsOf() != before[i].flagsOf() {
			t.Errorf("%s: flags %q, before %q", m.subject, m.flagsOf(), before[i].flagsOf())
		}
	}
	if got := p.subjects("Inviter/Processed"); got != "help" {
		t.Errorf("processed: %q", got)
	}
	if got := p.folder("Inviter/Processed")[0].flagsOf(); got != "" {
		t.Errorf("the moved mail got flags: %q", got)
	}
}

func TestDamagedGoesToRefused(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	p := newPerson(t, s.Addr)
	p.send("INBOX", letter{subject: "broken", file: invite(1)[:700]}.bytes())
	p.send("INBOX", letter{subject: "whole", file: invite(2), text: "My printer smokes."}.bytes())
	r := sourcetest.NewRecorder(nil)
	m := open(t, options(t, s.Addr), r)
	if pass := scan(t, m, r); pass.Queued != 1 || pass.Refused != 1 {
		t.Errorf("scan: %+v", pass)
	}
	if a, b, c := p.subjects("INBOX"), p.subjects("Inviter/Processed"), p.subjects("Inviter/Refused"); a+"|"+b+"|"+c != "|whole|broken" {
		t.Errorf("inbox %q, processed %q, refused %q", a, b, c)
	}
	if d := deliveredOf(t, r, "broken"); d.Refusal == nil || d.Refusal.Code != invitation.Damaged {
		t.Errorf("refusal %v", d.Refusal)
	}
	d := deliveredOf(t, r, "whole")
	if d.From.Address != "jane@example.org" || d.From.Name != "Jane Doe" || d.From.Key == "" {
		t.Errorf("from %+v", d.From)
	}
	if d.Note != "whole\nMy printer smokes." || string(d.Invitations[0].File) != string(invite(2)) {
		t.Errorf("note %q, file of %d bytes", d.Note, len(d.Invitations[0].File))
	}
}

// A mail is looked at once, whatever a person did to it before.
func TestPeopleMayReadFlagAndDelete(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	p := newPerson(t, s.Addr)
	for i := range 3 {
		p.send("INBOX", letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes())
	}
	p.flag("INBOX", imap.FlagSeen, imap.FlagAnswered, imap.FlagDeleted)
	r := sourcetest.NewRecorder(nil)
	m := open(t, options(t, s.Addr), r)
	if pass := scan(t, m, r); pass.Queued != 3 {
		t.Errorf("scan: %+v", pass)
	}
}

// Somebody takes a mail away between its submit and its move: nothing is lost,
// nothing stays held, and the others are moved.
func TestPersonMovesMailMeanwhile(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	p := newPerson(t, s.Addr)
	must(t, p.client.Create("Mine", nil).Wait())
	for i := range 3 {
		p.send("INBOX", letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes())
	}
	r := sourcetest.NewRecorder(nil)
	m := open(t, options(t, s.Addr), r)
	r.OnSubmit(sync.OnceFunc(func() {
		_, err := p.client.Select("INBOX", nil).Wait()
		must(t, err)
		_, err = p.client.Move(imap.UIDSetNum(2), "Mine").Wait()
		must(t, err)
	}))
	if pass := scan(t, m, r); pass.Queued != 3 || pass.Pending != 0 {
		t.Errorf("scan: %+v", pass)
	}
	if held := r.Open(m.Name()); len(held) > 0 {
		t.Errorf("held for ever: %v", held)
	}
	if a, b := p.subjects("Mine"), p.subjects("Inviter/Processed"); a != "n1" || b != "n0,n2" {
		t.Errorf("mine %q, processed %q", a, b)
	}
}

func TestFolderMadeAnewMakesNoNewTickets(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	p := newPerson(t, s.Addr)
	r := sourcetest.NewRecorder(nil)
	now := time.Now()
	o := options(t, s.Addr)
	o.Folder, o.Processed, o.Clock = "Support/Invitations", "", func() time.Time { return now }
	fill := func(n int) {
		must(t, p.client.Create(o.Folder, nil).Wait())
		for i := range n {
			p.send(o.Folder, letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes())
		}
		p.send(o.Folder, letter{subject: "old", file: invite(99)}.bytes(), now.Add(-48*time.Hour))
	}
	fill(2)
	m := open(t, o, r)
	if pass := scan(t, m, r); pass.Queued != 2 {
		t.Errorf("scan: %+v", pass)
	}
	must(t, p.client.Delete(o.Folder).Wait())
	if _, err := m.Scan(t.Context(), r.Submit); !errors.Is(err, ticket.ErrGone) {
		t.Errorf("Scan without its folder: %v, want ErrGone", err)
	}
	fill(3)
	now = now.Add(47 * time.Hour) // "older than First" still counts from the first connection
	if pass := scan(t, m, r); pass.Queued != 1 || pass.Repeated != 2 {
		t.Errorf("scan of the new folder: %+v", pass)
	}
	if r.Tickets() != 3 {
		t.Errorf("%d tickets, want 3", r.Tickets())
	}
}

func TestOldMailIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	p := newPerson(t, s.Addr)
	now := time.Now()
	p.send("INBOX", letter{subject: "last week", file: invite(1)}.bytes(), now.Add(-7*24*time.Hour))
	p.send("INBOX", letter{subject: "this morning", file: invite(2)}.bytes(), now.Add(-3*time.Hour))
	p.send("INBOX", letter{subject: "last month", file: invite(3)}.bytes(), now.Add(-30*24*time.Hour))
	r := sourcetest.NewRecorder(nil)
	o := options(t, s.Addr)
	m := open(t, o, r)
	want := "3 mails; 1 not looked at yet; 2 older than the first connection allows, left alone"
	if f := finding(t, m.Check(t.Context()), "folder INBOX"); f.Detail != want {
		t.Errorf("check before: %q", f.Detail)
	}
	if pass := scan(t, m, r); pass.Seen != 1 || pass.Queued != 1 {
		t.Errorf("first scan: %+v", pass)
	}
	// What a person puts there later counts, however old it is.
	p.send("INBOX", letter{subject: "found in spam", file: invite(4)}.bytes(), now.Add(-7*24*time.Hour))
	if pass := scan(t, m, r); pass.Queued != 1 {
		t.Errorf("second scan: %+v", pass)
	}
	if pass := scan(t, open(t, o, r), r); pass != (ticket.Pass{}) {
		t.Errorf("after a restart: %+v", pass)
	}
	if got := p.subjects("INBOX"); got != "last week,last month" {
		t.Errorf("inbox %q", got)
	}
	if f := finding(t, m.Check(t.Context()), "folder INBOX"); !strings.HasPrefix(f.Detail, "2 mails; 0 not looked at yet; 2 older") {
		t.Errorf("check after: %q", f.Detail)
	}
}

// The line between old and new is drawn once, and a crash doesn't move it.
func TestFirstConnectionIsRememberedThroughACrash(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	p := newPerson(t, s.Addr)
	now := time.Now()
	p.send("INBOX", letter{subject: "yesterday", file: invite(1)}.bytes(), now.Add(-20*time.Hour))
	r := sourcetest.NewRecorder(nil)
	o := options(t, s.Addr)
	o.Clock = func() time.Time { return now }
	r.CrashAt(sourcetest.BeforeSubmit)
	if _, err := open(t, o, r).Scan(t.Context(), r.Submit); !errors.Is(err, sourcetest.ErrCrashed) {
		t.Fatalf("Scan: %v", err)
	}
	r.Restart()
	now = now.Add(10 * time.Hour)
	if pass := scan(t, open(t, o, r), r); pass.Queued != 1 {
		t.Errorf("ten hours later: %+v, want the mail of before", pass)
	}
}

func TestTwoWatchersMakeNoDoubles(t *testing.T) {
	t.Parallel()
	const many = 40
	s := private.Dovecot(t, private.DovecotOptions{})
	p := newPerson(t, s.Addr)
	for i := range many {
		p.send("INBOX", letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes())
	}
	r := sourcetest.NewRecorder(nil)
	var wg sync.WaitGroup
	for range 3 {
		m := open(t, options(t, s.Addr), r)
		wg.Go(func() {
			for range 3 {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				if _, err := m.Scan(ctx, r.Submit); err != nil {
					t.Errorf("Scan: %v", err)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if n := len(r.Deliveries()); n != many || r.Tickets() != many {
		t.Errorf("%d tickets of %d deliveries, want %d", r.Tickets(), n, many)
	}
	// Dovecot itself copies a mail twice that two move at once; that is all.
	if in, out := len(p.folder("INBOX")), len(p.folder("Inviter/Processed")); in != 0 || out < many {
		t.Errorf("%d mails left, %d processed, want 0 and %d", in, out, many)
	}
}

func TestManyMailsInFewCommands(t *testing.T) {
	t.Parallel()
	const many = 700 // more than a chunk, and more than one command moves
	s := private.Dovecot(t, private.DovecotOptions{})
	mails := make([][]byte, many)
	for i := range mails {
		mails[i] = letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes()
	}
	s.Deliver(t, "help", mails...)
	p := newPerson(t, s.Addr)
	r := sourcetest.NewRecorder(nil)
	m := open(t, options(t, s.Addr), r)
	if pass := scan(t, m, r); pass.Seen != many || pass.Queued != many || pass.Pending != 0 {
		t.Errorf("scan: %+v", pass)
	}
	if in, out := len(p.folder("INBOX")), len(p.folder("Inviter/Processed")); in != 0 || out != many {
		t.Errorf("%d mails left, %d processed, want 0 and %d", in, out, many)
	}
	if n := r.Submits(); n > 8 {
		t.Errorf("%d submits for %d mails", n, many)
	}
}

func finding(t testing.TB, all []mailbox.Finding, what string) mailbox.Finding {
	t.Helper()
	for _, f := range all {
		if f.What == what {
			if f.Err != nil {
				t.Errorf("%s: %v", what, f.Err)
			}
			return f
		}
	}
	t.Fatalf("no finding %q in %v", what, all)
	return mailbox.Finding{}
}

// The folder is deleted and made again under a scan that has it open: what is
// in the new one is taken up by the same scan, though its numbers are low again.
func TestFolderMadeAnewDuringAScan(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	for i := range 5 {
		p.send("INBOX", letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes())
	}
	r := sourcetest.NewRecorder(nil)
	var calls atomic.Int64
	begin := time.Now()
	o := options(t, m.addr)
	o.Clock = func() time.Time { return begin.Add(time.Duration(calls.Add(1)) * 11 * time.Minute) } // always time to reopen
	r.OnSubmit(sync.OnceFunc(func() {
		must(t, m.user.Delete("INBOX"))
		must(t, m.user.Create("INBOX", nil))
		for i := range 3 {
			p.send("INBOX", letter{subject: fmt.Sprint("m", i), file: invite(10 + i)}.bytes())
		}
	}))
	b := open(t, o, r)
	if pass := scan(t, b, r); pass.Queued != 8 {
		t.Errorf("scan: %+v, want all 8", pass)
	}
	if held := r.Open(b.Name()); len(held) > 0 {
		t.Errorf("held for ever: %v", held)
	}
}
