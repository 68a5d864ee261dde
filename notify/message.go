package notify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	netmail "net/mail"
	"time"

	"github.com/wneessen/go-mail"

	"inviter/templates"
)

// Message is one mail, ready to be written.
type Message struct {
	From      string // "Helpdesk <help@example.org>"
	To        string // one plain address
	MessageID string // without angle brackets
	InReplyTo string // of the mail that it answers, "" for none
	Instance  string
	Language  string
	Date      time.Time
	templates.Written
}

// Bytes is the mail as it goes over the wire (RFC 5322), the same at every
// call: date and boundary come from the message, not from the moment. Its
// headers say by RFC 3834 section 5 that nobody should answer it, and to other
// inviters whose it is. No text of a user's stands in any header but his own
// Message-ID, which mailbox has checked.
func (m Message) Bytes() ([]byte, error) {
	sum := sha256.Sum256([]byte(m.MessageID))
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithBoundary("inviter-"+hex.EncodeToString(sum[:12])))
	from, err := netmail.ParseAddress(m.From)
	if err == nil {
		err = msg.FromFormat(from.Name, from.Address)
	}
	if err == nil {
		err = msg.To(m.To)
	}
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.Date.UTC())
	msg.SetMessageIDWithValue(m.MessageID)
	if m.InReplyTo != "" {
		msg.SetGenHeader(mail.HeaderInReplyTo, "<"+m.InReplyTo+">")
		msg.SetGenHeader(mail.HeaderReferences, "<"+m.InReplyTo+">")
	}
	msg.SetGenHeader("Auto-Submitted", "auto-replied")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All") // what Exchange heeds in its place
	msg.SetGenHeader("X-Inviter-Instance", m.Instance)
	msg.SetGenHeader("Content-Language", m.Language)
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return b.Bytes(), nil
}
