package queue

import (
	"context"

	"inviter/ticket"
)

// Confirm binds a link to the first computer that says yes.
func (q *Queue) Confirm(ctx context.Context, id ticket.LinkID, c ticket.Computer) (ticket.Link, error) {
	return q.changeLink(ctx, id, func(b *book, l *ticket.Link) error {
		was := l.Bound
		if err := l.Confirm(c, b.now); err != nil || l.Bound.Equal(was) {
			return err
		}
		return b.noteLink(*l, ticket.EventLinkBound, ticket.ByUser)
	})
}

// AskAgain asks a link's user for another invitation.
func (q *Queue) AskAgain(ctx context.Context, id ticket.LinkID, by ticket.Technician) (ticket.Link, error) {
	return q.changeLink(ctx, id, func(b *book, l *ticket.Link) error {
		if err := l.AskAgain(by, b.now); err != nil {
			return err
		}
		return b.noteLink(*l, ticket.EventLinkAsked, by.Name)
	})
}

// CloseLink ends a link. With a result it closes, in the same instant, the
// ticket that the link brought too, if by holds it; without one that ticket
// goes on.
func (q *Queue) CloseLink(ctx context.Context, id ticket.LinkID, by ticket.Technician, result ticket.End, note string) (ticket.Link, error) {
	return q.changeLink(ctx, id, func(b *book, l *ticket.Link) error {
		was := l.Closed
		if err := l.Close(by, b.now); err != nil || l.Closed.Equal(was) {
			return err
		}
		if err := b.noteLink(*l, ticket.EventLinkClosed, by.Name); err != nil {
			return err
		}
		if result == "" || l.Ticket == 0 {
			return nil
		}
		_, err := b.change(l.Ticket, func(c *ticket.Case) error {
			if c.Ticket.Claim == nil || c.Ticket.Claim.Holder != by.Name {
				return nil
			}
			return c.Close(by, c.Ticket.Claim.Number, result, note)
		})
		return err
	})
}

// HandIn is Submit by a link's computer, straight into the hands of its
// technician, as he is now: one who may claim no more finds it in line, like
// everybody. All of it is one transaction.
func (q *Queue) HandIn(ctx context.Context, id ticket.LinkID, c ticket.Computer, d ticket.Delivery, to ticket.Technician) (ticket.Receipt, error) {
	var r ticket.Receipt
	_, err := q.changeLink(ctx, id, func(b *book, l *ticket.Link) error {
		was := l.Handed
		if err := l.Take(c, b.now); err != nil {
			return err
		}
		d.From = l.User()
		var err error
		if r, err = b.take(d, q.seal); err != nil {
			return err
		}
		if len(r.Tickets) == 0 { // nothing came of it
			l.Handed = was
		}
		return b.hand(l, r.Tickets, to)
	})
	return r, err
}

// hand gives what a link brought into a technician's hands.
func (b *book) hand(l *ticket.Link, brought []ticket.ID, to ticket.Technician) error {
	for _, id := range brought {
		t, err := b.change(id, func(c *ticket.Case) error { c.Hand(to); return nil })
		switch {
		case unknown(err): // purged long since
		case err != nil:
			return about(id, err)
		case t.User.Key == l.User().Key && !t.State.Ended():
			l.Ticket = id
		}
	}
	return nil
}

// changeLink applies one verb to a stored link. Refused verbs leave no trace.
func (q *Queue) changeLink(ctx context.Context, id ticket.LinkID, verb func(*book, *ticket.Link) error) (ticket.Link, error) {
	var l linkRow
	err := q.write(ctx, func(b *book) (err error) {
		if l, err = scanLink(b.tx.Row("SELECT "+linkColumns+" WHERE id = ?", int64(id))); err != nil {
			return err
		}
		was := l.Link
		if err := verb(b, &l.Link); err != nil || l.Link == was {
			return err
		}
		return b.saveLink(l.Link)
	})
	if err != nil {
		return ticket.Link{}, aboutLink(id, err)
	}
	return q.seal.shown(l), nil
}

// closeLinks ends the links of a technician who may help nobody any more, or
// with "" everybody's.
func (b *book) closeLinks(owner, by string) error {
	rows, err := b.tx.Query("SELECT "+linkColumns+" WHERE (owner = ? OR CAST(? AS TEXT) = '') AND closed_at IS NULL AND expires_at > ?", owner, owner, ms(b.now))
	if err != nil {
		return err
	}
	defer rows.Close()
	var open []ticket.Link
	for rows.Next() {
		l, err := scanLink(rows)
		if err != nil {
			return err
		}
		open = append(open, l.Link)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, l := range open {
		l.Closed, l.ClosedBy = b.now, by
		if err := b.saveLink(l); err != nil {
			return aboutLink(l.ID, err)
		}
		if err := b.noteLink(l, ticket.EventLinkClosed, by); err != nil {
			return err
		}
	}
	return nil
}

// noteLink appends to the log what happened to a link.
func (b *book) noteLink(l ticket.Link, kind ticket.EventKind, by string) error {
	return b.append(ticket.Event{At: b.now, Kind: kind, By: by, Other: "link " + l.ID.String()})
}
