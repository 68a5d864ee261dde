package queue

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// Past says which ended tickets to list.
type Past struct {
	Missed bool      // only those that expired, never claimed, after they had waited
	Since  time.Time // only those that ended since then; zero for all
	Until  time.Time // only those that ended before then; zero for all
	After  string    // Page.Next of the page before
	Limit  int       // DefaultLimit if 0, at most MaxLimit
	// Match, where set, picks tickets by their words, in lower case, and how they
	// ended. A page may then end early, with a Next: it looks at 20,000 at most.
	Match func(words string, s ticket.State, o ticket.End) bool
}

// wasMissed tells a missed ticket from one that was dead on arrival. It begins as
// index ticket_missed does.
const wasMissed = " AND state = 'expired' AND claims = 0 AND expires_at > queued_at"

// Ended gives one page of the ended tickets, the latest end first. A bad After
// is refused with bad-request.
func (q *Queue) Ended(ctx context.Context, e Past) (Page, error) {
	from := mark{since: 1 << 62}
	if e.After != "" {
		var err error
		if from, err = parseMark(e.After); err != nil {
			return Page{}, err
		}
	}
	limit := min(e.Limit, MaxLimit)
	if limit <= 0 {
		limit = DefaultLimit
	}
	var p Page
	err := q.db.Read(ctx, func(tx *database.Tx) (err error) {
		if p.Revision, err = revision(tx); err != nil {
			return err
		}
		if e.Match != nil {
			p.Tickets, p.Next, err = q.search(tx, e, from, limit)
			return err
		}
		only, args := ended(e, from)
		p.Tickets, err = q.tickets(tx, `SELECT id FROM (SELECT id FROM ticket WHERE `+only+` ORDER BY ended_at DESC, id DESC LIMIT ?) AS w`,
			append(args, limit+1), "t.ended_at DESC, t.id DESC", limit+1)
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("list ended tickets: %w", err)
	}
	if e.Match != nil {
		return p, nil
	}
	p.cut(limit, func(t ticket.Ticket) mark { return mark{ms(t.EndedAt), int64(t.ID)} })
	return p, nil
}

// ended is the condition for those that e asks for, from a place on, and its values.
func ended(e Past, from mark) (string, []driver.Value) {
	only := "ended_at IS NOT NULL AND (ended_at, id) < (?, ?) AND ended_at >= ?"
	if e.Missed {
		only += wasMissed
	}
	args := []driver.Value{from.since, from.id, since(e.Since)}
	if !e.Until.IsZero() {
		only, args = only+" AND ended_at < ?", append(args, ms(e.Until))
	}
	return only, args
}

// MissedSince counts the tickets that expired unclaimed since then.
func (q *Queue) MissedSince(ctx context.Context, from time.Time) (n int, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Row("SELECT count(*) FROM ticket WHERE ended_at IS NOT NULL AND ended_at >= ?"+wasMissed, since(from)).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("count missed tickets: %w", err)
	}
	return n, nil
}

// since is a time as it is stored, long ago for the zero time.
func since(t time.Time) int64 {
	if t.IsZero() {
		return -1 << 62
	}
	return ms(t)
}

// cut leaves limit tickets; where there was one more, a next page begins after
// the last of them.
func (p *Page) cut(limit int, place func(ticket.Ticket) mark) {
	if len(p.Tickets) > limit {
		p.Tickets = p.Tickets[:limit]
		p.Next = place(p.Tickets[limit-1]).String()
	}
}
