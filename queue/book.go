package queue

import (
	"context"
	"fmt"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// book is the queue's books, open for one transaction at one moment.
type book struct {
	tx     *database.Tx
	now    time.Time
	rules  ticket.Rules
	out    ticket.Outgoing
	tip    tip
	opened bool // tip was read
	doubt  bool // whether it is that moment: the computer's clock has jumped
	events []ticket.Event
	wiped  bool
	ahead  ahead // what of the deliveries to come is new

	changed ticket.ID // the first ticket that was saved
}

// page is one case in the book, with what is stored of it.
type page struct {
	ticket.Case
	stored  map[ticket.ID]row
	arrived int          // how many of the ticket's deliveries are not stored yet
	reply   ticket.Reply // of the delivery that is being submitted
}

// write opens the book, durably: what fn changed is on the disk when write
// returns nil, and gone when it returns anything else.
func (q *Queue) write(ctx context.Context, fn func(*book) error) error {
	return q.through(ctx, q.db.Write, fn)
}

// writeBulk is write for work that nobody waits for.
func (q *Queue) writeBulk(ctx context.Context, fn func(*book) error) error {
	return q.through(ctx, q.db.WriteBulk, fn)
}

type transaction func(context.Context, func(*database.Tx) error) error

func (q *Queue) through(ctx context.Context, begin transaction, fn func(*book) error) error {
	var b *book
	request := markingOf(ctx)
	err := begin(ctx, func(tx *database.Tx) error {
		b = &book{tx: tx, now: q.now(), rules: q.rules, out: q.out, doubt: q.hours.doubted()}
		if err := fn(b); err != nil {
			return err
		}
		if request != nil {
			if err := b.mark(request); err != nil {
				return err
			}
		}
		b.close()
		return nil
	})
	if err != nil {
		return err
	}
	if request != nil && request.ticket == 0 {
		request.ticket = b.changed
	}
	if b.wiped {
		q.wiped.Store(true)
	}
	q.report(b.events)
	return nil
}

// change applies one verb to a stored ticket. Refused verbs leave no trace.
func (q *Queue) change(ctx context.Context, id ticket.ID, verb func(*ticket.Case) error) (ticket.Ticket, error) {
	var out ticket.Ticket
	err := q.write(ctx, func(b *book) error {
		t, err := b.change(id, verb)
		out = t
		return err
	})
	if err != nil {
		return ticket.Ticket{}, about(id, err)
	}
	return out, nil
}

func (b *book) change(id ticket.ID, verb func(*ticket.Case) error) (ticket.Ticket, error) {
	p, err := b.load(id)
	if err != nil {
		return ticket.Ticket{}, err
	}
	if err := verb(&p.Case); err != nil {
		return ticket.Ticket{}, err
	}
	if err := b.save(p); err != nil {
		return ticket.Ticket{}, err
	}
	return *p.Ticket, nil
}

// about adds the ticket's number to a fault. A refusal stays as it is.
func about(id ticket.ID, err error) error {
	if _, ok := err.(*ticket.Refusal); ok {
		return err
	}
	return fmt.Errorf("ticket %d: %w", id, err)
}

// report writes what happened to the program's log, once it is durable.
func (q *Queue) report(events []ticket.Event) {
	for _, e := range events {
		q.log.Info(string(e.Kind), "ticket", int64(e.Ticket), "by", e.By, "claim", e.Claim, "other", e.Other)
	}
}
