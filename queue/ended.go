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
	After  string    // Page.Next of the page before
	Limit  int       // DefaultLimit if 0, at most MaxLimit
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
	only := ""
	if e.Missed {
		only = wasMissed
	}
	var p Page
	err := q.db.Read(ctx, func(tx *database.Tx) (err error) {
		if p.Revision, err = revision(tx); err != nil {
			return err
		}
		p.Tickets, err = q.tickets(tx, `SELECT id FROM (SELECT id FROM ticket WHERE ended_at IS NOT NULL AND (ended_at, id) < (?, ?) AND ended_at >= ?`+only+
			` ORDER BY ended_at DESC, id DESC LIMIT ?) AS w`, []driver.Value{from.since, from.id, since(e.Since), limit + 1}, "t.ended_at DESC, t.id DESC", limit+1)
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("list ended tickets: %w", err)
	}
	p.cut(limit, func(t ticket.Ticket) mark { return mark{ms(t.EndedAt), int64(t.ID)} })
	return p, nil
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
