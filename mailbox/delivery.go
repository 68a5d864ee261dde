package mailbox

import (
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/ticket"
)

// delivery is what a mail comes to, by the sender policy.
func (m *Mailbox) delivery(k mark, l letter, c carrier.Content) ticket.Delivery {
	d := ticket.Delivery{Source: m.Name(), Item: k.item(l.uid), Received: time.Unix(l.at, 0).UTC()}
	if l.at == 0 {
		d.Received = m.options.Clock().UTC()
		if l.at = written(c.Header); k.leaves(l) {
			return d
		}
	}
	d.Note, d.Reply = note(c), k.reply(l, c)
	proven := proof(c.Header, m.options.Senders.AuthservID)
	var forwarded bool
	d.From, forwarded = user(c, proven)
	if forwarded {
		d.Flags = append(d.Flags, ticket.Forwarded)
	} else {
		d.Skew = skew(c.Header)
	}
	if c.Passwords > 0 {
		d.Flags = append(d.Flags, ticket.PasswordInMail)
	}
	for _, f := range c.Found {
		d.Invitations = append(d.Invitations, f.Invitation)
	}
	if len(c.Refused) > 0 {
		d.Refusal = c.Refused[0].Refusal
	}
	m.options.Senders.apply(&d, proven)
	return d
}

// written is when a mail came by its own word, 0 where it doesn't say. That
// decides whether it is old, where the server can't, and never a place in line.
func written(h carrier.Header) int64 {
	switch {
	case !h.Received.IsZero():
		return h.Received.Unix()
	case !h.Date.IsZero():
		return h.Date.Unix()
	}
	return 0
}

// note is what the user wrote, the subject first.
func note(c carrier.Content) string {
	return strings.TrimSpace(c.Header.Subject + "\n" + c.Text)
}

// mostSkew is how far a clock may be off to be believed: one set to another
// time zone. A Date that is older still was rather written into a mail that
// waited to be sent.
const mostSkew = 24 * time.Hour

func skew(h carrier.Header) time.Duration {
	s := h.Skew()
	if s > mostSkew || s < -mostSkew {
		return 0
	}
	return s
}

// forwarded names the innermost sender of what was found in a forward of which
// only parts were fetched: its header wasn't, but the structure has it.
func (o opened) forwarded(c carrier.Content) carrier.Content {
	if c.Inner.From != "" || len(c.Found) == 0 {
		return c
	}
	where := c.Found[0].Path + "/"
	for _, l := range o.leaves {
		if l.around != nil && strings.HasPrefix(where, strings.ReplaceAll(l.Path, ".", "/")+"/") {
			c.Inner.From, c.Inner.FromName = sender(l.around)
		}
	}
	return c
}

func sender(e *imap.Envelope) (address, name string) {
	if len(e.From) == 0 {
		return "", ""
	}
	return invitation.CleanLine(e.From[0].Addr(), invitation.MaxName), invitation.CleanLine(e.From[0].Name, invitation.MaxName)
}
