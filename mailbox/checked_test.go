package mailbox_test

import (
	"slices"
	"testing"

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
