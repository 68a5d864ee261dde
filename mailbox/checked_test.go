package mailbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/mailbox"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

// The results come through a real fetch in their order, whether parts or the
// whole mail is read.
func TestCheckedSenders(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	const pass, fail = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.org\r\n", "Authentication-Results: mx.example.org; dmarc=fail\r\n"
	const hop = "Received: from a by mx.example.org; Sat, 21 Nov 2026 09:00:00 +0000\r\n"
	const foreign = "Received: from a by evil.example; Sat, 21 Nov 2026 09:00:00 +0000\r\n"
	for n, l := range []letter{
		{subject: "proven", header: hop + pass}, {subject: "forged", header: hop + foreign + pass}, {subject: "failed", header: fail + hop + pass},
	} {
		l.file = invite(n)
		mail := l.bytes()
		p.send("INBOX", append([]byte(l.header), mail...))
	}
	r := sourcetest.NewRecorder(nil)
	o := options(t, m.addr)
	o.Senders = mailbox.Senders{AuthservID: "mx.example.org", Doubtful: mailbox.Quarantine}
	scan(t, open(t, o, r), r)
	for subject, key := range map[string]string{
		"proven": "mail:jane@example.org proven", "forged": "mail:jane@example.org unproven", "failed": "mail:jane@example.org unproven",
	} {
		d := deliveredOf(t, r, subject)
		doubtful := key != "mail:jane@example.org proven"
		if d.From.Key != key || d.Quarantine != doubtful || slices.Contains(d.Flags, ticket.DoubtfulSender) != doubtful {
			t.Errorf("%s: %+v, %v, quarantined %v", subject, d.From, d.Flags, d.Quarantine)
		}
	}
}

// What an answer needs is among the fields that are fetched, whether parts or
// the whole mail is read.
func TestRepliesComeThroughTheFetch(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	for _, whole := range []bool{false, true} {
		for n, l := range []letter{
			{subject: "reply", header: "Reply-To: desk@example.org\r\nMessage-ID: <7@example.org>\r\nAccept-Language: fr\r\n"},
			{subject: "list", header: "List-Archive: <https://example.org>\r\n"},
			{subject: "program", header: "Auto-Submitted: auto-generated\r\n"},
		} {
			l.file, l.subject = invite(n), fmt.Sprint(l.subject, whole)
			if whole {
				l.header += "X-Long: " + strings.Repeat("x", 40<<10) + "\r\n"
			}
			p.send("INBOX", l.bytes())
		}
	}
	r := sourcetest.NewRecorder(nil)
	scan(t, open(t, options(t, m.addr), r), r)
	for _, whole := range []bool{false, true} {
		want := ticket.Reply{To: "desk@example.org", MessageID: "7@example.org", Subject: fmt.Sprint("reply", whole), Language: "fr"}
		if got := deliveredOf(t, r, fmt.Sprint("reply", whole)).Reply; got != want {
			t.Errorf("whole %v: %+v", whole, got)
		}
		for _, subject := range []string{"list", "program"} {
			if got := deliveredOf(t, r, fmt.Sprint(subject, whole)).Reply; got.Silent != ticket.SilentAutomatic {
				t.Errorf("%s, whole %v: %+v", subject, whole, got)
			}
		}
	}
}

// At the first look, mail of the last hour is answered and older mail is not;
// what comes later is answered however long it lay.
func TestOldMailAtTheFirstLookIsNotAnswered(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	p.send("INBOX", letter{subject: "old", file: invite(1)}.bytes(), time.Now().Add(-61*time.Minute))
	p.send("INBOX", letter{subject: "new", file: invite(2)}.bytes(), time.Now().Add(-59*time.Minute))
	r := sourcetest.NewRecorder(nil)
	box := open(t, options(t, m.addr), r)
	scan(t, box, r)
	p.send("INBOX", letter{subject: "late", file: invite(3)}.bytes(), time.Now().Add(-10*time.Hour))
	scan(t, box, r)
	for subject, want := range map[string]ticket.Silence{"old": ticket.SilentOld, "new": "", "late": ""} {
		if got := deliveredOf(t, r, subject).Reply.Silent; got != want {
			t.Errorf("%s: %q, want %q", subject, got, want)
		}
	}
}

// A server that dates mail at the beginning of time doesn't make all of it old:
// then a mail's own header tells, and where that doesn't either, it is taken up.
func TestMailWithoutADate(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	now := time.Now()
	never := time.Unix(0, 0)
	p.send("INBOX", letter{subject: "old", file: invite(1), header: "Date: " + now.Add(-48*time.Hour).Format(time.RFC1123Z) + "\r\n"}.bytes(), never)
	p.send("INBOX", letter{subject: "new", file: invite(2), header: "Date: " + now.Add(-2*time.Hour).Format(time.RFC1123Z) + "\r\n"}.bytes(), never)
	p.send("INBOX", letter{subject: "unknown", file: invite(3)}.bytes(), never)
	r := sourcetest.NewRecorder(nil)
	o := options(t, m.addr)
	o.Clock = func() time.Time { return now }
	if pass := scan(t, open(t, o, r), r); pass.Queued != 2 || pass.Ignored != 1 {
		t.Errorf("%+v", pass)
	}
	for subject, silent := range map[string]ticket.Silence{"new": ticket.SilentOld, "unknown": ""} {
		if d := deliveredOf(t, r, subject); d.Reply.Silent != silent || !d.Received.Equal(now) {
			t.Errorf("%s: %+v, received %v", subject, d.Reply, d.Received)
		}
	}
	if got := p.subjects("INBOX"); got != "old" {
		t.Errorf("inbox %q", got)
	}
}
