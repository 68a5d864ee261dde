package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"inviter/invitation"
	"inviter/ticket"
)

// mostArrivals bounds how many deliveries of one invitation a ticket notes.
// Further ones are in the ledger alone.
const mostArrivals = 50

// Submit is ticket.Submit. It gives way to technicians: while somebody waits,
// a batch becomes several commits. After a fault a part of it may be recorded
// already; handing it in again is harmless, as ever.
func (q *Queue) Submit(ctx context.Context, batch []ticket.Delivery) ([]ticket.Receipt, error) {
	out := make([]ticket.Receipt, 0, len(batch))
	for len(out) < len(batch) {
		var part []ticket.Receipt
		err := q.writeBulk(ctx, func(b *book) error {
			var err error
			part, err = b.takeSome(batch[len(out):], part[:0], q.seal)
			return err
		})
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}

// takeSome records deliveries, until all are or somebody waits, and adds their
// receipts to part.
func (b *book) takeSome(batch []ticket.Delivery, part []ticket.Receipt, s *seal) ([]ticket.Receipt, error) {
	for some := range slices.Chunk(batch, abreast) {
		if err := b.look(some); err != nil {
			return nil, fmt.Errorf("submit: %w", err)
		}
		for _, d := range some {
			r, err := b.take(d, s)
			if err != nil {
				return nil, fmt.Errorf("submit %s %q: %w", d.Source, d.Item, err)
			}
			if part = append(part, r); b.tx.GiveWay() {
				return part, nil
			}
		}
	}
	return part, nil
}

// take records one delivery, unless the ledger has it already.
func (b *book) take(d ticket.Delivery, s *seal) (ticket.Receipt, error) {
	if !b.ahead.items[item{d.Source, d.Item}] {
		known, err := entry(b.tx, d.Source, d.Item)
		if err != nil {
			return ticket.Receipt{}, err
		}
		if known != nil {
			return ticket.Receipt{Item: d.Item, Outcome: known.Outcome, Tickets: known.Tickets, Before: true}, nil
		}
	}
	r := ticket.Receipt{Item: d.Item, Outcome: ticket.Ignored}
	if d.Received.IsZero() {
		d.Received = b.now
	}
	if err := b.inviteAll(d, &r, s, (*book).repeat); err != nil {
		return r, err
	}
	if d.Refusal != nil {
		if err := b.refuse(d, &r, s); err != nil {
			return r, err
		}
	}
	return r, b.record(d, r)
}

// refuse makes a refusal, unless the same thing made one before under another
// name. That stays what became of it: there, used, or dismissed.
func (b *book) refuse(d ticket.Delivery, r *ticket.Receipt, s *seal) (err error) {
	r.Outcome = better(r.Outcome, ticket.Rejected)
	if r.Known, err = b.refusedBefore(d); err != nil || r.Known {
		return err
	}
	return errors.Join(b.reject(d, s), b.mailRefusal(d))
}

func (b *book) refusedBefore(d ticket.Delivery) (bool, error) {
	if d.Imprint == (ticket.Imprint{}) {
		return false, nil
	}
	var n int
	err := b.tx.Row("SELECT count(*) FROM ledger WHERE source = ? AND imprint = ?", d.Source, d.Imprint[:]).Scan(&n)
	return n > 0, err
}

// inviteAll makes tickets of all invitations in a delivery.
func (b *book) inviteAll(d ticket.Delivery, r *ticket.Receipt, s *seal, known repeating) error {
	seen := map[invitation.Key]bool{} // copies in one mail are one
	for _, inv := range d.Invitations {
		if seen[inv.Key] {
			continue
		}
		seen[inv.Key] = true
		id, o, err := b.invite(d, inv, s, known)
		if err != nil {
			return err
		}
		r.Tickets = append(r.Tickets, id)
		r.Outcome = better(r.Outcome, o)
	}
	return nil
}

// repeating notes on a ticket that its invitation was delivered once more.
type repeating func(*book, *page, ticket.Delivery)

func (b *book) repeat(p *page, d ticket.Delivery) {
	if len(p.Ticket.Deliveries) < mostArrivals {
		p.Repeat(d)
		p.arrived, p.reply = 1, d.Reply
	}
}

// better is the outcome that says most of a delivery with several invitations.
func better(a, b ticket.Outcome) ticket.Outcome {
	for _, o := range []ticket.Outcome{ticket.Queued, ticket.Repeated, ticket.Dead, ticket.Rejected} {
		if a == o || b == o {
			return o
		}
	}
	return ticket.Ignored
}

// invite makes a ticket of one invitation, or notes on the ticket that it has
// already that it came once more.
func (b *book) invite(d ticket.Delivery, inv invitation.Invitation, s *seal, known repeating) (ticket.ID, ticket.Outcome, error) {
	if !inv.Format.File() {
		return b.inviteCode(d, inv, s, known)
	}
	if b.ahead.keys[inv.Key] {
		return b.admit(d, inv, s)
	}
	var id int64
	err := b.tx.Row("SELECT id FROM ticket WHERE inv_key = ?", inv.Key[:]).Scan(&id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if old, err := b.purgedAs(inv.Key); err != nil || old != 0 {
			return old, ticket.Repeated, err
		}
		return b.admit(d, inv, s)
	case err != nil:
		return 0, "", err
	}
	p, err := b.load(ticket.ID(id))
	if err != nil {
		return 0, "", err
	}
	return b.repeated(p, d, inv, s, known)
}

// repeated notes on a ticket that its invitation came once more.
func (b *book) repeated(p *page, d ticket.Delivery, inv invitation.Invitation, s *seal, known repeating) (ticket.ID, ticket.Outcome, error) {
	if err := b.mend(p.Ticket, inv.File, s); err != nil {
		return 0, "", err
	}
	known(b, p, d)
	return p.Ticket.ID, ticket.Repeated, b.save(p)
}

// admit makes a new ticket of an invitation.
func (b *book) admit(d ticket.Delivery, inv invitation.Invitation, s *seal) (ticket.ID, ticket.Outcome, error) {
	t := ticket.New(d, inv, b.rules, b.now)
	if err := b.enter(t, d.Reply, s); err != nil {
		return 0, "", err
	}
	if t.State.Ended() {
		return t.ID, arrivedEnded(t.State), nil
	}
	return t.ID, ticket.Queued, b.keep(t.ID, inv.File, s)
}

// enter gives a new ticket its number and its place.
func (b *book) enter(t *ticket.Ticket, reply ticket.Reply, s *seal) error {
	if err := b.open(); err != nil {
		return err
	}
	b.tip.tickets++
	t.ID = ticket.ID(b.tip.tickets)
	_, alone := b.ahead.users[t.User.Key]
	if t.User.Key == "" { // a user of its own, who can still send a fresh one from the status page
		t.User.Key, alone = "ticket:"+t.ID.String(), true
	}
	p := b.page(t)
	p.arrived, p.reply = len(t.Deliveries), reply
	if !alone {
		if err := errors.Join(b.kin(p), b.rivals(p)); err != nil {
			return err
		}
	}
	b.ahead.came(t)
	p.Submit()
	if b.doubt && t.State == ticket.Expired {
		return errDoubt
	}
	if err := b.save(p); err != nil {
		return err
	}
	return b.name(t.ID, s)
}

// arrivedEnded is the outcome of a ticket that never waited: it came too late,
// or behind a newer one of its user.
func arrivedEnded(s ticket.State) ticket.Outcome {
	if s == ticket.Expired {
		return ticket.Dead
	}
	return ticket.Queued
}

// keep stores a ticket's file, encrypted.
func (b *book) keep(id ticket.ID, file []byte, s *seal) error {
	p, err := s.close(ofTicket(id), file)
	if err != nil {
		return err
	}
	if err := b.tx.PutAside(int64(id), p.half); err != nil {
		return err
	}
	err = b.tx.Do("INSERT INTO payload (ticket, wrapped, body) VALUES (?, ?, ?)", int64(id), p.wrapped, p.body)
	return err
}

// mend gives an open ticket its file again, if it came back from a backup
// without it, or it is damaged.
func (b *book) mend(t *ticket.Ticket, file []byte, s *seal) error {
	if t.State.Ended() {
		return nil
	}
	if _, err := b.file(t.ID, s); err == nil {
		return nil
	}
	if err := b.tx.Do("DELETE FROM payload WHERE ticket = ?", int64(t.ID)); err != nil {
		return err
	}
	return b.keep(t.ID, file, s)
}

// reject records what can't be used, for people to see.
func (b *book) reject(d ticket.Delivery, s *seal) error {
	from := d.From.Address
	if from == "" {
		from = d.From.Name
	}
	var id int64
	err := b.tx.Row("INSERT INTO refusal (source, item, sender, at, code, message) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
		d.Source, d.Item, from, ms(b.now), string(d.Refusal.Code), d.Refusal.Detail).Scan(&id)
	if err != nil || d.Raw == nil {
		return err
	}
	return b.keepItem(id, d, s)
}

// record writes the delivery into the ledger. What is nothing for us may stay
// where it is, so it counts as let go.
func (b *book) record(d ticket.Delivery, r ticket.Receipt) error {
	delete(b.ahead.items, item{d.Source, d.Item})
	var code invitation.Code
	var imprint []byte
	if d.Refusal != nil {
		code = d.Refusal.Code
		if d.Imprint != (ticket.Imprint{}) {
			imprint = d.Imprint[:]
		}
	}
	free := 0
	if r.Outcome == ticket.Ignored || r.Outcome == ticket.Rejected && d.Stays {
		free = 1
	}
	err := b.tx.Do("INSERT INTO ledger (source, item, outcome, refusal, at, tickets, let_go, imprint) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		d.Source, d.Item, string(r.Outcome), string(code), ms(b.now), numbers(r.Tickets), free, imprint)
	return err
}
