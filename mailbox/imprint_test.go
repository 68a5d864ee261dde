package mailbox

import (
	"fmt"
	"testing"

	"inviter/carrier"
	"inviter/ticket"
)

// What makes two mails two, and what of one mail may change.
func TestImprint(t *testing.T) {
	t.Parallel()
	mail := func(id, received, text, file string) ticket.Imprint {
		return imprint(carrier.Mail(fmt.Appendf(nil, "%sFrom: jane@example.org\r\nSubject: help\r\n%sContent-Type: multipart/mixed; boundary=b\r\n\r\n"+
			"--b\r\n\r\n%s\r\n--b\r\nContent-Disposition: attachment; filename=a.msrcIncident\r\n\r\n%s\r\n--b--\r\n", received, id, text, file), carrier.DefaultLimits()))
	}
	const id, at = "Message-ID: <1@x>\r\n", "Received: from a by b; Sat, 21 Nov 2026 09:00:00 +0000\r\n"
	one := mail(id, at, "hello", "torn")
	if one == (ticket.Imprint{}) || one != mail(id, at, "hello", "torn") {
		t.Errorf("%x", one)
	}
	for what, other := range map[string]ticket.Imprint{
		"another id":      mail("Message-ID: <2@x>\r\n", at, "hello", "torn"),
		"sent once more":  mail(id, "Received: from a by b; Sat, 21 Nov 2026 09:00:01 +0000\r\n", "hello", "torn"),
		"another text":    mail(id, at, "hello again", "torn"),
		"another file":    mail(id, at, "hello", "torn too"),
		"no id":           mail("", at, "hello", "torn"),
		"words elsewhere": mail(id, at, "", "hellotorn"),
	} {
		if other == one || other == (ticket.Imprint{}) {
			t.Errorf("%s: %x", what, other)
		}
	}
	if got := imprint(damaged("The mail server does not deliver this mail.")); got != (ticket.Imprint{}) {
		t.Errorf("of a mail that nobody read: %x", got)
	}
}
