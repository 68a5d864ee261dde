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

// Report counts the tickets that came from from on and before to, hours by the
// clock of zone. It holds the tickets but not their log,
// so a year of a busy helpdesk fits in memory.
func (q *Queue) Report(ctx context.Context, from, to time.Time, zone *time.Location) (ticket.Report, error) {
	r := ticket.NewTally(from, to, zone)
	err := q.db.Read(ctx, func(tx *database.Tx) error {
		lives, err := q.lives(tx, ms(from), ms(to))
		if err != nil {
			return err
		}
		return q.eachTrail(tx, ms(from), ms(to), lives, r.Add)
	})
	if err != nil {
		return ticket.Report{}, fmt.Errorf("report: %w", err)
	}
	return r.Report(), nil
}

// came is what a report is about; index ticket_queued finds it.
const came = " FROM ticket WHERE queued_at >= ? AND queued_at < ?"

// lives are the tickets in order of their number, with what a report needs.
func (q *Queue) lives(tx *database.Tx, from, to int64) ([]ticket.Ticket, error) {
	rows, err := tx.Query("SELECT id, state, user_name, user_address, note, outcome, queued_at, waiting_since, expires_at, ended_at"+came+" ORDER BY id", from, to)
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
	err = arrivalsOf(tx, "SELECT id"+came, []driver.Value{from, to}, func(id ticket.ID, a ticket.Arrival) {
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

// eachTrail hands on every ticket with its events.
func (q *Queue) eachTrail(tx *database.Tx, from, to int64, lives []ticket.Ticket, found func(ticket.Ticket, []ticket.Event)) error {
	rows, err := tx.Query("SELECT "+eventColumns+" WHERE ticket IN (SELECT id"+came+") ORDER BY ticket, seq", from, to)
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
