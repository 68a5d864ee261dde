package mailbox_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"inviter/mailbox"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

// TestRefusedMailIsKeptAndReadOnceMore: what was refused by a rule is an
// invitation when the rule is gone, whether parts or the whole mail was fetched.
func TestRefusedMailIsKeptAndReadOnceMore(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	for n, header := range []string{"", "X-Long: " + strings.Repeat("x", 40<<10) + "\r\n"} {
		p.send("INBOX", letter{subject: fmt.Sprint("foreign ", n), from: "Eve <eve@example.com>", header: header, text: "Hilfe, bitte", file: invite(n)}.bytes())
	}
	p.send("INBOX", letter{subject: "torn", file: invite(2)[:700]}.bytes())
	r := sourcetest.NewRecorder(nil)
	o := options(t, m.addr)
	o.Senders = mailbox.Senders{Allow: []string{"example.org"}, Doubtful: mailbox.Refuse}
	if pass := scan(t, open(t, o, r), r); pass.Refused != 3 {
		t.Fatalf("%+v", pass)
	}
	o.Senders, o.Name = mailbox.Senders{}, "later"
	lenient := open(t, o, r)
	for _, d := range r.Deliveries() {
		if d.Raw == nil || d.Raw.Name != "" {
			t.Fatalf("%s: nothing is kept", d.Item)
		}
		again := lenient.Reread(ticket.Kept{Source: d.Source, Item: d.Item, From: d.From, Received: d.Received, Raw: *d.Raw})
		if d.Refusal.Code == mailbox.NotAllowed {
			if len(again.Invitations) != 1 || again.Refusal != nil || again.From != d.From || again.Note != d.Note || again.Item != d.Item || !again.Received.Equal(d.Received) {
				t.Errorf("%+v\nafter %+v", again, d)
			}
			continue
		}
		if again.Refusal == nil || again.Refusal.Code != d.Refusal.Code || !bytes.Contains(d.Raw.Body, []byte("torn")) {
			t.Errorf("torn: %+v", again)
		}
	}
}
