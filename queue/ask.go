package queue

import (
	"context"
	"fmt"

	"inviter/ticket"
)

// Ask puts a request without a file in line. It is durable when Ask returns,
// and the same Source and Item again is the same ticket: known is true then.
func (q *Queue) Ask(ctx context.Context, r ticket.Request) (t ticket.Ticket, known bool, err error) {
	err = q.write(ctx, func(b *book) error {
		t, known, err = b.ask(r, q.seal)
		return err
	})
	if _, no := err.(*ticket.Refusal); err != nil && !no {
		err = fmt.Errorf("ask %s %q: %w", r.Source, r.Item, err)
	}
	return t, known, err
}

func (b *book) ask(r ticket.Request, s *seal) (ticket.Ticket, bool, error) {
	recorded, err := entry(b.tx, r.Source, r.Item)
	if err != nil {
		return ticket.Ticket{}, false, err
	}
	if recorded != nil && len(recorded.Tickets) > 0 {
		p, err := b.load(recorded.Tickets[0])
		if err != nil {
			return ticket.Ticket{}, false, err
		}
		return shown(p.Ticket, b.now), true, nil
	}
	t, err := ticket.NewRequest(r, b.rules, b.now)
	if err != nil {
		return ticket.Ticket{}, false, err
	}
	known, err := b.trusts(t.User.Key)
	if err != nil {
		return ticket.Ticket{}, false, err
	}
	if known && t.Kind == ticket.EasyConnect {
		t.Know()
	}
	if err := b.enter(t, ticket.Reply{}, s); err != nil {
		return ticket.Ticket{}, false, err
	}
	d := ticket.Delivery{Source: r.Source, Item: r.Item}
	return *t, false, b.record(d, ticket.Receipt{Item: r.Item, Outcome: ticket.Queued, Tickets: []ticket.ID{t.ID}})
}
