package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// How the clock works.
const (
	slice     = 200              // tickets a commit, so that a claim never waits long behind it
	longest   = 30 * time.Second // between two looks: the computer may have slept, its clock been set
	shortest  = time.Second      // between two looks because something changed
	scrubRest = time.Minute      // between two attempts to empty the journal
	noteRest  = time.Minute      // between two notes of the time
)

// Run lets the clock act until ctx ends: what waits expires at its instant,
// and claims lapse. It sleeps until the nearest instant at which something is
// due. It begins at the latest moment that whoever ran it before acted by, and
// by giving every open claim one full lease, for while we were away nobody could
// show a sign of life.
//
// One process at a time should run it, to spare effort. Where two do, nothing
// comes of it: whatever it does it judges anew inside the transaction that does
// it, by what is stored then.
//
// Faults are logged and tried again.
func (q *Queue) Run(ctx context.Context) {
	hints := q.db.Changes(ctx)
	for q.tried(ctx, errors.Join(q.takeOver(ctx), q.renewAll(ctx), q.clearHalves(ctx))) != nil {
		q.sleep(ctx, nil, shortest)
	}
	var done chores
	for ctx.Err() == nil {
		rest, err := q.tick(ctx)
		if q.tried(ctx, err) != nil {
			rest = shortest
		}
		q.tidy(ctx, &done)
		q.sleep(ctx, hints, rest)
	}
}

// chores are when each was last attempted.
type chores struct{ scrubbed, purged, noted time.Time }

// tidy does what is to be done now and then.
func (q *Queue) tidy(ctx context.Context, last *chores) {
	if q.wiped.Load() && time.Since(last.scrubbed) > scrubRest {
		last.scrubbed = time.Now()
		_ = q.tried(ctx, q.scrub(ctx))
	}
	if time.Since(last.purged) > purgeRest {
		last.purged = time.Now()
		_ = q.tried(ctx, errors.Join(q.purge(ctx), q.forgetTrust(ctx)))
	}
	if time.Since(last.noted) > noteRest {
		last.noted = time.Now()
		_ = q.tried(ctx, q.noteTime(ctx))
	}
}

// tried logs a fault, and passes it on unless ctx has ended.
func (q *Queue) tried(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return nil
	}
	if !errors.Is(err, database.ErrBusy) {
		q.log.Error("clock", "error", err)
	}
	return err
}

// sleep rests so long. A hint ends it sooner: perhaps something is due sooner.
func (q *Queue) sleep(ctx context.Context, hints <-chan struct{}, rest time.Duration) {
	timer := time.NewTimer(rest)
	defer timer.Stop()
	brief := time.NewTimer(min(rest, shortest))
	defer brief.Stop()
	select {
	case <-timer.C:
		return
	case <-ctx.Done():
		return
	case <-brief.C: // hints before that can wait: many may come
	}
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-hints:
	}
}

// tick does what is due and tells how long there is nothing more to do. Where
// nothing is, it asks once and takes no writer's turn.
func (q *Queue) tick(ctx context.Context) (time.Duration, error) {
	next, err := q.nextDue(ctx)
	if err == nil && !next.After(q.now()) {
		if err = q.sweep(ctx); err == nil {
			next, err = q.nextDue(ctx)
		}
	}
	if err != nil {
		return 0, err
	}
	return max(time.Millisecond, min(next.Sub(q.now()), longest)), nil
}

// renewAll gives every open claim at least one full lease from now on.
func (q *Queue) renewAll(ctx context.Context) error {
	until := q.now().Add(q.rules.Lease)
	renew := func(c *ticket.Case) error {
		if t := c.Ticket; t.Claim != nil && t.Claim.LeaseUntil.Before(until) {
			t.Claim.LeaseUntil = until
		}
		return nil
	}
	return q.everywhere(ctx, renew, "SELECT ticket FROM claim WHERE ended_at IS NULL AND lease_until < ? LIMIT ?",
		func() time.Time { return until })
}

// nextDue is the nearest instant at which the clock has to act, or far away.
func (q *Queue) nextDue(ctx context.Context) (time.Time, error) {
	var due int64
	err := q.db.ReadOne(ctx, func(tx *database.Tx) error {
		return tx.Row("SELECT due_at FROM ticket WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1").Scan(&due)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return q.now().Add(longest), nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("next instant: %w", err)
	}
	return at(due), nil
}

// clearHalves clears the halves of keys whose files are gone, in case the
// program ended between a ticket's end and that.
func (q *Queue) clearHalves(ctx context.Context) error {
	err := q.db.WriteBulk(ctx, func(tx *database.Tx) error {
		rows, err := tx.Query("SELECT ticket FROM payload")
		if err != nil {
			return err
		}
		files, err := numbersIn(rows)
		if err != nil {
			return err
		}
		live := make(map[int64]bool, len(files))
		for _, id := range files {
			live[int64(id)] = true
		}
		if rows, err = tx.Query("SELECT refusal FROM refused_item"); err != nil {
			return err
		}
		items, err := numbersIn(rows)
		if err != nil {
			return err
		}
		for _, id := range items {
			live[itemPlace(int64(id))] = true
		}
		return tx.KeepAside(live)
	})
	if err != nil {
		return fmt.Errorf("clear halves of keys: %w", err)
	}
	return nil
}

// scrub takes the wiped files' traces out of the database's journal.
func (q *Queue) scrub(ctx context.Context) error {
	q.wiped.Store(false)
	if err := q.db.Scrub(ctx); err != nil {
		q.wiped.Store(true)
		return err
	}
	return nil
}
