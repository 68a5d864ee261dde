package queue

import (
	"context"
	"database/sql/driver"
	"fmt"

	"inviter/database"
	"inviter/ticket"
)

// Ticket gives one ticket, refused as unknown where there is none.
func (q *Queue) Ticket(ctx context.Context, id ticket.ID) (ticket.Ticket, error) {
	var found []ticket.Ticket
	err := q.db.Read(ctx, func(tx *database.Tx) (err error) {
		found, err = q.tickets(tx, "?", []driver.Value{int64(id)}, "t.id", 1)
		return err
	})
	if err != nil {
		return ticket.Ticket{}, about(id, err)
	}
	if len(found) == 0 {
		return ticket.Ticket{}, &ticket.Refusal{Code: ticket.CodeUnknown}
	}
	return found[0], nil
}

// History gives what happened to a ticket, in order.
func (q *Queue) History(ctx context.Context, id ticket.ID) ([]ticket.Event, error) {
	var out []ticket.Event
	err := q.db.Read(ctx, func(tx *database.Tx) error {
		rows, err := tx.Query("SELECT "+eventColumns+" WHERE ticket = ? ORDER BY seq LIMIT ?", int64(id), mostEvents)
		if err != nil {
			return err
		}
		return eachEvent(rows, func(_ int64, e ticket.Event, _ []byte) error {
			out = append(out, e)
			return nil
		})
	})
	if err != nil {
		return nil, about(id, err)
	}
	return out, nil
}

// mostEvents bounds one ticket's history.
const mostEvents = 10_000

// Changed gives the tickets that changed after revision since, in the order of
// their last change, and the revision to go on from. None is missed: a
// revision is given inside the commit that it belongs to, and never twice.
func (q *Queue) Changed(ctx context.Context, since int64, limit int) ([]ticket.Ticket, int64, error) {
	limit = max(1, min(limit, MaxLimit))
	var out []ticket.Ticket
	var upTo int64
	err := q.db.Read(ctx, func(tx *database.Tx) (err error) {
		if upTo, err = revision(tx); err != nil || upTo <= since {
			return err
		}
		out, err = q.tickets(tx, `SELECT id FROM (SELECT id FROM ticket WHERE revision > ?
			ORDER BY revision LIMIT ?) AS w`, []driver.Value{since, limit}, "t.revision", limit)
		return err
	})
	if err != nil {
		return nil, since, fmt.Errorf("changes since %d: %w", since, err)
	}
	if len(out) == limit {
		upTo = out[limit-1].Revision
	}
	return out, max(upTo, since), nil
}

// Revision counts the changes of tickets so far.
func (q *Queue) Revision(ctx context.Context) (n int64, err error) {
	err = q.db.ReadOne(ctx, func(tx *database.Tx) error {
		n, err = revision(tx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("revision: %w", err)
	}
	return n, nil
}

func revision(tx *database.Tx) (n int64, err error) {
	err = tx.Row("SELECT revision FROM meta WHERE one = 1").Scan(&n)
	return n, err
}

// Counts tells how many tickets are in each state, now.
func (q *Queue) Counts(ctx context.Context) (map[ticket.State]int, error) {
	var out map[ticket.State]int
	err := q.db.Read(ctx, func(tx *database.Tx) (err error) {
		out, err = counts(tx, ms(q.now()))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count tickets: %w", err)
	}
	return out, nil
}

// counts counts the open tickets, and takes the ended ones from where they
// are counted as they end.
func counts(tx *database.Tx, now int64) (map[ticket.State]int, error) {
	var closed, withdrawn, expired, superseded, refused int
	err := tx.Row("SELECT closed, withdrawn, expired, superseded, refused FROM meta WHERE one = 1").
		Scan(&closed, &withdrawn, &expired, &superseded, &refused)
	if err != nil {
		return nil, err
	}
	out := map[ticket.State]int{
		ticket.Waiting: 0, ticket.Claimed: 0, ticket.Quarantined: 0,
		ticket.Closed: closed, ticket.Withdrawn: withdrawn, ticket.Expired: expired,
		ticket.Superseded: superseded, ticket.Refused: refused,
	}
	rows, err := tx.Query(`SELECT state, CASE WHEN state <> 'claimed' AND expires_at <= ? THEN 1 ELSE 0 END AS past, count(*)
		FROM ticket WHERE state IN ('waiting', 'claimed', 'quarantined') GROUP BY 1, 2`, now)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var state string
		var past, n int
		if err := rows.Scan(&state, &past, &n); err != nil {
			return nil, err
		}
		if past == 1 {
			state = string(ticket.Expired)
		}
		out[ticket.State(state)] += n
	}
	return out, rows.Err()
}
