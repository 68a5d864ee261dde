package mailbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"

	"inviter/e2e/private"
	"inviter/ticket/sourcetest"
)

// Servers differ in what they can do and in how they write folder names; mail
// ends up where it should on all of them, or stays where it is.
func TestServersThatLackThings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o                         private.DovecotOptions
		inbox, processed, refused string
	}{
		"no MOVE":      {private.DovecotOptions{Capabilities: "IMAP4rev1 UIDPLUS NAMESPACE IDLE"}, "", "good", "bad"},
		"nothing":      {private.DovecotOptions{Capabilities: "IMAP4rev1"}, "good,bad", "", ""},
		"no NAMESPACE": {private.DovecotOptions{Capabilities: "IMAP4rev1 UIDPLUS MOVE", Separator: "."}, "", "good", "bad"},
		"Courier's":    {private.DovecotOptions{Separator: ".", Prefix: "INBOX."}, "", "good", "bad"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := private.Dovecot(t, c.o)
			p := newPerson(t, s.Addr)
			p.send("INBOX", letter{subject: "good", file: invite(1)}.bytes())
			p.send("INBOX", letter{subject: "bad", file: invite(2)[:700]}.bytes())
			r := sourcetest.NewRecorder(nil)
			o := options(t, s.Addr)
			o.Processed, o.Refused = "Einladungen/Geprüft & gut", "INBOX/Abgelehnt"
			m := open(t, o, r)
			if pass := scan(t, m, r); pass.Queued != 1 || pass.Refused != 1 || pass.Pending != 0 {
				t.Errorf("scan: %+v", pass)
			}
			separator := c.o.Separator
			if separator == "" {
				separator = "/"
			}
			processed := c.o.Prefix + strings.ReplaceAll(o.Processed, "/", separator)
			refused := strings.ReplaceAll(o.Refused, "/", separator)
			if got := p.subjects("INBOX"); got != c.inbox {
				t.Errorf("inbox: %q, want %q", got, c.inbox)
			}
			if got := p.subjects(processed); got != c.processed {
				t.Errorf("%s: %q, want %q; folders are %q", processed, got, c.processed, p.list())
			}
			if got := p.subjects(refused); got != c.refused {
				t.Errorf("%s: %q, want %q; folders are %q", refused, got, c.refused, p.list())
			}
			if w := m.Warning(); w != "" {
				t.Errorf("warning %q", w)
			}
		})
	}
}

// Without MOVE, what others have marked as deleted stays theirs.
func TestOthersDeletedMailIsNotExpunged(t *testing.T) {
	t.Parallel()
	m := newMemory(t, noMove)
	p := newPerson(t, m.addr)
	p.send("INBOX", letter{subject: "theirs"}.bytes())
	p.flag("INBOX", imap.FlagDeleted)
	p.send("INBOX", letter{subject: "ours", file: invite(1)}.bytes())
	r := sourcetest.NewRecorder(nil)
	scan(t, open(t, options(t, m.addr), r), r)
	if in, out := p.subjects("INBOX"), p.subjects("Inviter/Processed"); in != "theirs" || out != "ours" {
		t.Errorf("inbox %q, processed %q", in, out)
	}
}

// A refused copy must never be followed by a delete.
func TestRefusedCommandsLoseNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		command string
		caps    []imap.Cap
	}{{"COPY", noMove}, {"STORE", noMove}, {"CREATE", noMove}, {"MOVE", full}, {"CREATE", full}} {
		t.Run(c.command, func(t *testing.T) {
			t.Parallel()
			m := newMemory(t, c.caps)
			p := newPerson(t, m.addr)
			for i := range 3 {
				p.send("INBOX", letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes())
			}
			m.refuses(c.command, true)
			r := sourcetest.NewRecorder(nil)
			b := open(t, options(t, m.addr), r)
			for i := range 3 {
				pass := scan(t, b, r)
				if pass.Pending != 3 || i == 0 && pass.Queued != 3 || i > 0 && pass.Queued+pass.Seen != 0 {
					t.Errorf("scan %d: %+v", i, pass)
				}
			}
			if w := b.Warning(); !strings.Contains(w, c.command+" is not allowed here") {
				t.Errorf("warning %q", w)
			}
			m.mu.Lock()
			if n := len(slices.DeleteFunc(slices.Clone(m.commits), func(s string) bool { return s != c.command })); n != 3 {
				t.Errorf("asked %d times in 3 scans", n)
			}
			m.mu.Unlock()
			if got := p.subjects("INBOX"); got != "n0,n1,n2" {
				t.Errorf("inbox %q", got)
			}
			m.refuses(c.command, false)
			if pass := scan(t, b, r); pass.Pending != 0 {
				t.Errorf("when it is allowed again: %+v", pass)
			}
			if w := b.Warning(); w != "" {
				t.Errorf("warning stays: %q", w)
			}
			if in, out := p.subjects("INBOX"), p.subjects("Inviter/Processed"); in != "" || out != "n0,n1,n2" {
				t.Errorf("inbox %q, processed %q", in, out)
			}
		})
	}
}

// The folder that mail is moved to may be the watched one by mistake: no loop.
func TestProcessedIsTheWatchedFolder(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	p.send("INBOX", letter{subject: "one", file: invite(1)}.bytes())
	r := sourcetest.NewRecorder(nil)
	o := options(t, m.addr)
	o.Processed = "inbox"
	b := open(t, o, r)
	for range 2 {
		scan(t, b, r)
	}
	if slices.Contains(m.commits, "MOVE") || len(r.Deliveries()) != 1 || b.Warning() == "" {
		t.Errorf("commands %v, %d deliveries, warning %q", m.commits, len(r.Deliveries()), b.Warning())
	}
}
