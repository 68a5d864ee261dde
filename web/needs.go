package web

import (
	"context"
	"time"

	"inviter/invitation"
	"inviter/ticket"
)

// Queue is what the pages and the API need of the queue, in small parts.
// Refusals come back as *ticket.Refusal; any other error is a fault.
type Queue interface {
	Line
	Claims
	Ends
	Files
	Changes
	Feeds
	Refusals
	Users
	Requests
	Trusts
	Reports
	Links
}

// Trusts are the users whom the team knows, see ticket.Trust.
type Trusts interface {
	Trusts(ctx context.Context) ([]ticket.Trust, error)
	// TrustIn is the trust in a ticket's user; refused with unknown.
	TrustIn(ctx context.Context, id ticket.ID) (ticket.Trust, error)
	// Revoke ends one, by one of the team, and RevokeIn by the ticket's user.
	Revoke(ctx context.Context, trust int64, by ticket.Technician) error
	RevokeIn(ctx context.Context, id ticket.ID) error
}

// Requests are calls for help without a file.
type Requests interface {
	// Ask puts a request in line; known tells that it was there before. Refused
	// with bad-computer, or bad-request.
	Ask(ctx context.Context, r ticket.Request) (t ticket.Ticket, known bool, err error)
}

// Line reads the queue.
type Line interface {
	// Ticket is one ticket; refused with unknown.
	Ticket(ctx context.Context, id ticket.ID) (ticket.Ticket, error)
	// List is one page of the tickets in the filter's states, longest in line first.
	List(ctx context.Context, f Filter) (Page, error)
	// EachOpen hands on every open ticket, in any order, as they all were at the revision.
	EachOpen(ctx context.Context, found func(ticket.Ticket)) (revision int64, err error)
	// Ended is one page of the ended tickets, the latest first.
	Ended(ctx context.Context, p Past) (Page, error)
	// MissedSince counts those that expired unclaimed since then.
	MissedSince(ctx context.Context, since time.Time) (int, error)
	// Counts says how many tickets are in each state.
	Counts(ctx context.Context) (map[ticket.State]int, error)
	// History is everything that happened to a ticket, in order.
	History(ctx context.Context, id ticket.ID) ([]ticket.Event, error)
}

// Filter picks tickets.
type Filter struct {
	States []ticket.State // empty for all open ones
	After  string         // the Next of the page before
	Limit  int
}

// Past picks ended tickets.
type Past struct {
	Missed bool      // only those that expired, never claimed, after they had waited
	Since  time.Time // only those that ended since then; zero for all
	Until  time.Time // only those that ended before then; zero for all
	After  string    // the Next of the page before
	Limit  int
	// Match, where set, picks tickets by their words, in lower case, and how they
	// ended. A page may then end early, with a Next.
	Match func(words string, s ticket.State, o ticket.End) bool
}

// Page is a part of a list.
type Page struct {
	Tickets  []ticket.Ticket
	Revision int64  // of the queue, when it was read
	Next     string // "" on the last page
}

// Claims are the verbs of who wants to hold a ticket, or holds it.
type Claims interface {
	Claim(ctx context.Context, id ticket.ID, by ticket.Technician) (ticket.Ticket, error)
	// ClaimNext claims the next one that by may claim; false when nothing waits.
	ClaimNext(ctx context.Context, by ticket.Technician) (ticket.Ticket, bool, error)
	Renew(ctx context.Context, id ticket.ID, by ticket.Technician, claim int) (ticket.Ticket, error)
	Connected(ctx context.Context, id ticket.ID, by ticket.Technician, claim int) (ticket.Ticket, error)
	Transfer(ctx context.Context, id ticket.ID, by ticket.Technician, claim int, to ticket.Technician) (ticket.Ticket, error)
	TakeOver(ctx context.Context, id ticket.ID, by ticket.Technician, reason string) (ticket.Ticket, error)
}

// Ends are the verbs that let go of a ticket.
type Ends interface {
	Undo(ctx context.Context, id ticket.ID, by ticket.Technician, claim int) (ticket.Ticket, error)
	Release(ctx context.Context, id ticket.ID, by ticket.Technician, claim int, reason ticket.Reason, note string) (ticket.Ticket, error)
	Close(ctx context.Context, id ticket.ID, by ticket.Technician, claim int, result ticket.End, note string) (ticket.Ticket, error)
	Approve(ctx context.Context, id ticket.ID, by ticket.Technician) (ticket.Ticket, error)
	Refuse(ctx context.Context, id ticket.ID, by ticket.Technician, note string) (ticket.Ticket, error)
}

// Files are the invitations themselves, for their holders.
type Files interface {
	// File is the invitation byte for byte; from is the asking address, for the log.
	File(ctx context.Context, id ticket.ID, by ticket.Technician, claim int, from string) ([]byte, error)
	// Unlock tries a password that is kept nowhere, and gives the addresses, best
	// first; refused with too-many when it is tried too often.
	Unlock(ctx context.Context, id ticket.ID, by ticket.Technician, claim int, password string) (invitation.Verdict, []invitation.Endpoint, error)
}

// Users are served without a log-in, each with the secret of his own ticket.
type Users interface {
	// Status is what the ticket's user is given: secret and check words.
	Status(ctx context.Context, id ticket.ID) (ticket.Status, error)
	// BySecret is the ticket that a secret is for; refused with invalid.
	BySecret(ctx context.Context, secret string) (ticket.Ticket, error)
	// Standing is where the ticket stands in line.
	Standing(ctx context.Context, t ticket.Ticket) (ticket.Standing, error)
	Withdraw(ctx context.Context, id ticket.ID) (ticket.Ticket, error)
	Disown(ctx context.Context, id ticket.ID) (ticket.Ticket, error)
	Tell(ctx context.Context, id ticket.ID, works bool) (ticket.Ticket, error)
}

// Links are help in the other direction: a technician invites one computer.
type Links interface {
	MakeLink(ctx context.Context, by ticket.Technician, life time.Duration, note string) (ticket.Link, error)
	// Links are a technician's, the latest first; those long ended are left out.
	Links(ctx context.Context, owner string) ([]ticket.Link, error)
	AskAgain(ctx context.Context, id ticket.LinkID, by ticket.Technician) (ticket.Link, error)
	// CloseLink ends it; with a result, the ticket too that it brought and by holds.
	CloseLink(ctx context.Context, id ticket.LinkID, by ticket.Technician, result ticket.End, note string) (ticket.Link, error)
	// LinkBySecret and LinkByCode find a link by what was passed on; refused with invalid.
	LinkBySecret(ctx context.Context, secret string) (ticket.Link, error)
	LinkByCode(ctx context.Context, code string) (ticket.Link, error)
	Confirm(ctx context.Context, id ticket.LinkID, on ticket.Computer) (ticket.Link, error)
	// HandIn submits what a link's computer brings, straight into a technician's hands.
	HandIn(ctx context.Context, id ticket.LinkID, on ticket.Computer, d ticket.Delivery, to ticket.Technician) (ticket.Receipt, error)
}

// Changes tells what is new.
type Changes interface {
	// Changed lists the tickets that changed after since, oldest change first,
	// and the revision up to which the list is complete.
	Changed(ctx context.Context, since int64, limit int) ([]ticket.Ticket, int64, error)
	Revision(ctx context.Context) (int64, error)
	// LinkRevision grows whenever something happens to a support link.
	LinkRevision(ctx context.Context) (int64, error)
	// Notify hints, within 250 ms, that something was written by anybody.
	Notify(ctx context.Context) <-chan struct{}
}

// Reports count what happened.
type Reports interface {
	// Report is about the tickets that came from from on and before to; hours by
	// the clock of zone.
	Report(ctx context.Context, from, to time.Time, zone *time.Location) (ticket.Report, error)
}

// Feeds says how the sources are doing.
type Feeds interface {
	Sources(ctx context.Context) ([]ticket.SourceState, error)
	// StillNeeding lists who said after a close that they still need help.
	StillNeeding(ctx context.Context) ([]ticket.Still, error)
	// Outbox is how answers by mail and webhooks are doing.
	Outbox(ctx context.Context) (ticket.OutboxState, error)
}

// Answers remember what requests with an Idempotency-Key were answered, for a
// day, also when the program is started anew.
type Answers interface {
	// Asked is the answer of the first request with o's account and key.
	Asked(ctx context.Context, o Once) (a Answered, found bool, err error)
	// Marked has the verb called with the context returned note, together with
	// what it changes, that the request was carried out. It is a fault,
	// ticket.ErrCarriedOut, and changes nothing, where another was meanwhile.
	Marked(ctx context.Context, o Once) context.Context
	// Keep stores what a request was answered and tells which answer stands: the
	// one of the same request at another server, if that was first. One without a
	// status has still to come. ctx is the one that Marked gave for the request;
	// otherwise a.Ticket is the one whose answer was lost. Also with a fault, the
	// returned Ticket tells what the request changed.
	Keep(ctx context.Context, o Once, a Answered) (Answered, error)
}

// Once is a request that is to be carried out once, however often it is sent.
type Once struct {
	Account, Key string
	Print        [32]byte // the same for the same request
}

// Answered is what a request was answered.
type Answered struct {
	Print    [32]byte  // its request's
	Ticket   ticket.ID // which it changed, 0 for none
	Status   int       // 0: it was carried out, but its answer was lost with the program
	Type     string
	Location string
	Language string
	Body     []byte
}

// LogIns open and end sessions.
type LogIns interface {
	LogIn(ctx context.Context, name, password string) (token string, err error)
	UseLink(ctx context.Context, secret string) (token string, err error)
	LogOut(ctx context.Context, token string) error
}

// Bearers tell who comes with a session or a token. They are asked at every
// request, so that what was revoked stops at once.
type Bearers interface {
	BySession(ctx context.Context, token string) (ticket.Technician, error)
	ByToken(ctx context.Context, token string) (ticket.Technician, error)
	ByIntakeToken(ctx context.Context, token string) (name string, err error)
}
