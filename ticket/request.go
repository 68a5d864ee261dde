package ticket

import (
	"net/netip"
	"regexp"
	"strings"
	"time"

	"inviter/invitation"
)

// Request is a call for help without an invitation: there is no file, and
// nothing in it that lets anybody connect. It waits in the same line, and who
// may claim it is decided by the same rules.
type Request struct {
	Kind     Kind   // Offer or EasyConnect
	Source   string // as a delivery's
	Item     string // tells one request from the next; the same one again is no other ticket
	From     User   // for Easy Connect its Phone or Address is how to reach who asks
	Computer string // of an Offer: the host name or address that help is offered to
	Note     string // passwords masked
	Flags    []Flag
	// Quarantine has a lead look at it first.
	Quarantine bool
}

// EasyLife is how long an Easy Connect request stands: its password is made
// when the window opens, and nobody keeps a window open for hours.
const EasyLife = 30 * time.Minute

// NewRequest is the ticket that a request becomes. It is refused as
// bad-computer, or as a bad-request that names what is missing.
//
// Who is offered help is known by the computer: of one computer, as of one
// user, at most one ticket waits and at most one is claimed.
func NewRequest(r Request, rules Rules, now time.Time) (*Ticket, error) {
	t := &Ticket{
		State: Waiting, Kind: r.Kind, User: r.From, Note: r.Note, Flags: r.Flags,
		Start: now, WaitingSince: now, QueuedAt: now,
		Deliveries: []Arrival{{Source: r.Source, At: now, From: r.From.Address}},
	}
	switch r.Kind {
	case Offer:
		if !NamesComputer(r.Computer) {
			return nil, &Refusal{Code: CodeBadComputer, Detail: invitation.CleanLine(r.Computer, 64)}
		}
		t.User.Key = "computer:" + strings.ToLower(r.Computer)
		t.Endpoints = []invitation.Endpoint{{Host: r.Computer}}
		t.Expires = now.Add(min(rules.Lifetime, rules.MaxLifetime))
		if _, err := netip.ParseAddr(r.Computer); err == nil && outside(t.Endpoints, rules.Networks) {
			t.flag(OutsideNetworks) // a name was typed by one of us: it is where we mean it to be
		}
	case EasyConnect:
		switch {
		case r.From.Name == "":
			return nil, &Refusal{Code: CodeBadRequest, Detail: "user"}
		case r.From.Phone == "" && r.From.Address == "":
			return nil, &Refusal{Code: CodeBadRequest, Detail: "contact"}
		}
		t.PasswordRequired = true
		t.Expires = now.Add(min(EasyLife, rules.MaxLifetime))
	default:
		return nil, &Refusal{Code: CodeBadRequest, Detail: "kind"}
	}
	if r.Quarantine {
		t.State = Quarantined
	}
	return t, nil
}

// computerName is a host name of RFC 1123 section 2.1, with the underscore that
// Windows allows. It begins with a letter or digit: nothing that a command line
// could take for an option.
var computerName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?)*$`)

// digits and dots alone are an address, or nothing.
var digits = regexp.MustCompile(`^[0-9.]+$`)

// NamesComputer tells whether help can be offered to a computer of that name: a host
// name, or an IP address without a zone.
func NamesComputer(name string) bool {
	if a, err := netip.ParseAddr(name); err == nil {
		return a.Zone() == "" && !a.IsUnspecified() && !a.IsMulticast()
	}
	return len(name) <= 253 && computerName.MatchString(name) && !digits.MatchString(name)
}

// Filed tells whether tickets of the kind come with something to fetch.
func (k Kind) Filed() bool { return k != Offer && k != EasyConnect }
