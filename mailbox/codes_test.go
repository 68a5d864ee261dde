package mailbox_test

import (
	"strings"
	"testing"

	"inviter/invitation"
	"inviter/ticket/sourcetest"
)

// TestCodesInMail: with codes a user's id is taken up like an invitation, and a
// technician's refused with the reason; a newsletter's meeting is left alone.
// Without, all of it is ordinary mail.
func TestCodesInMail(t *testing.T) {
	t.Parallel()
	for _, codes := range []bool{true, false} {
		m := newMemory(t, full)
		p := newPerson(t, m.addr)
		p.send("INBOX", letter{subject: "id", text: "AnyDesk 987654321, the printer is broken"}.bytes())
		p.send("INBOX", letter{subject: "pin", text: "Quick Assist says 5GH7K2"}.bytes())
		p.send("INBOX", letter{subject: "news", header: "List-Id: <news.example.org>\r\n", text: "join https://meet.jit.si/OurRoom"}.bytes())
		r := sourcetest.NewRecorder(nil)
		o := options(t, m.addr)
		o.Codes = codes
		pass := scan(t, open(t, o, r), r)
		if !codes {
			if pass.Queued+pass.Refused != 0 || p.subjects("INBOX") != "id,pin,news" && p.subjects("INBOX") != "id, pin, news" {
				t.Errorf("without codes: %+v, inbox %q", pass, p.subjects("INBOX"))
			}
			continue
		}
		if pass.Queued != 1 || pass.Refused != 1 || p.subjects("INBOX") != "news" {
			t.Errorf("%+v, inbox %q", pass, p.subjects("INBOX"))
		}
		if d := deliveredOf(t, r, "id"); len(d.Invitations) != 1 || d.Invitations[0].Format != "anydesk" || strings.Contains(d.Note, "987654321") || d.From.Address != "jane@example.org" {
			t.Errorf("%+v", d)
		}
		if d := deliveredOf(t, r, "pin"); d.Refusal == nil || d.Refusal.Code != invitation.NotAnInvitation || !strings.Contains(d.Refusal.Detail, "made by the technician") {
			t.Errorf("%+v", d)
		}
	}
}
