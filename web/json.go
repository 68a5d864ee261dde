package web

import (
	"time"

	"inviter/invitation"
	"inviter/ticket"
)

// ticketJSON is a ticket as the API shows it.
type ticketJSON struct {
	ID               ticket.ID             `json:"id"`
	State            ticket.State          `json:"state"`
	Format           invitation.Format     `json:"format"`
	Kind             ticket.Kind           `json:"kind"`
	User             userJSON              `json:"user"`
	Note             string                `json:"note"`
	Endpoints        []invitation.Endpoint `json:"endpoints"` // null for whoever isn't holder or lead
	PasswordRequired bool                  `json:"password_required"`
	WaitingSince     *time.Time            `json:"waiting_since"`
	QueuedAt         *time.Time            `json:"queued_at"`
	ExpiresAt        *time.Time            `json:"expires_at"`
	Deliveries       []deliveryJSON        `json:"deliveries"`
	Flags            []ticket.Flag         `json:"flags"`
	Claim            *claimJSON            `json:"claim"`
	Supersedes       *ticket.ID            `json:"supersedes"`
	SupersededBy     *ticket.ID            `json:"superseded_by"`
	Outcome          *ticket.End           `json:"outcome"`
	Revision         int64                 `json:"revision"`
}

type userJSON struct {
	Name        string `json:"name"`
	Address     string `json:"address"`
	Phone       string `json:"phone"`
	ClaimedName string `json:"claimed_name"`
}

type deliveryJSON struct {
	Source string     `json:"source"`
	At     *time.Time `json:"at"`
	From   string     `json:"from"`
}

type claimJSON struct {
	Number      int        `json:"number"`
	Holder      string     `json:"holder"`
	Since       *time.Time `json:"since"`
	LeaseUntil  *time.Time `json:"lease_until"`
	ConnectedAt *time.Time `json:"connected_at"`
}

type ticketWithEvents struct {
	ticketJSON
	Events []eventJSON `json:"events"`
}

type eventJSON struct {
	At    *time.Time       `json:"at"`
	Kind  ticket.EventKind `json:"kind"`
	By    string           `json:"by"`
	Claim int              `json:"claim,omitempty"`
	Other string           `json:"other,omitempty"`
	Note  string           `json:"note,omitempty"`
}

type ticketsJSON struct {
	Tickets  []ticketJSON `json:"tickets"`
	Revision int64        `json:"revision"`
	Next     *string      `json:"next"`
}

type sourcesJSON struct {
	Sources []sourceJSON `json:"sources"`
}

type sourceJSON struct {
	Name        string     `json:"name"`
	State       string     `json:"state"`
	Mode        string     `json:"mode"`
	Since       *time.Time `json:"since"`
	LastSuccess *time.Time `json:"last_success"`
	LastError   string     `json:"last_error"`
	NextTry     *time.Time `json:"next_try"`
	Seen        int        `json:"seen"`
	Queued      int        `json:"queued"`
	Repeated    int        `json:"repeated"`
	Refused     int        `json:"refused"`
	Ignored     int        `json:"ignored"`
	Pending     int        `json:"pending"`
}

type refusalsJSON struct {
	Refusals []refusalJSON `json:"refusals"`
}

type refusalJSON struct {
	ID      int64           `json:"id"`
	Source  string          `json:"source"`
	Item    string          `json:"item"`
	From    string          `json:"from"`
	At      *time.Time      `json:"at"`
	Code    invitation.Code `json:"code"`
	Message string          `json:"message"`
	Kept    bool            `json:"kept"` // it can be read once more
}

func (problem) forAPI()          {}
func (ticketJSON) forAPI()       {}
func (ticketWithEvents) forAPI() {}
func (ticketsJSON) forAPI()      {}
func (sourcesJSON) forAPI()      {}
func (sourceJSON) forAPI()       {}
func (refusalsJSON) forAPI()     {}

// showsEndpoints tells whether by may see where the user's PC is.
func showsEndpoints(t ticket.Ticket, by ticket.Technician) bool {
	return by.Lead() || t.Claim != nil && by.Name != "" && t.Claim.Holder == by.Name
}

// ticketFor is t as by may see it.
func ticketFor(t ticket.Ticket, by ticket.Technician) ticketJSON {
	j := ticketJSON{
		ID: t.ID, State: t.State, Format: t.Format, Kind: t.Kind, Note: t.Note,
		User:             userJSON{t.User.Name, t.User.Address, t.User.Phone, t.ClaimedName},
		PasswordRequired: t.PasswordRequired, WaitingSince: moment(t.WaitingSince), QueuedAt: moment(t.QueuedAt),
		ExpiresAt: moment(t.Expires), Deliveries: []deliveryJSON{}, Flags: append([]ticket.Flag{}, t.Flags...),
		Supersedes: nonZero(t.Supersedes), SupersededBy: nonZero(t.SupersededBy), Outcome: nonZero(t.Outcome), Revision: t.Revision,
	}
	if showsEndpoints(t, by) {
		j.Endpoints = append([]invitation.Endpoint{}, t.Endpoints...)
	}
	for _, d := range t.Deliveries {
		j.Deliveries = append(j.Deliveries, deliveryJSON{d.Source, moment(d.At), d.From})
	}
	if t.Claim != nil {
		j.Claim = &claimJSON{t.Claim.Number, t.Claim.Holder, moment(t.Claim.Since), moment(t.Claim.LeaseUntil), moment(t.Claim.Connected)}
	}
	return j
}

func nonZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func sourceFor(f ticket.SourceState) sourceJSON {
	return sourceJSON{
		Name: f.Name, State: f.State, Mode: f.Mode, Since: moment(f.Since), LastSuccess: moment(f.LastSuccess), LastError: f.LastError, NextTry: moment(f.NextTry),
		Seen: f.Total.Seen, Queued: f.Total.Queued, Repeated: f.Total.Repeated, Refused: f.Total.Refused, Ignored: f.Total.Ignored, Pending: f.Total.Pending,
	}
}
