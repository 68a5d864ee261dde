package mailbox

import (
	"slices"
	"strings"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/ticket"
)

// What to do with invitations of doubtful senders.
const (
	Queue      = "queue" // flagged
	Quarantine = "quarantine"
	Refuse     = "refuse"
)

// NotAllowed refuses an invitation because of who sent it.
const NotAllowed invitation.Code = "sender-not-allowed"

// Senders is the policy for senders that are not allowed or fail their checks.
type Senders struct {
	Allow      []string // addresses, and domains as a whole; empty means anybody
	Doubtful   string   // Queue, Quarantine or Refuse; "" means Queue
	AuthservID string   // the server whose checks count; "" for none, then nobody is proven nor doubted for it
}

// allows tells whether the address may send invitations.
func (s Senders) allows(address string) bool {
	if len(s.Allow) == 0 {
		return true
	}
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return false
	}
	return slices.ContainsFunc(s.Allow, func(a string) bool {
		return strings.EqualFold(a, address) || strings.EqualFold(strings.TrimPrefix(a, "@"), address[at+1:])
	})
}

// apply marks, quarantines or refuses what a doubtful sender delivered.
func (s Senders) apply(d *ticket.Delivery, p ticket.Proof) {
	why := s.doubt(d.From.Address, p)
	if len(d.Invitations) == 0 || why == "" {
		return
	}
	d.Flags = append(d.Flags, ticket.DoubtfulSender)
	switch s.Doubtful {
	case Quarantine:
		d.Quarantine = true
	case Refuse:
		d.Invitations = nil
		d.Refusal = &invitation.Refusal{Code: NotAllowed, Detail: why}
	}
}

// doubt is why a sender is doubtful, "" if he isn't.
func (s Senders) doubt(address string, p ticket.Proof) string {
	switch {
	case !s.allows(address):
		return "the sender is not on the list of those who may send invitations"
	case s.AuthservID != "" && p != ticket.Proven:
		return "the mail server's checks do not bear out that the mail is from this sender"
	}
	return ""
}

// user is who asks: the sender, and for a forwarded invitation the one who
// sent it first, of whom nothing is ever proven. A forwarded one stays apart,
// for the one who forwards could push out what the user sent himself; and so
// does what a forger says that he forwards.
func user(c carrier.Content, p ticket.Proof) (u ticket.User, forwarded bool) {
	outer := strings.ToLower(c.Header.From)
	u = ticket.User{Name: c.Header.FromName, Address: outer, Key: ticket.MailKey(outer, p)}
	inner := strings.ToLower(c.Inner.From)
	if inner == "" {
		return u, false
	}
	u.Name, u.Address = c.Inner.FromName, inner
	if inner == outer {
		return u, true
	}
	u.Key = ticket.MailKey(inner, ticket.Unproven)
	if outer != "" {
		u.Key += " via " + outer
	}
	if outer != "" && p == ticket.Proven {
		u.Key += " " + string(p)
	}
	return u, true
}
