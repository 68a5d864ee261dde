package queue

import (
	"cmp"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"inviter/database"
	"inviter/ticket"
)

// opening asks for a ticket with its deliveries, a row for each, and for what kin
// gives, all in one statement: on a server each is a round trip.
const opening = "SELECT " + arrived + ` WHERE t.id = ?
	UNION ALL SELECT 0, '', 0, '', ` + columns + ` FROM ticket m JOIN ticket t ON t.user_key = m.user_key AND t.user_key <> ''
	AND t.state IN ('waiting', 'claimed') AND t.id <> m.id` + openClaim + ` WHERE m.id = ?`

// load opens the page of one ticket: with its deliveries, and with the user's
// other tickets that a verb may have to see.
func (b *book) load(id ticket.ID) (*page, error) {
	rows, err := b.tx.Query(opening, int64(id), int64(id))
	if err != nil {
		return nil, err
	}
	p := b.page(nil)
	var a arrival
	var all []arrival
	err = eachRow(rows, a.columns(), func(r row) error {
		if a.number > 0 {
			all = append(all, a)
		}
		return p.read(r, id)
	})
	if err == nil && p.Ticket == nil {
		err = &ticket.Refusal{Code: ticket.CodeUnknown}
	}
	if err != nil {
		return nil, err
	}
	p.Ticket.Deliveries = inOrder(all)
	slices.SortFunc(p.Kin, func(a, b *ticket.Ticket) int { return cmp.Compare(a.ID, b.ID) })
	return p, nil
}

// read puts a row on the page of ticket id, once.
func (p *page) read(r row, id ticket.ID) error {
	if _, known := p.stored[ticket.ID(r.id)]; known {
		return nil
	}
	t, err := r.ticket()
	if err != nil {
		return err
	}
	p.stored[t.ID] = r
	if t.ID == id {
		p.Ticket = t
	} else {
		p.Kin = append(p.Kin, t)
	}
	return nil
}

// arrival is a delivery as table arrival has it.
type arrival struct {
	ticket.Arrival
	number, at int64
}

// arrived are a delivery's columns, and behind them those of its ticket: a row
// for each delivery, and one for a ticket without any.
const arrived = "COALESCE(a.number, 0), COALESCE(a.source, ''), COALESCE(a.at, 0), COALESCE(a.sender, ''), " + selected +
	" LEFT JOIN arrival a ON a.ticket = t.id"

func (a *arrival) columns() []any { return []any{&a.number, &a.Source, &a.at, &a.From} }

// inOrder are the deliveries, the first one first.
func inOrder(all []arrival) []ticket.Arrival {
	slices.SortFunc(all, func(a, b arrival) int { return cmp.Compare(a.number, b.number) })
	out := make([]ticket.Arrival, len(all))
	for i, a := range all {
		out[i] = a.Arrival
		out[i].At = at(a.at)
	}
	return out
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
	rows, err := b.tx.Query("SELECT "+selected+` WHERE t.user_key = ? AND t.user_key <> ''
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
	where, ok := rivalry(p.Ticket.User)
	if !ok {
		return nil
	}
	key, end := where.low, where.high
	rows, err := b.tx.Query("SELECT "+selected+` WHERE t.user_key BETWEEN ? AND ? AND t.user_key <> ''
		AND t.state IN ('waiting', 'claimed') ORDER BY t.user_key LIMIT ?`, key, end, mostRivals)
	if err == nil {
		err = each(rows, p.rival(key))
	}
	if err != nil {
		return err
	}
	rows, err = b.tx.Query("SELECT "+selected+` WHERE t.state = 'quarantined' AND t.user_key BETWEEN ? AND ?
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
	return eachRow(rows, nil, func(r row) error {
		t, err := r.ticket()
		if err == nil {
			found(r, t)
		}
		return err
	})
}

// eachArrived hands on the tickets in rows of arrived with their deliveries, and
// closes the rows. Those of one ticket stand together, in order.
func eachArrived(rows *sql.Rows, found func(*ticket.Ticket)) error {
	var last *ticket.Ticket
	var a arrival
	var all []arrival
	flush := func() {
		if last != nil {
			last.Deliveries = inOrder(all)
			found(last)
		}
	}
	err := eachRow(rows, a.columns(), func(r row) (err error) {
		if last == nil || last.ID != ticket.ID(r.id) {
			flush()
			last, err = r.ticket()
			all = all[:0]
		}
		if a.number > 0 {
			all = append(all, a)
		}
		return err
	})
	if err == nil {
		flush()
	}
	return err
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
