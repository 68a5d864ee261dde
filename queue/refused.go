package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"inviter/invitation"
	"inviter/ticket"
)

// aboutRefusal adds the refusal's number to a fault.
func aboutRefusal(id int64, err error) error {
	var no *ticket.Refusal
	if err == nil || errors.As(err, &no) {
		return err
	}
	return fmt.Errorf("refusal %d: %w", id, err)
}

// named is what the log calls a refusal.
func named(id int64, source string) string { return string(ofRefusal(id)) + " of " + source }

// Kept hands a refused item to a lead, and notes in the log that it did, to
// whom, and from where he asked.
func (q *Queue) Kept(ctx context.Context, id int64, by ticket.Technician, from string) (k ticket.Kept, err error) {
	if !by.Dismisses() {
		return k, &ticket.Refusal{Code: ticket.CodeForbidden}
	}
	err = q.write(ctx, func(b *book) error {
		if k, err = b.kept(id, q.seal); err != nil {
			return err
		}
		return b.append(ticket.Event{At: b.now, Kind: ticket.EventRefusalFetched, By: by.Name, Other: named(id, k.Source), Note: from})
	})
	return k, aboutRefusal(id, err)
}

// DismissRefusal throws a refused item away for good. Its delivery stays recorded, so
// that it isn't taken up again.
func (q *Queue) DismissRefusal(ctx context.Context, id int64, by ticket.Technician) error {
	if !by.Dismisses() {
		return &ticket.Refusal{Code: ticket.CodeForbidden}
	}
	err := q.write(ctx, func(b *book) error {
		var source string
		err := b.tx.Row("SELECT source FROM refusal WHERE id = ?", id).Scan(&source)
		if errors.Is(err, sql.ErrNoRows) {
			return &ticket.Refusal{Code: ticket.CodeUnknown, Detail: "no such refusal; perhaps somebody was faster"}
		}
		if err != nil {
			return err
		}
		if err := b.dropRefusal(id); err != nil {
			return err
		}
		return b.append(ticket.Event{At: b.now, Kind: ticket.EventRefusalDismissed, By: by.Name, Other: named(id, source)})
	})
	return aboutRefusal(id, err)
}

// Retry has a refused item read once more and records what it holds under the
// same delivery: what is a ticket already stays the one it is. The refusal is
// gone then; where the item is refused again it stays, with the new reason,
// which comes back as an *invitation.Refusal.
func (q *Queue) Retry(ctx context.Context, id int64, by ticket.Technician, read ticket.Reread) (r ticket.Receipt, err error) {
	if !by.Retries() {
		return r, &ticket.Refusal{Code: ticket.CodeForbidden}
	}
	var k ticket.Kept
	err = q.write(ctx, func(b *book) error { k, err = b.kept(id, q.seal); return err })
	if err != nil {
		return r, aboutRefusal(id, err)
	}
	d, err := read(k)
	if err != nil {
		return r, aboutRefusal(id, err)
	}
	d.Source, d.Item = k.Source, k.Item
	if d.Received.IsZero() {
		d.Received = k.Received
	}
	err = q.write(ctx, func(b *book) error { r, err = b.anew(id, d, by, q.seal); return err })
	if err == nil && d.Refusal != nil {
		return r, d.Refusal
	}
	return r, aboutRefusal(id, err)
}

// anew records a refused delivery that was read once more.
func (b *book) anew(id int64, d ticket.Delivery, by ticket.Technician, s *seal) (r ticket.Receipt, err error) {
	if _, err := b.kept(id, s); err != nil { // perhaps somebody was faster
		return r, err
	}
	r = ticket.Receipt{Item: d.Item, Outcome: ticket.Ignored}
	if err := b.inviteAll(d, &r, s, (*book).repeatFromElsewhere); err != nil {
		return r, err
	}
	if d.Refusal != nil {
		r.Outcome = better(r.Outcome, ticket.Rejected)
		_, err = b.tx.Exec("UPDATE refusal SET code = ?, message = ? WHERE id = ?", string(d.Refusal.Code), d.Refusal.Detail, id)
	} else {
		err = b.dropRefusal(id)
	}
	if err != nil {
		return r, err
	}
	e := ticket.Event{At: b.now, Kind: ticket.EventRefusalRetried, By: by.Name, Other: named(id, d.Source), Note: string(r.Outcome)}
	if len(r.Tickets) > 0 {
		e.Ticket = r.Tickets[0]
	}
	if err := b.append(e); err != nil {
		return r, err
	}
	return r, b.recordAnew(d, &r)
}

// recordAnew writes into the ledger what became of a delivery in the end. What
// it had brought before, beside what was refused, stays its own.
func (b *book) recordAnew(d ticket.Delivery, r *ticket.Receipt) error {
	known, err := entry(b.tx, d.Source, d.Item)
	if err != nil {
		return err
	}
	if known != nil {
		for _, id := range known.Tickets {
			if !slices.Contains(r.Tickets, id) {
				r.Tickets = append(r.Tickets, id)
			}
		}
		if len(known.Tickets) > 0 {
			r.Outcome = better(r.Outcome, known.Outcome)
		}
	}
	var code invitation.Code
	if d.Refusal != nil {
		code = d.Refusal.Code
	}
	_, err = b.tx.Exec("UPDATE ledger SET outcome = ?, refusal = ?, tickets = ? WHERE source = ? AND item = ?",
		string(r.Outcome), string(code), numbers(r.Tickets), d.Source, d.Item)
	return err
}

// repeatFromElsewhere notes a delivery that the ticket doesn't know of yet: of
// what lay beside a refused part it does.
func (b *book) repeatFromElsewhere(p *page, d ticket.Delivery) {
	for _, a := range p.Ticket.Deliveries {
		if a.Source == d.Source && a.At.Sub(d.Received).Abs() < time.Millisecond {
			return
		}
	}
	b.repeat(p, d)
}
