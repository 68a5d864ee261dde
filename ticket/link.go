package ticket

import (
	"strconv"
	"time"
)

// LinkID is a support link's number.
type LinkID int64

// String is the number in decimal.
func (id LinkID) String() string { return strconv.FormatInt(int64(id), 10) }

// Computer tells one computer from another: the hash of what its browser keeps.
// The zero value is a computer of which nothing is known.
type Computer [32]byte

// Link is help in the other direction: a technician invites, and the one
// computer that says yes hands its invitation straight into his hands. The
// user's leaving ends nothing; only the technician, or the time, ends a link.
type Link struct {
	ID           LinkID
	Owner        string // the technician's account
	Note         string // his words, for the user to read too
	Secret, Code string // what the link's address ends in, and the six digits for the phone
	Made, Expires,
	Bound, Asked, Handed, Closed time.Time // zero: not yet
	Computer Computer // which it is bound to
	ClosedBy string
	Ticket   ID // of the latest invitation that it brought; 0 for none
}

// LinkState is how a link is doing, to its technician.
type LinkState string

// States of a link. The last two are ends.
const (
	LinkOpen    LinkState = "open"  // no computer yet
	LinkBound   LinkState = "bound" // one computer said yes
	LinkExpired LinkState = "expired"
	LinkClosed  LinkState = "closed"
)

// State is how the link is doing. What ended first counts.
func (l *Link) State(now time.Time) LinkState {
	switch {
	case !l.Closed.IsZero():
		return LinkClosed
	case !now.Before(l.Expires):
		return LinkExpired
	case l.taken():
		return LinkBound
	}
	return LinkOpen
}

// Sight is what a link says to one computer.
type Sight string

// Sights of a link, as users know them.
const (
	SightOffered Sight = "offered" // it may become this computer's
	SightReady   Sight = "ready"   // it is this computer's
	SightExpired Sight = "expired" // its time is over
	SightClosed  Sight = "closed"  // the technician closed it while this page was open
	SightInvalid Sight = "invalid" // no link for this computer
)

// Live tells whether anything may still come of it.
func (s Sight) Live() bool { return s == SightOffered || s == SightReady }

// On is what the link says to a computer. open tells that the page was open
// already: only such a page learns that the technician closed it; whoever comes
// later, or from another computer, is told invalid and nothing else.
func (l *Link) On(c Computer, open bool, now time.Time) Sight {
	state := l.State(now)
	switch {
	case l.taken() && l.Computer != c, state == LinkClosed && !open:
		return SightInvalid
	case state == LinkClosed:
		return SightClosed
	case state == LinkExpired:
		return SightExpired
	case state == LinkBound:
		return SightReady
	}
	return SightOffered
}

// Confirm binds the link to the first computer that says yes; the same one may
// say it again.
func (l *Link) Confirm(c Computer, now time.Time) error {
	switch s := l.On(c, true, now); {
	case s == SightReady:
		return nil
	case s != SightOffered:
		return &Refusal{Code: RefusalCode(s)}
	case c == Computer{}:
		return &Refusal{Code: CodeBadRequest, Detail: "computer"}
	}
	l.Computer, l.Bound = c, now
	return nil
}

// Take notes that the link's computer hands in an invitation.
func (l *Link) Take(c Computer, now time.Time) error {
	switch s := l.On(c, true, now); s {
	case SightReady:
	case SightOffered: // it never said yes
		return &Refusal{Code: CodeInvalid}
	default:
		return &Refusal{Code: RefusalCode(s)}
	}
	l.Handed = now
	return nil
}

// AskAgain asks the user for another invitation. He sees it when his page is
// open, or when he comes back to it.
func (l *Link) AskAgain(by Technician, now time.Time) error {
	if err := l.his(by); err != nil {
		return err
	}
	if s := l.State(now); s == LinkClosed || s == LinkExpired {
		return &Refusal{Code: RefusalCode(s), Since: l.ended()}
	}
	l.Asked = now
	return nil
}

// Close ends the link. Closing it again changes nothing, so a double click
// does no harm.
func (l *Link) Close(by Technician, now time.Time) error {
	if err := l.his(by); err != nil {
		return err
	}
	switch l.State(now) {
	case LinkClosed:
		return nil
	case LinkExpired:
		return &Refusal{Code: CodeExpired, Since: l.Expires}
	}
	l.Closed, l.ClosedBy = now, by.Name
	return nil
}

// Asking tells whether the technician waits for another invitation.
func (l *Link) Asking() bool { return l.Asked.After(l.Handed) }

// User is who hands in by the link: nobody else's invitation takes the place of
// another's.
func (l *Link) User() User { return User{Key: "link:" + l.ID.String()} }

// his tells whether by may decide over the link: its owner, and leads.
func (l *Link) his(by Technician) error {
	if by.MayClaim() && by.Name == l.Owner || by.Lead() {
		return nil
	}
	return &Refusal{Code: CodeForbidden, Holder: l.Owner}
}

func (l *Link) taken() bool { return l.Computer != Computer{} }

func (l *Link) ended() time.Time {
	if l.Closed.IsZero() {
		return l.Expires
	}
	return l.Closed
}
