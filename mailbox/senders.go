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
	Allow    []string // addresses, and domains as a whole; empty means anybody
	Doubtful string   // Queue, Quarantine or Refuse; "" means Queue
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
func (s Senders) apply(d *ticket.Delivery) {
	if len(d.Invitations) == 0 || s.allows(d.From.Address) {
		return
	}
	d.Flags = append(d.Flags, ticket.DoubtfulSender)
	switch s.Doubtful {
	case Quarantine:
		d.Quarantine = true
	case Refuse:
		d.Invitations = nil
		d.Refusal = &invitation.Refusal{Code: NotAllowed, Detail: "the sender is not on the list of those who may send invitations"}
	}
}

// user is who asks: the sender, and for a forwarded invitation the one who
// sent it first. No sender check has been made, and the key says so: whoever
// is proven one day is not the same user as whoever only claims to be. A
// forwarded one stays apart too, for the one who forwards could push out what
// the user sent himself.
func user(c carrier.Content) (u ticket.User, forwarded bool) {
	outer := strings.ToLower(c.Header.From)
	u = ticket.User{Name: c.Header.FromName, Address: outer, Key: key(outer)}
	inner := strings.ToLower(c.Inner.From)
	if inner == "" {
		return u, false
	}
	u.Name, u.Address = c.Inner.FromName, inner
	if inner != outer && outer != "" {
		u.Key = key(inner) + " via " + outer
	} else {
		u.Key = key(inner)
	}
	return u, true
}

func key(address string) string {
	if address == "" {
		return ""
	}
	return "mail:" + address + " unproven"
}
