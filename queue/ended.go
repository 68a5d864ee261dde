package queue

import (
	"context"
	"database/sql/driver"
	"fmt"

	"inviter/database"
	"inviter/ticket"
)

// Ended gives one page of the ended tickets, the latest end first. after is
// the Next of the page before; a bad one is refused with bad-request.
func (q *Queue) Ended(ctx context.Context, after string, limit int) (Page, error) {
	from := mark{since: 1 << 62}
	if after != "" {
		var err error
		if from, err = parseMark(after); err != nil {
			return Page{}, err
		}
	}
	if limit = min(limit, MaxLimit); limit <= 0 {
		limit = DefaultLimit
	}
	var p Page
	err := q.db.Read(ctx, func(tx *database.Tx) (err error) {
		if p.Revision, err = revision(tx); err != nil {
			return err
		}
		p.Tickets, err = q.tickets(tx, `SELECT id FROM (SELECT id FROM ticket WHERE ended_at IS NOT NULL AND (ended_at, id) < (?, ?)
			ORDER BY ended_at DESC, id DESC LIMIT ?) AS w`, []driver.Value{from.since, from.id, limit + 1}, "t.ended_at DESC, t.id DESC", limit+1)
		return err
	})
	if err != nil {
		return Page{}, fmt.Errorf("list ended tickets: %w", err)
	}
	p.cut(limit, func(t ticket.Ticket) mark { return mark{ms(t.EndedAt), int64(t.ID)} })
	return p, nil
}

// cut leaves limit tickets; where there was one more, a next page begins after
// the last of them.
func (p *Page) cut(limit int, place func(ticket.Ticket) mark) {
	if len(p.Tickets) > limit {
		p.Tickets = p.Tickets[:limit]
		p.Next = place(p.Tickets[limit-1]).String()
	}
}
