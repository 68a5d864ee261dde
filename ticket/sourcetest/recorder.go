// Package sourcetest holds what every ticket.Source must pass (Run), and a
// Recorder that stands in for the queue: an honest ledger in memory, which can
// fail or crash on demand.
package sourcetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"inviter/invitation"
	"inviter/ticket"
)

// ErrFault is what a Submit answers that was told to fail.
var ErrFault = errors.New("injected fault")

// ErrCrashed is what every call answers from a crash until Restart.
var ErrCrashed = errors.New("crashed")

// Step is a moment in the life of an item at which the program can die.
type Step string

// The steps, in their order. "After" means that the step is durable, but its
// caller never learnt of it.
const (
	BeforeSubmit Step = "before submit"
	AfterSubmit  Step = "after submit"
	BeforeLetGo  Step = "before let-go" // the item may have left its place already
	AfterLetGo   Step = "after let-go"
)

// Recorder keeps what sources submit, in memory. It keeps the promises of
// ticket.Submit, ticket.Ledger, ticket.Traces and ticket.Reporter, and is safe for concurrent use. It knows no
// lifetimes: nothing is dead on arrival.
type Recorder struct {
	clock func() time.Time

	mu         sync.Mutex
	places     map[string]*place
	tickets    map[invitation.Key]ticket.ID
	deliveries []ticket.Delivery
	submits    int
	failing    int
	crash      Step
	crashed    bool
	onSubmit   func()
	desk       desk
}

// place is the ledger of one source.
type place struct {
	mark    string
	entries map[string]*ticket.Entry
	order   []string
}

// NewRecorder returns an empty one; clock stamps its entries, nil is time.Now.
func NewRecorder(clock func() time.Time) *Recorder {
	if clock == nil {
		clock = time.Now
	}
	return &Recorder{clock: clock, places: map[string]*place{}, tickets: map[invitation.Key]ticket.ID{}, desk: newDesk()}
}

// Submit is a ticket.Submit.
func (r *Recorder) Submit(ctx context.Context, batch []ticket.Delivery) ([]ticket.Receipt, error) {
	if f := r.hook(); f != nil {
		f()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.alive(ctx, BeforeSubmit); err != nil {
		return nil, err
	}
	r.submits++
	if r.failing > 0 {
		r.failing--
		return nil, ErrFault
	}
	receipts := make([]ticket.Receipt, 0, len(batch))
	for _, d := range batch {
		receipts = append(receipts, r.record(d))
	}
	if err := r.dies(AfterSubmit); err != nil {
		return nil, err
	}
	return receipts, nil
}

func (r *Recorder) hook() func() {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.onSubmit
}

// record keeps one delivery; an item known already gets its first answer again.
func (r *Recorder) record(d ticket.Delivery) ticket.Receipt {
	p := r.place(d.Source)
	if e := p.entries[d.Item]; e != nil {
		return ticket.Receipt{Item: d.Item, Outcome: e.Outcome, Tickets: slices.Clone(e.Tickets), Before: true}
	}
	e := &ticket.Entry{Item: d.Item, At: r.clock()}
	e.Outcome, e.Tickets = r.outcome(d)
	if d.Refusal != nil {
		e.Refusal = d.Refusal.Code
		e.LetGo = d.Stays && e.Outcome == ticket.Rejected
	}
	p.entries[d.Item] = e
	p.order = append(p.order, d.Item)
	r.deliveries = append(r.deliveries, d)
	return ticket.Receipt{Item: d.Item, Outcome: e.Outcome, Tickets: slices.Clone(e.Tickets)}
}

func (r *Recorder) outcome(d ticket.Delivery) (ticket.Outcome, []ticket.ID) {
	if len(d.Invitations) == 0 {
		if d.Refusal != nil {
			return ticket.Rejected, nil
		}
		return ticket.Ignored, nil
	}
	outcome, ids := ticket.Repeated, []ticket.ID{}
	for _, inv := range d.Invitations {
		id, known := r.tickets[inv.Key]
		if !known {
			outcome, id = ticket.Queued, ticket.ID(len(r.tickets)+1)
			r.tickets[inv.Key] = id
			r.opened(id)
		}
		ids = append(ids, id)
	}
	return outcome, ids
}

func (r *Recorder) place(source string) *place {
	p := r.places[source]
	if p == nil {
		p = &place{entries: map[string]*ticket.Entry{}}
		r.places[source] = p
	}
	return p
}
