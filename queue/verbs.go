package queue

import (
	"context"
	"fmt"
	"unicode/utf8"

	"inviter/ticket"
)

// Claim gives the ticket to a technician; of many who try at once, one
// succeeds. The others are refused: taken, by whom and since when.
func (q *Queue) Claim(ctx context.Context, id ticket.ID, by ticket.Technician) (ticket.Ticket, error) {
	return q.change(ctx, id, func(c *ticket.Case) error { return c.Claim(by) })
}

// Renew is a sign of life of the holder.
func (q *Queue) Renew(ctx context.Context, id ticket.ID, by ticket.Technician, claim int) (ticket.Ticket, error) {
	return q.change(ctx, id, func(c *ticket.Case) error { return c.Renew(by, claim) })
}

// Connected notes that the holder is connected to the user's PC.
func (q *Queue) Connected(ctx context.Context, id ticket.ID, by ticket.Technician, claim int) (ticket.Ticket, error) {
	return q.change(ctx, id, func(c *ticket.Case) error { return c.Connect(by, claim) })
}

// Undo takes back a claim that was just made by mistake.
func (q *Queue) Undo(ctx context.Context, id ticket.ID, by ticket.Technician, claim int) (ticket.Ticket, error) {
	return q.change(ctx, id, func(c *ticket.Case) error { return c.Undo(by, claim) })
}

// Release hands the ticket back to its old place in line.
func (q *Queue) Release(ctx context.Context, id ticket.ID, by ticket.Technician, claim int, reason ticket.Reason, note string) (ticket.Ticket, error) {
	return q.noted(ctx, id, note, func(c *ticket.Case) error { return c.Release(by, claim, reason, note) })
}

// Close ends the ticket with a result.
func (q *Queue) Close(ctx context.Context, id ticket.ID, by ticket.Technician, claim int, result ticket.End, note string) (ticket.Ticket, error) {
	return q.noted(ctx, id, note, func(c *ticket.Case) error { return c.Close(by, claim, result, note) })
}

// Transfer passes the claim on to a colleague.
func (q *Queue) Transfer(ctx context.Context, id ticket.ID, by ticket.Technician, claim int, to ticket.Technician) (ticket.Ticket, error) {
	return q.change(ctx, id, func(c *ticket.Case) error { return c.Transfer(by, claim, to) })
}

// TakeOver gives a claimed ticket to somebody else, who says why.
func (q *Queue) TakeOver(ctx context.Context, id ticket.ID, by ticket.Technician, reason string) (ticket.Ticket, error) {
	return q.noted(ctx, id, reason, func(c *ticket.Case) error { return c.TakeOver(by, reason) })
}

// Dismiss frees every ticket that holder has, at once, for he may hold none any
// more, and closes his support links; by is who saw to that. It is no refusal if
// he holds none.
func (q *Queue) Dismiss(ctx context.Context, holder, by string) error {
	err := q.write(ctx, func(b *book) error {
		rows, err := b.tx.Query("SELECT ticket FROM claim WHERE ended_at IS NULL AND holder = ?", holder)
		if err != nil {
			return err
		}
		all, err := numbersIn(rows)
		if err != nil {
			return err
		}
		for _, id := range all {
			if _, err := b.change(id, func(c *ticket.Case) error { return c.Dismiss(holder, by) }); err != nil {
				return about(id, err)
			}
		}
		return b.closeLinks(holder, by)
	})
	if err != nil {
		return fmt.Errorf("free the tickets of %s: %w", holder, err)
	}
	return nil
}

// Approve lets a quarantined ticket into the line.
func (q *Queue) Approve(ctx context.Context, id ticket.ID, by ticket.Technician) (ticket.Ticket, error) {
	return q.change(ctx, id, func(c *ticket.Case) error { return c.Approve(by) })
}

// Refuse ends a quarantined ticket.
func (q *Queue) Refuse(ctx context.Context, id ticket.ID, by ticket.Technician, note string) (ticket.Ticket, error) {
	return q.noted(ctx, id, note, func(c *ticket.Case) error { return c.Refuse(by, note) })
}

// Withdraw is the user's own end of the ticket.
func (q *Queue) Withdraw(ctx context.Context, id ticket.ID) (ticket.Ticket, error) {
	return q.change(ctx, id, (*ticket.Case).Withdraw)
}

// Disown is the user's "I didn't ask for this".
func (q *Queue) Disown(ctx context.Context, id ticket.ID) (ticket.Ticket, error) {
	return q.change(ctx, id, (*ticket.Case).Disown)
}

// Tell is the user's word after a close: it works, or not.
func (q *Queue) Tell(ctx context.Context, id ticket.ID, works bool) (ticket.Ticket, error) {
	return q.change(ctx, id, func(c *ticket.Case) error { return c.Tell(works) })
}

// MaxNote bounds what a technician writes with a verb, in bytes.
const MaxNote = 4000

// noted is change for verbs that come with a text of a person's.
func (q *Queue) noted(ctx context.Context, id ticket.ID, note string, verb func(*ticket.Case) error) (ticket.Ticket, error) {
	if len(note) > MaxNote || !utf8.ValidString(note) {
		return ticket.Ticket{}, &ticket.Refusal{Code: ticket.CodeBadRequest, Detail: "note"}
	}
	return q.change(ctx, id, verb)
}
