package mailbox_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"inviter/e2e/private"
	"inviter/mailbox"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

func TestCheckTellsAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	p := newPerson(t, s.Addr)
	p.send("INBOX", letter{subject: "one", file: invite(1)}.bytes())
	must(t, p.client.Create("Inviter/Refused", nil).Wait())
	r := sourcetest.NewRecorder(nil)
	m := open(t, options(t, s.Addr), r)
	want := []struct{ what, detail string }{
		{"log in", "help at " + s.Addr},
		{"server", "moves mail; tells of new mail (IDLE)"},
		{"folder INBOX", "1 mails; 1 not looked at yet; 0 older than the first connection allows, left alone"},
		{"folder Inviter/Processed", "Inviter/Processed will be made when the first mail goes there"},
		{"folder Inviter/Refused", "Inviter/Refused"},
	}
	for range 2 {
		got := m.Check(t.Context())
		if len(got) != len(want) {
			t.Fatalf("%d findings, want %d: %v", len(got), len(want), got)
		}
		for i, w := range want {
			if got[i].What != w.what || got[i].Detail != w.detail || got[i].Err != nil {
				t.Errorf("finding %d: %+v, want %+v", i, got[i], w)
			}
		}
	}
	if mark, _ := r.Position(t.Context(), m.Name()); mark != "" || p.subjects("INBOX") != "one" {
		t.Errorf("the check left the mark %q, inbox %q", mark, p.subjects("INBOX"))
	}
	for _, f := range p.list() {
		if f == "Inviter/Processed" {
			t.Error("the check made a folder")
		}
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{Capabilities: "IMAP4rev1"})
	r := sourcetest.NewRecorder(nil)
	o := options(t, s.Addr)
	o.Processed, o.Refused = "INBOX", ""
	found := open(t, o, r).Check(t.Context())
	if last := found[len(found)-1]; last.Err == nil || !strings.Contains(last.Err.Error(), "watched folder itself") {
		t.Errorf("last finding %+v", last)
	}
	if d := found[1].Detail; d != "mail can't be moved there and stays where it is; must be polled (no IDLE)" {
		t.Errorf("server: %q", d)
	}
	o.Folder = "Nowhere"
	found = open(t, o, r).Check(t.Context())
	if last := found[len(found)-1]; last.What != "folder Nowhere" || !errors.Is(last.Err, ticket.ErrGone) {
		t.Errorf("last finding %+v", last)
	}
}

// What a delivery says of time: when the server took the mail, and how far the
// sender's clock was off when the first server did.
func TestTimesOfADelivery(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	stamp := func(d time.Time) string { return d.Format(time.RFC1123Z) }
	header := "Received: from relay by mx; " + stamp(at) + "\r\nReceived: from pc by relay; " + stamp(at.Add(-time.Minute)) + "\r\n" +
		"Date: " + stamp(at.Add(-3*time.Hour)) + "\r\n"
	p.send("INBOX", letter{subject: "slow clock", header: header, file: invite(1)}.bytes(), at)
	r := sourcetest.NewRecorder(nil)
	scan(t, open(t, options(t, m.addr), r), r)
	d := deliveredOf(t, r, "slow clock")
	if !d.Received.Equal(at) || d.Skew != 3*time.Hour-time.Minute {
		t.Errorf("received %v, skew %v; want %v and 2h59m", d.Received, d.Skew, at)
	}
	if d.Source != "mailbox:helpdesk" || !strings.HasPrefix(d.Item, "INBOX;") || !strings.HasSuffix(d.Item, ";1") {
		t.Errorf("source %q, item %q", d.Source, d.Item)
	}
}

func TestDoubtfulSendersAreQuarantined(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	p.send("INBOX", letter{subject: "ours", file: invite(1)}.bytes())
	p.send("INBOX", letter{subject: "foreign", from: "Eve <eve@example.com>", file: invite(2)}.bytes())
	p.send("INBOX", letter{subject: "spam", from: "Eve <eve@example.com>"}.bytes())
	r := sourcetest.NewRecorder(nil)
	o := options(t, m.addr)
	o.Senders = mailbox.Senders{Allow: []string{"example.org"}, Doubtful: mailbox.Quarantine}
	scan(t, open(t, o, r), r)
	if d := deliveredOf(t, r, "foreign"); !d.Quarantine || len(d.Invitations) != 1 {
		t.Errorf("foreign: %+v", d)
	}
	if d := deliveredOf(t, r, "ours"); d.Quarantine || len(d.Flags) > 0 {
		t.Errorf("ours: %+v", d)
	}
	if got := p.subjects("INBOX"); got != "spam" {
		t.Errorf("inbox %q, want the ordinary mail alone", got)
	}
	o.Name, o.Senders.Doubtful = "strict", mailbox.Refuse
	p.send("INBOX", letter{subject: "again", from: "Eve <eve@example.com>", file: invite(3)}.bytes())
	if pass := scan(t, open(t, o, r), r); pass.Refused != 1 || p.subjects("Inviter/Refused") != "again" {
		t.Errorf("%+v, refused folder %q", pass, p.subjects("Inviter/Refused"))
	}
}
