package ticket

import (
	"time"

	"inviter/invitation"
)

// A password may be tried so often within that time on one ticket. A person on
// the phone never gets there; a list of words does at once.
const (
	MaxTries  = 10
	TriesSpan = time.Minute
)

// Lock is what a password is tried on: the ticket's file, in the hands of
// whoever keeps it.
type Lock interface {
	// Tries counts the passwords tried on the ticket since then, and says when
	// the first of them was.
	Tries(since time.Time) (n int, first time.Time, err error)
	// Try tries one. It gives the addresses that it opened.
	Try() (invitation.Verdict, []invitation.Endpoint, error)
}

// Unlock tries a password for the holder and notes what came of it. The claim
// is asked first, so that nobody else learns anything and nobody else's tries
// count; too many are refused untried.
func (c *Case) Unlock(by Technician, claim int, lock Lock) error {
	if err := c.held(by, claim); err != nil {
		return err
	}
	if c.Ticket.Kind != File {
		return &Refusal{Code: CodeBadRequest, Detail: "there is no file"}
	}
	n, first, err := lock.Tries(c.Now.Add(-TriesSpan))
	if err != nil {
		return err
	}
	if n >= MaxTries {
		return &Refusal{Code: CodeTooMany, Until: first.Add(TriesSpan)}
	}
	verdict, endpoints, err := lock.Try()
	if err != nil {
		return err
	}
	c.renew()
	if outside(endpoints, c.Rules.Networks) {
		c.Ticket.flag(OutsideNetworks)
	}
	c.note(c.Ticket, Event{Kind: EventChecked, By: by.Name, Other: string(verdict)})
	return nil
}
