package queue

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// How many tickets List gives if it isn't told, and at most.
const (
	DefaultLimit = 200
	MaxLimit     = 1000
)

// Filter says which tickets to list.
type Filter struct {
	States []ticket.State // none: the open ones
	After  string         // Page.Next of the page before
	Limit  int            // DefaultLimit if 0, at most MaxLimit
}

// Page is a part of the queue, longest in line first, as it was at Revision.
type Page struct {
	Tickets  []ticket.Ticket
	Revision int64
	Next     string // "" on the last page
}

// List gives one page of tickets. A ticket past its time is listed as expired,
// also before the clock's sweep reached it. A bad After is refused with
// bad-request. A page that is read while tickets move may repeat or miss those
// that moved; Changed from the first page's Revision tells of each of them.
func (q *Queue) List(ctx context.Context, f Filter) (Page, error) {
	from, err := parseMark(f.After)
	if err != nil {
		return Page{}, err
	}
	limit := min(f.Limit, MaxLimit)
	if limit <= 0 {
		limit = DefaultLimit
	}
	which, args := line(f.States, from, ms(q.now()), limit+1)
	var p Page
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		if p.Revision, err = revision(tx); err != nil {
			return err
		}
		p.Tickets, err = q.tickets(tx, which, args, "t.waiting_since, t.id", limit+1)
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("list tickets: %w", err)
	}
	if len(p.Tickets) > limit {
		p.Tickets = p.Tickets[:limit]
		last := p.Tickets[limit-1]
		p.Next = mark{ms(last.WaitingSince), int64(last.ID)}.String()
	}
	return p, nil
}

// EachOpen hands on every open ticket, as they all were at the revision: those
// of each state longest in line first. What waits past its time is left out.
func (q *Queue) EachOpen(ctx context.Context, found func(ticket.Ticket)) (at int64, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		if at, err = revision(tx); err != nil {
			return err
		}
		now := q.now()
		for _, s := range openStates {
			rows, err := tx.Query("SELECT "+arrived+" WHERE t.state = ? ORDER BY t.waiting_since, t.id, a.number", string(s)) // as the index has them
			if err == nil {
				err = eachArrived(rows, func(t *ticket.Ticket) {
					if t := shown(t, now); !t.State.Ended() {
						found(t)
					}
				})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("list open tickets: %w", err)
	}
	return at, nil
}

// openStates are those of tickets that have not ended.
var openStates = []ticket.State{ticket.Waiting, ticket.Claimed, ticket.Quarantined}

// line is an expression for the numbers of the tickets in some states, from a
// place in line on, and its values. Each state is one walk along an index.
func line(states []ticket.State, from mark, now int64, limit int) (string, []driver.Value) {
	if len(states) == 0 {
		states = openStates
	}
	var parts []string
	var args []driver.Value
	walk := func(s ticket.State, when string, more ...driver.Value) {
		parts = append(parts, "SELECT id FROM (SELECT id FROM ticket WHERE state = ? AND (waiting_since, id) > (?, ?) "+
			when+" ORDER BY waiting_since, id LIMIT ?) AS w")
		args = append(append(append(args, string(s), from.since, from.id), more...), limit)
	}
	for _, s := range ticket.States() { // in a fixed order, so that few statements arise
		switch {
		case !slices.Contains(states, s):
		case s == ticket.Waiting, s == ticket.Quarantined:
			walk(s, "AND expires_at > ?", now)
		case s == ticket.Expired:
			walk(s, "")
			walk(ticket.Waiting, "AND expires_at <= ?", now)
			walk(ticket.Quarantined, "AND expires_at <= ?", now)
		default:
			walk(s, "")
		}
	}
	if len(parts) == 0 {
		return "SELECT id FROM ticket WHERE id < 0", nil
	}
	return strings.Join(parts, " UNION ALL "), args
}

// tickets reads the tickets that the expression which stands for, with their
// deliveries, as they are shown now.
func (q *Queue) tickets(tx *database.Tx, which string, args []driver.Value, order string, limit int) ([]ticket.Ticket, error) {
	rows, err := tx.Query("SELECT "+selected+" WHERE t.id IN ("+which+") ORDER BY "+order+" LIMIT ?", append(slices.Clip(args), limit)...)
	if err != nil {
		return nil, err
	}
	var out []ticket.Ticket
	now := q.now()
	if err := each(rows, func(_ row, t *ticket.Ticket) { out = append(out, shown(t, now)) }); err != nil {
		return nil, err
	}
	place := make(map[ticket.ID]int, len(out))
	for i, t := range out {
		place[t.ID] = i
	}
	err = arrivalsOf(tx, which, args, func(id ticket.ID, a ticket.Arrival) {
		if i, ok := place[id]; ok {
			out[i].Deliveries = append(out[i].Deliveries, a)
		}
	})
	return out, err
}

// shown is t as people see it: what waits past its time has expired, whether
// or not the clock's sweep has come by.
func shown(t *ticket.Ticket, now time.Time) ticket.Ticket {
	open := t.State == ticket.Waiting || t.State == ticket.Quarantined
	if open && !now.Before(t.Expires) {
		t.State, t.EndedAt, t.Reserved, t.Size = ticket.Expired, t.Expires, nil, 0
		t.Flags = slices.DeleteFunc(t.Flags, func(f ticket.Flag) bool { return f == ticket.WithHolder })
	}
	return *t
}

// mark is a place in line: where a page ended.
type mark struct{ since, id int64 }

// String is opaque to callers.
func (m mark) String() string {
	return strconv.FormatInt(m.since, 36) + "." + strconv.FormatInt(m.id, 36)
}

// later is the mark that is further on.
func (m mark) later(o mark) mark {
	if o.since > m.since || o.since == m.since && o.id > m.id {
		return o
	}
	return m
}

func parseMark(s string) (mark, error) {
	if s == "" {
		return mark{since: -1 << 62}, nil
	}
	since, id, ok := strings.Cut(s, ".")
	a, err1 := strconv.ParseInt(since, 36, 64)
	b, err2 := strconv.ParseInt(id, 36, 64)
	if !ok || err1 != nil || err2 != nil {
		return mark{}, &ticket.Refusal{Code: ticket.CodeBadRequest, Detail: "after"}
	}
	return mark{a, b}, nil
}
