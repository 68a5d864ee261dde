package ticket

import (
	"errors"
	"time"
)

// RefusalCode names an expected no to a verb.
type RefusalCode string

// Refusals, as the API's code field has them.
const (
	CodeTaken        RefusalCode = "taken"         // Holder has it, since Since
	CodeFirstRefusal RefusalCode = "first-refusal" // Holder may claim it first, until Until
	CodeExpired      RefusalCode = "expired"
	CodeClosed       RefusalCode = "closed"
	CodeWithdrawn    RefusalCode = "withdrawn"
	CodeSuperseded   RefusalCode = "superseded"
	CodeRefused      RefusalCode = "refused"
	CodeQuarantined  RefusalCode = "quarantined"
	CodeUnknown      RefusalCode = "unknown"     // no such ticket
	CodeInvalid      RefusalCode = "invalid"     // the secret names no ticket: made up, or purged since
	CodeNotHolder    RefusalCode = "not-holder"  // the claim number is not the present one
	CodeLeaseAlive   RefusalCode = "lease-alive" // Holder shows signs of life, until Until
	CodeNotClaimed   RefusalCode = "not-claimed"
	CodeTooLate      RefusalCode = "too-late"     // a claim can't be undone any more
	CodeForbidden    RefusalCode = "forbidden"    // the role does not allow it
	CodeTooMany      RefusalCode = "too-many"     // passwords tried on this ticket, until Until
	CodeBadRequest   RefusalCode = "bad-request"  // the verb's own words are off; Detail says how
	CodeBadComputer  RefusalCode = "bad-computer" // no host name or address, of an offer
	CodeNotKept      RefusalCode = "not-kept"     // of a refused item: it is there no more
	CodeUnavailable  RefusalCode = "unavailable"  // what is needed for it isn't there now
)

// ErrCarriedOut is the fault of a verb that did nothing, for the same request
// was carried out meanwhile at another server.
var ErrCarriedOut = errors.New("the same request was carried out meanwhile")

// Refusal is an expected no to a verb, typed, to be shown to the person.
type Refusal struct {
	Code         RefusalCode
	Holder       string
	Since, Until time.Time
	Detail       string
}

// Error is the code, and who it is about.
func (r *Refusal) Error() string {
	s := string(r.Code)
	if r.Holder != "" {
		s += " (" + r.Holder + ")"
	}
	if r.Detail != "" {
		s += ": " + r.Detail
	}
	return s
}
