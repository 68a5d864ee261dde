package queue

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"inviter/database"
	"inviter/ticket"
)

// load opens the page of one ticket: with its deliveries, and with the user's
// other tickets that a verb may have to see.
func (b *book) load(id ticket.ID) (*page, error) {
	var r row
	err := r.scan(b.tx.Row("SELECT "+columns+" WHERE t.id = ?", int64(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &ticket.Refusal{Code: ticket.CodeUnknown}
	}
	if err != nil {
		return nil, err
	}
	t, err := r.ticket()
	if err != nil {
		return nil, err
	}
	if t.Deliveries, err = arrivals(b.tx, r.id); err != nil {
		return nil, err
	}
	p := b.page(t)
	p.stored[t.ID] = r
	return p, b.kin(p)
}

// page is a page for a ticket that need not be stored yet.
func (b *book) page(t *ticket.Ticket) *page {
	return &page{
		Case:   ticket.Case{Ticket: t, Now: b.now, Rules: b.rules},
		stored: map[ticket.ID]row{},
	}
}

// kin adds the user's other tickets that wait or are claimed. Quarantined ones
// prove nothing about others and expire by themselves; leaving them out bounds
// the kin whatever a forger sends.
func (b *book) kin(p *page) error {
	user := p.Ticket.User.Key
	if user == "" {
		return nil
	}
	rows, err := b.tx.Query("SELECT "+columns+` WHERE t.user_key = ? AND t.user_key <> ''
		AND t.state IN ('waiting', 'claimed') AND t.id <> ? ORDER BY t.id`, user, int64(p.Ticket.ID))
	if err != nil {
		return err
	}
	return each(rows, func(r row, t *ticket.Ticket) {
		p.stored[t.ID] = r
		p.Kin = append(p.Kin, t)
	})
}

// mostRivals bounds what one submit marks, whatever a forger sends.
const mostRivals = 20

// rivals adds open tickets of those who claim the same mail address under
// another proof. They are two queries because each has an index of its own.
func (b *book) rivals(p *page) error {
	key, more := p.Ticket.User.RivalKey()
	if key == "" {
		return nil
	}
	end := key
	if more {
		end += " \U0010FFFF"
	}
	rows, err := b.tx.Query("SELECT "+columns+` WHERE t.user_key BETWEEN ? AND ? AND t.user_key <> ''
		AND t.state IN ('waiting', 'claimed') ORDER BY t.user_key LIMIT ?`, key, end, mostRivals)
	if err == nil {
		err = each(rows, p.rival(key))
	}
	if err != nil {
		return err
	}
	rows, err = b.tx.Query("SELECT "+columns+` WHERE t.state = 'quarantined' AND t.user_key BETWEEN ? AND ?
		ORDER BY t.user_key, t.id LIMIT ?`, key, end, mostRivals)
	if err != nil {
		return err
	}
	return each(rows, p.rival(key))
}

// rival takes a ticket for a rival's if its key is that, or goes on with a blank.
func (p *page) rival(key string) func(row, *ticket.Ticket) {
	return func(r row, t *ticket.Ticket) {
		if rest, ok := strings.CutPrefix(t.User.Key, key); ok && (rest == "" || rest[0] == ' ') {
			p.stored[t.ID] = r
			p.Rivals = append(p.Rivals, t)
		}
	}
}

// each hands on the tickets in rows and closes them.
func each(rows *sql.Rows, found func(row, *ticket.Ticket)) error {
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := r.scan(rows); err != nil {
			return fmt.Errorf("read ticket: %w", err)
		}
		t, err := r.ticket()
		if err != nil {
			return err
		}
		found(r, t)
	}
	return rows.Err()
}

// arrivals are the deliveries of one ticket, the first one first.
func arrivals(tx *database.Tx, id int64) ([]ticket.Arrival, error) {
	var out []ticket.Arrival
	err := arrivalsOf(tx, "?", []driver.Value{id}, func(_ ticket.ID, a ticket.Arrival) { out = append(out, a) })
	return out, err
}

// arrivalsOf hands on the deliveries of the tickets whose numbers the
// expression which stands for.
func arrivalsOf(tx *database.Tx, which string, args []driver.Value, found func(ticket.ID, ticket.Arrival)) error {
	rows, err := tx.Query("SELECT ticket, source, at, sender FROM arrival WHERE ticket IN ("+which+") ORDER BY ticket, number", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, when int64
		var a ticket.Arrival
		if err := rows.Scan(&id, &a.Source, &when, &a.From); err != nil {
			return fmt.Errorf("read delivery: %w", err)
		}
		a.At = at(when)
		found(ticket.ID(id), a)
	}
	return rows.Err()
}
