package mailbox

import (
	"cmp"
	"net/mail"
	"strings"

	"inviter/carrier"
	"inviter/ticket"
)

// Bounds of what an answer repeats.
const (
	longestAddress = 254 // RFC 5321 section 4.5.3.1.3, without the angle brackets
	longestID      = 250 // fits one line (RFC 5322 section 2.1.1) wherever it is put
)

// reply is what answering the mail needs. The answer goes to where its author
// wants answers, not to the envelope's sender: many mail systems write one of
// their own making there, which no person reads. An empty one still says that
// a program sent the mail.
func (k mark) reply(l letter, c carrier.Content) ticket.Reply {
	h := c.Header
	r := ticket.Reply{
		To: plain(cmp.Or(h.ReplyTo, h.From)), Subject: h.Subject, Language: cmp.Or(c.Wrote, h.Language),
	}
	if messageID(h.MessageID) {
		r.MessageID = h.MessageID
	}
	switch {
	case h.Instance != "":
		r.Silent = ticket.SilentInviter
	case h.Automatic:
		r.Silent = ticket.SilentAutomatic
	case l.uid < k.base && l.at != 0 && l.at < k.quiet:
		r.Silent = ticket.SilentOld
	case r.To == "":
		r.Silent = ticket.SilentNobody
	}
	return r
}

// plain is the address if mail can be sent to it as it stands, else "": without
// quotes, comments or anything that a header or a mail server could take for more.
func plain(address string) string {
	if len(address) > longestAddress || strings.ContainsAny(address, " \t\"<>()[],;:\\%!") {
		return ""
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || strings.Count(address, "@") != 1 {
		return ""
	}
	return address
}

// messageID tells whether a mail's name can be repeated in an answer (RFC 5322
// section 3.6.4, leniently: what lies between the brackets).
func messageID(id string) bool {
	visible := strings.IndexFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) < 0
	return id != "" && len(id) <= longestID && visible
}
