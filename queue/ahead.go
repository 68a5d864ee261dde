package queue

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"inviter/invitation"
	"inviter/ticket"
)

// abreast is how many deliveries are looked up together. Where a commit ends
// before their turn they are looked up again, so they are not too many.
const abreast = 32

// ahead is what was found to be new of some deliveries before their turn: not
// in the ledger, an invitation without a ticket, a user without one. It takes
// four statements where one delivery after the other takes six each. What it
// doesn't name has to be looked for, which is always safe. It holds for one
// transaction, and what that records must be told to it.
type ahead struct {
	items map[item]bool
	keys  map[invitation.Key]bool
	users map[string]span
}

// item is a delivery's name in the ledger.
type item struct{ source, name string }

// span are the user keys of those who may claim a user's address under another
// proof; the user's own where nobody can.
type span struct{ low, high string }

func (s span) has(key string) bool { return s.low <= key && key <= s.high }

// rivalry is where to look for a user's rivals (ticket.User.RivalKey).
func rivalry(u ticket.User) (s span, ok bool) {
	low, more := u.RivalKey()
	s = span{low, low}
	if more {
		s.high += " \U0010FFFF"
	}
	return s, low != ""
}

// look finds out what is new of the deliveries.
func (b *book) look(batch []ticket.Delivery) error {
	a := ahead{items: map[item]bool{}, keys: map[invitation.Key]bool{}, users: map[string]span{}}
	b.ahead = a
	for _, d := range batch {
		a.items[item{d.Source, d.Item}] = true
		for _, inv := range d.Invitations {
			a.ask(d.From, inv)
		}
	}
	err := b.lookItems()
	if err == nil {
		err = b.lookKeys("ticket")
	}
	if err == nil {
		err = b.lookKeys("purged")
	}
	if err == nil {
		err = b.lookUsers()
	}
	return err
}

func (a ahead) ask(u ticket.User, inv invitation.Invitation) {
	if inv.Format.File() {
		a.keys[inv.Key] = true
	}
	if _, asked := a.users[u.Key]; asked || u.Key == "" {
		return
	}
	s, rivals := rivalry(u)
	if !rivals {
		s = span{u.Key, u.Key}
	}
	a.users[u.Key] = s
}

// came tells what a ticket that was made puts an end to.
func (a ahead) came(t *ticket.Ticket) {
	delete(a.keys, t.Key)
	for user, rivals := range a.users {
		if user == t.User.Key || rivals.has(t.User.Key) {
			delete(a.users, user)
		}
	}
}

func (b *book) lookItems() error {
	var args []driver.Value
	for i := range b.ahead.items {
		args = append(args, i.source, i.name)
	}
	return b.strike(`WITH asked (source, item) AS (VALUES %s) SELECT a.source, a.item FROM asked a
		WHERE EXISTS (SELECT 1 FROM ledger l WHERE l.source = a.source AND l.item = a.item)`, "(?, ?)", args, func(rows *sql.Rows) error {
		var i item
		err := rows.Scan(&i.source, &i.name)
		delete(b.ahead.items, i)
		return err
	})
}

func (b *book) lookKeys(table string) error {
	var args []driver.Value
	for key := range b.ahead.keys {
		args = append(args, key[:])
	}
	return b.strike("SELECT inv_key FROM "+table+" WHERE inv_key IN (%s)", "?", args, func(rows *sql.Rows) error {
		var key []byte
		if err := rows.Scan(&key); err != nil {
			return err
		}
		delete(b.ahead.keys, invitation.Key(key))
		return nil
	})
}

// The three questions have an index each.
func (b *book) lookUsers() error {
	var args []driver.Value
	for user, rivals := range b.ahead.users {
		args = append(args, user, rivals.low, rivals.high)
	}
	return b.strike(`WITH asked (own, low, high) AS (VALUES %s) SELECT own FROM asked
		WHERE EXISTS (SELECT 1 FROM ticket t WHERE t.state IN ('waiting', 'claimed') AND t.user_key <> '' AND t.user_key = own)
		OR EXISTS (SELECT 1 FROM ticket t WHERE t.state IN ('waiting', 'claimed') AND t.user_key <> '' AND t.user_key BETWEEN low AND high)
		OR EXISTS (SELECT 1 FROM ticket t WHERE t.state = 'quarantined' AND t.user_key BETWEEN low AND high)`, "(?, ?, ?)", args, func(rows *sql.Rows) error {
		var user string
		err := rows.Scan(&user)
		delete(b.ahead.users, user)
		return err
	})
}

// strike asks a query with a list of groups of placeholders for all args, and
// has what is known already struck out. It asks one group, or abreast groups at a
// time: always as many, the last one again and again, so that there are but two
// statements to prepare.
func (b *book) strike(query, group string, args []driver.Value, known func(*sql.Rows) error) error {
	size, groups := strings.Count(group, "?"), abreast
	if len(args) == size {
		groups = 1
	}
	query = fmt.Sprintf(query, group+strings.Repeat(", "+group, groups-1))
	for some := range slices.Chunk(args, size*groups) {
		for len(some) < size*groups {
			some = append(some, some[len(some)-size:]...)
		}
		if err := b.strikeSome(query, some, known); err != nil {
			return err
		}
	}
	return nil
}

func (b *book) strikeSome(query string, args []driver.Value, known func(*sql.Rows) error) error {
	rows, err := b.tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := known(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
