package queue

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// sweep lets the clock act on every ticket that is due.
func (q *Queue) sweep(ctx context.Context) error {
	if err := q.sweepAlone(ctx); err != nil && ctx.Err() == nil {
		q.log.Error("clock", "error", err) // one by one they may succeed, all but one
	}
	act := func(c *ticket.Case) error {
		c.Tick()
		return nil
	}
	return q.everywhere(ctx, act, "SELECT id FROM ticket WHERE due_at <= ? ORDER BY due_at LIMIT ?", q.now)
}

// handful is how many due tickets are loaded together: more would be loaded in
// vain where claims wait.
const handful = 25

// sweepAlone is sweep for tickets whose users have no other ones open, as it is
// with nearly all: nothing bears on them but the time, so many can be loaded by
// one statement, and none of them is on another's page.
func (q *Queue) sweepAlone(ctx context.Context) error {
	for ctx.Err() == nil {
		more := false
		err := q.writeBulk(ctx, func(b *book) (err error) {
			more, err = b.tickAlone()
			return err
		})
		if err != nil || !more {
			return err
		}
	}
	return ctx.Err()
}

// tickAlone lets the clock act on due tickets until others wait, or a slice is
// done. more tells whether there may be further ones.
func (b *book) tickAlone() (more bool, err error) {
	for range slice / handful {
		due, err := b.dueAlone()
		if err != nil {
			return false, err
		}
		for _, p := range due {
			if p.Tick(); len(p.Events) == 0 {
				return false, nil // everywhere tells of it
			}
			if err := b.save(p); err != nil {
				return false, about(p.Ticket.ID, err)
			}
			if b.tx.GiveWay() {
				return true, nil
			}
		}
		if len(due) < handful {
			return false, nil
		}
	}
	return true, nil
}

// dueAlone opens the pages of some due tickets whose users have no other ones open.
func (b *book) dueAlone() (due []*page, err error) {
	rows, err := b.tx.Query("SELECT "+selected+` WHERE t.due_at <= ? AND NOT EXISTS (SELECT 1 FROM ticket o
		WHERE o.user_key = t.user_key AND o.user_key <> '' AND o.state IN ('waiting', 'claimed') AND o.id <> t.id)
		ORDER BY t.due_at LIMIT ?`, ms(b.now), handful)
	if err != nil {
		return nil, err
	}
	of := make(map[ticket.ID]*page, handful)
	err = each(rows, func(r row, t *ticket.Ticket) {
		p := b.page(t)
		p.stored[t.ID] = r
		of[t.ID], due = p, append(due, p)
	})
	if err != nil || len(due) == 0 {
		return nil, err
	}
	ids := make([]driver.Value, handful) // always as many, so that the statement is prepared once
	for i := range ids {
		ids[i] = int64(due[min(i, len(due)-1)].Ticket.ID)
	}
	return due, arrivalsOf(b.tx, "?"+strings.Repeat(", ?", handful-1), ids, func(id ticket.ID, a ticket.Arrival) {
		of[id].Ticket.Deliveries = append(of[id].Ticket.Deliveries, a)
	})
}

// everywhere applies a verb of the clock's, slice by slice, to the tickets that
// a query finds by a time, until it finds none.
func (q *Queue) everywhere(ctx context.Context, verb func(*ticket.Case) error, query string, when func() time.Time) error {
	var before []ticket.ID
	for ctx.Err() == nil {
		var found []ticket.ID
		err := q.db.Read(ctx, func(tx *database.Tx) error {
			rows, err := tx.Query(query, ms(when()), slice)
			if err != nil {
				return err
			}
			found, err = numbersIn(rows)
			return err
		})
		if err != nil || len(found) == 0 {
			return err
		}
		if slices.Equal(found, before) {
			return fmt.Errorf("clock: nothing helps tickets %v", found)
		}
		before = found
		if err := q.applyAll(ctx, verb, found); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// applyAll applies a verb to tickets in one commit. One that can't be saved
// must not keep the others, so after a fault each gets a commit of its own.
func (q *Queue) applyAll(ctx context.Context, verb func(*ticket.Case) error, all []ticket.ID) error {
	err := q.writeBulk(ctx, func(b *book) error {
		for _, id := range all {
			if _, err := b.change(id, verb); err != nil {
				return about(id, err)
			}
			if b.tx.GiveWay() {
				return nil // the rest is found again
			}
		}
		return nil
	})
	if err == nil || len(all) == 1 {
		return err
	}
	var faults []error
	for _, id := range all {
		faults = append(faults, q.applyAll(ctx, verb, []ticket.ID{id}))
	}
	return errors.Join(faults...)
}

func numbersIn(rows *sql.Rows) ([]ticket.ID, error) {
	defer rows.Close()
	var out []ticket.ID
	for rows.Next() {
		var id ticket.ID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("read ticket number: %w", err)
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
