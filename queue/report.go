package queue

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// reportSlice is how many tickets are in memory for a report at a time.
const reportSlice = 500

// Report counts the tickets that came from from on and before to, hours by the
// clock of zone. All of it is true of the same moment.
func (q *Queue) Report(ctx context.Context, from, to time.Time, zone *time.Location) (ticket.Report, error) {
	r := ticket.NewTally(from, to, zone)
	err := q.db.Read(ctx, func(tx *database.Tx) error {
		for last := (mark{ms(from) - 1, 1 << 62}); ; {
			some := came{last, ms(to)}
			lives, err := q.lives(tx, some)
			if err != nil || len(lives) == 0 {
				return err
			}
			if err := eachTrail(tx, some, lives, r.Add); err != nil {
				return err
			}
			for _, t := range lives {
				last = last.later(mark{ms(t.QueuedAt), int64(t.ID)})
			}
		}
	})
	if err != nil {
		return ticket.Report{}, fmt.Errorf("report: %w", err)
	}
	return r.Report(), nil
}

// came are the next tickets of a report: those that came after one and before a
// time.
type came struct {
	after mark
	to    int64
}

// which is an expression for their numbers, and its values; index ticket_queued
// finds them.
func (c came) which() (string, []driver.Value) {
	return "SELECT id FROM (SELECT id FROM ticket WHERE (queued_at, id) > (?, ?) AND queued_at < ? ORDER BY queued_at, id LIMIT ?) AS w",
		[]driver.Value{c.after.since, c.after.id, c.to, reportSlice}
}

// lives are tickets in order of their number, with what a report needs.
func (q *Queue) lives(tx *database.Tx, some came) ([]ticket.Ticket, error) {
	which, args := some.which()
	rows, err := tx.Query("SELECT id, state, user_name, user_address, note, outcome, queued_at, waiting_since, expires_at, ended_at FROM ticket WHERE id IN ("+
		which+") ORDER BY id", args...)
	if err != nil {
		return nil, err
	}
	out, err := livesIn(rows, q.now())
	if err != nil {
		return nil, err
	}
	place := make(map[ticket.ID]int, len(out))
	for i, t := range out {
		place[t.ID] = i
	}
	err = arrivalsOf(tx, which, args, func(id ticket.ID, a ticket.Arrival) {
		out[place[id]].Deliveries = append(out[place[id]].Deliveries, a)
	})
	return out, err
}

func livesIn(rows *sql.Rows, now time.Time) ([]ticket.Ticket, error) {
	defer rows.Close()
	var out []ticket.Ticket
	for rows.Next() {
		var t ticket.Ticket
		var queued, since, expires int64
		var ended sql.NullInt64
		if err := rows.Scan(&t.ID, &t.State, &t.User.Name, &t.User.Address, &t.Note, &t.Outcome, &queued, &since, &expires, &ended); err != nil {
			return nil, err
		}
		t.QueuedAt, t.WaitingSince, t.Expires, t.EndedAt = at(queued), at(since), at(expires), moment(ended)
		out = append(out, shown(&t, now))
	}
	return out, rows.Err()
}

// eachTrail hands on every one of the lives with its events.
func eachTrail(tx *database.Tx, some came, lives []ticket.Ticket, found func(ticket.Ticket, []ticket.Event)) error {
	which, args := some.which()
	rows, err := tx.Query("SELECT "+eventColumns+" WHERE ticket IN ("+which+") ORDER BY ticket, seq", args...)
	if err != nil {
		return err
	}
	var trail []ticket.Event
	next := 0
	until := func(id ticket.ID) { // all tickets before id are complete
		for ; next < len(lives) && lives[next].ID < id; next++ {
			found(lives[next], trail)
			trail = trail[:0]
		}
	}
	err = eachEvent(rows, func(_ int64, e ticket.Event, _ []byte) error {
		until(e.Ticket)
		trail = append(trail, e)
		return nil
	})
	if err != nil {
		return err
	}
	until(1 << 62)
	return nil
}
