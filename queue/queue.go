// Package queue keeps tickets, claims, the ledger of what sources delivered,
// and the log of all that happened.
//
// Every verb is one transaction with one way through: load the ticket and its
// user's others, apply a pure verb of package ticket, save what changed, append
// to the log (book.go). The transaction takes the write lock before it reads,
// so no other writer, in this process or another, slips between question and
// answer.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// Options are what a queue stands on.
type Options struct {
	DB *database.DB
	// KeyFile holds the key of the invitation files. It is made at the first
	// start, for its owner alone; keep a copy of it apart from the backups.
	KeyFile string
	Rules   ticket.Rules
	// Keep is how long ended tickets are kept; for ever if 0.
	Keep time.Duration
	// Outgoing is which mails and webhook calls are written into the outbox.
	Outgoing ticket.Outgoing
	// Clock tells the time; time.Now if nil.
	Clock func() time.Time
	// Steady tells how long ago some moment was, by a clock that nobody sets.
	// If nil it is read from Clock, whose times should carry a monotonic reading
	// as time.Now's do; jumps of a clock without one aren't noticed.
	Steady func() time.Duration
	// Log gets a line for everything that happens to tickets.
	Log *slog.Logger
}

// Queue is the queue. Its methods may be called at the same time, and by
// several processes on the same database.
//
// A *ticket.Refusal is an expected no. Any other error is a fault: nothing was
// recorded that was not answered.
type Queue struct {
	db    *database.DB
	seal  *seal
	rules ticket.Rules
	out   ticket.Outgoing
	keep  time.Duration
	hours *hours
	log   *slog.Logger
	wiped atomic.Bool  // since the last scrub
	kept  atomic.Int64 // answers
}

var _ ticket.Ledger = (*Queue)(nil)

// Open opens the queue in a database. It refuses to start when the key file is
// missing or another one although there are files under the old key
// (ErrKeyMissing, ErrKeyWrong): it never makes a new key over old data.
func Open(ctx context.Context, o Options) (*Queue, error) {
	if o.DB == nil {
		return nil, errors.New("queue: no database")
	}
	q := &Queue{db: o.DB, rules: o.Rules, out: o.Outgoing, keep: o.Keep, log: o.Log}
	if q.log == nil {
		q.log = slog.New(slog.DiscardHandler)
	}
	high, err := highest(ctx, o.DB)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	q.hours = newHours(o, high, q.log)
	if q.seal, err = openKey(ctx, o.DB, o.KeyFile, q.log); err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	if err := q.nameAll(ctx); err != nil {
		return nil, fmt.Errorf("queue: status pages: %w", err)
	}
	return q, nil
}

// Notify gives a hint after every change, of this process or another: read
// Changed and Sources again. It works as database.Changes does.
func (q *Queue) Notify(ctx context.Context) <-chan struct{} { return q.db.Changes(ctx) }

// now is the queue's time, as exact as it is stored.
func (q *Queue) now() time.Time { return q.hours.now() }
