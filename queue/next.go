package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"inviter/ticket"
)

// urgent is how little a ticket must have to live to go before all others.
const urgent = 10 * time.Minute

// ClaimNext gives a technician the ticket longest in line, except that one
// with less than 10 minutes to live goes first, the soonest end first. Tickets
// of which somebody else has first refusal are passed over. false: nothing
// waits that he may claim.
func (q *Queue) ClaimNext(ctx context.Context, by ticket.Technician) (ticket.Ticket, bool, error) {
	var out ticket.Ticket
	var found bool
	err := q.write(ctx, func(b *book) error {
		id, err := b.next(by)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		out, err = b.change(id, func(c *ticket.Case) error { return c.Claim(by) })
		return err
	})
	var no *ticket.Refusal
	switch {
	case errors.As(err, &no):
		return ticket.Ticket{}, false, err
	case err != nil:
		return ticket.Ticket{}, false, fmt.Errorf("claim next: %w", err)
	}
	return out, found, nil
}

// next finds the ticket that by would get. A colleague without the right to
// claim gets the first one's number too, and his refusal with it.
func (b *book) next(by ticket.Technician) (id ticket.ID, err error) {
	now, soon := ms(b.now), ms(b.now.Add(urgent))
	err = b.tx.Row(`SELECT id FROM ticket WHERE due_at > ? AND due_at < ?
		AND state <> 'claimed' AND state <> 'quarantined'
		AND (reserved_until IS NULL OR reserved_until <= ? OR reserved_for = ?)
		ORDER BY due_at, id LIMIT 1`, now, soon, now, by.Name).Scan(&id) // what waits is due when it expires
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	err = b.tx.Row(`SELECT id FROM ticket WHERE state = 'waiting' AND expires_at > ?
		AND (reserved_until IS NULL OR reserved_until <= ? OR reserved_for = ?)
		ORDER BY waiting_since, id LIMIT 1`, now, now, by.Name).Scan(&id)
	return id, err
}
