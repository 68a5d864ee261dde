// Package ticket is the life of one invitation at the helpdesk: states, verbs,
// refusals and policies, without any I/O. Whoever stores tickets loads a Case,
// says one verb, and saves what changed.
//
// It also holds the contracts between sources, queue and pages (intake.go).
package ticket

import (
	"slices"
	"strconv"
	"time"

	"inviter/invitation"
)

// ID is a ticket's number, as people say it on the phone.
type ID int64

// String is the number in decimal.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// State is where a ticket is in its life.
type State string

// A ticket is open in the first three states; the ends absorb.
const (
	Waiting     State = "waiting"     // in line, anyone may claim it
	Claimed     State = "claimed"     // one technician holds it, nobody else may connect
	Quarantined State = "quarantined" // needs a lead's look before anyone may claim it

	Closed     State = "closed"     // a technician ended it
	Withdrawn  State = "withdrawn"  // the user ended it
	Expired    State = "expired"    // its deadline passed
	Superseded State = "superseded" // a newer invitation of the same user took its place
	Refused    State = "refused"    // a lead refused it out of quarantine
)

// States lists every state, open ones first.
func States() []State {
	return []State{Waiting, Claimed, Quarantined, Closed, Withdrawn, Expired, Superseded, Refused}
}

// Ended tells whether nothing can change the ticket any more.
func (s State) Ended() bool {
	return s != Waiting && s != Claimed && s != Quarantined
}

// Kind is what the user gave us.
type Kind string

// Kinds of tickets.
const (
	File        Kind = "file"        // an invitation file
	Code        Kind = "code"        // another product's id made by the user
	Offer       Kind = "offer"       // no file: the technician offers help to a computer
	EasyConnect Kind = "easyconnect" // no file: name and contact, password by voice
)

// Flag marks what a technician should know before claiming.
type Flag string

// Flags as INTERFACE.md section 3 names them.
const (
	DoubtfulSender  Flag = "doubtful-sender"
	SenderConflict  Flag = "sender-conflict"
	Forwarded       Flag = "forwarded"
	NameMismatch    Flag = "name-mismatch"
	OutsideNetworks Flag = "outside-networks"
	NoPassword      Flag = "no-password"
	NoExpiry        Flag = "no-expiry"
	LifetimeCapped  Flag = "lifetime-capped"
	ClockAhead      Flag = "clock-ahead"
	PasswordInMail  Flag = "password-in-mail"
	WithHolder      Flag = "with-holder"
)

// User is who asks, as far as the source can tell.
type User struct {
	// Key tells users apart: equal keys are one user. "" means that nothing
	// tells, and then every invitation is a user of its own.
	Key     string
	Name    string
	Address string
	Phone   string
}

// Ticket is one invitation's place in our queue.
type Ticket struct {
	ID               ID
	State            State
	Kind             Kind
	Format           invitation.Format
	Key              invitation.Key
	User             User
	ClaimedName      string // what the file says the user is called
	Note             string
	Flags            []Flag
	PasswordRequired bool
	Endpoints        []invitation.Endpoint
	Size             int       // bytes of the file; 0 once it is wiped
	Start            time.Time // the invitation's own start, as it counts
	WaitingSince     time.Time // decides the place in line; inherited when superseding
	QueuedAt         time.Time
	Expires          time.Time
	Deliveries       []Arrival
	Claims           int    // the highest claim number given so far
	Claim            *Claim // set exactly while State is Claimed
	Reserved         *Reservation
	Supersedes       ID // 0 for none
	SupersededBy     ID
	Outcome          End
	EndNote          string
	EndedAt          time.Time
	Revision         int64 // of the queue, when this ticket changed last
}

// Arrival is one delivery of this ticket's invitation.
type Arrival struct {
	Source string
	At     time.Time
	From   string
}

// Claim is one technician's hold on a ticket. Its number is the fencing token.
type Claim struct {
	Number     int
	Holder     string
	Since      time.Time
	LeaseUntil time.Time
	Fetched    time.Time // when the holder first got the file; zero if never
	Connected  time.Time // when the holder first said so; zero if never
}

// Reservation gives the holder of the same user's older ticket first refusal.
type Reservation struct {
	Holder string
	Until  time.Time
}

// Has tells whether the ticket carries the flag.
func (t *Ticket) Has(f Flag) bool { return slices.Contains(t.Flags, f) }
