package mailbox

import (
	"strings"
	"testing"

	"inviter/carrier"
	"inviter/ticket"
)

// replyTo is the reply of a mail with this header, taken from a folder that was
// first looked at with mail below 10 in it, older than 1000.
func replyTo(head string, l letter) ticket.Reply {
	c := carrier.Mail([]byte(strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\nBitte, ich kann nicht drucken.\r\n"), carrier.DefaultLimits())
	return mark{base: 10, quiet: 1000}.reply(l, c)
}

var fresh = letter{uid: 12, at: 2000}

func TestReply(t *testing.T) {
	t.Parallel()
	const id = "Message-ID: <a.b$c@mail.example.org>\n"
	want := ticket.Reply{To: "jane@example.org", MessageID: "a.b$c@mail.example.org", Subject: "Drucker", Language: "de"}
	if got := replyTo("From: Jane <jane@example.org>\n"+id+"Subject: Drucker\nContent-Language: en", fresh); got != want || !got.Wanted() {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := replyTo("From: jane@example.org\nSubject: Password: hunter2x", fresh).Subject; strings.Contains(got, "hunter2x") {
		t.Errorf("subject %q", got)
	}
	if (ticket.Reply{}).Wanted() {
		t.Error("nobody is to be answered")
	}
}

func TestReplyAddress(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 60) + "@" + strings.Repeat("b.", 100) + "org"
	for head, want := range map[string]string{
		"From: jane@example.org\nReply-To: Desk <desk@example.org>": "desk@example.org",
		"From: jane@example.org\nReply-To: nobody":                  "jane@example.org",
		"Sender: jane@example.org":                                  "jane@example.org",
		"From: Jane":                                                "",
		"X-None: 1":                                                 "",
		`From: "a b"@example.org`:                                   "",
		"From: jane@[192.0.2.1]":                                    "",
		"From: a@b@example.org":                                     "",
		"From: relay%example.org@example.com":                       "",
		"From: <" + long + ">":                                      "",
		"From: =?utf-8?Q?jane=0D=0ABcc:=20eve@example.org?=":        "",
		"From: <jane@example.org\r\n Bcc: eve@example.org>":         "",
		"From: jürgen@müller.example":                               "jürgen@müller.example",
	} {
		r := replyTo(head, fresh)
		if r.To != want || r.Wanted() != (want != "") || want == "" && r.Silent != ticket.SilentNobody {
			t.Errorf("%q: %+v, want %q", head, r, want)
		}
	}
}

func TestReplyMessageID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"<1@example.org>": "1@example.org", "1@example.org": "1@example.org", "": "", "<>": "", "<a b@c>": "", "<a@b> <c@d>": "",
		"<ü@example.org>": "", "<" + strings.Repeat("x", 300) + "@b>": "", "<a\r\n Bcc:eve@b>": "",
	} {
		if got := replyTo("From: jane@example.org\nMessage-ID: "+id, fresh).MessageID; got != want {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
}

func TestReplyIsSilent(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]ticket.Silence{
		"Auto-Submitted: no":                         "",
		"Auto-Submitted: auto-replied":               ticket.SilentAutomatic,
		"Auto-Submitted: auto-generated; x=y":        ticket.SilentAutomatic,
		"Precedence: bulk":                           ticket.SilentAutomatic,
		"Precedence: list":                           ticket.SilentAutomatic,
		"Precedence: first-class":                    "",
		"List-Id: <x.example.org>":                   ticket.SilentAutomatic,
		"List-Help: <mailto:x@example.org>":          ticket.SilentAutomatic,
		"Return-Path: <>":                            ticket.SilentAutomatic,
		"Return-Path: <jane@example.org>":            "",
		"Content-Type: multipart/report; boundary=x": ticket.SilentAutomatic,
		"X-Auto-Response-Suppress: All":              ticket.SilentAutomatic,
		"X-Auto-Response-Suppress: DR, OOF":          ticket.SilentAutomatic,
		"X-Auto-Response-Suppress: DR, RN, NRN":      "",
		"X-Inviter-Instance: abc":                    ticket.SilentInviter,
		"X-Inviter-Instance: a\nAuto-Submitted: x":   ticket.SilentInviter,
	} {
		if got := replyTo("From: jane@example.org\n"+head, fresh).Silent; got != want {
			t.Errorf("%s: %q, want %q", head, got, want)
		}
	}
	if got := replyTo("From: no-reply@example.org", fresh).Silent; got != ticket.SilentAutomatic {
		t.Errorf("robot: %q", got)
	}
}

// Only mail that was there at the first look, and for long, is silent for its
// age: what comes while nobody watches is answered when somebody does again.
func TestReplyToOldMail(t *testing.T) {
	t.Parallel()
	for l, want := range map[letter]ticket.Silence{
		{uid: 9, at: 999}: ticket.SilentOld, {uid: 9, at: 1000}: "", {uid: 10, at: 999}: "",
	} {
		if got := replyTo("From: jane@example.org", l).Silent; got != want {
			t.Errorf("%+v: %q, want %q", l, got, want)
		}
	}
}
