package program

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"inviter/account"
	"inviter/config"
	"inviter/database"
	"inviter/queue"
	"inviter/share"
	"inviter/templates"
	"inviter/ticket"
	"inviter/watch"
)

// Store is the data folder, opened: what every command that needs it works on.
type Store struct {
	DB       *database.DB
	Queue    *queue.Queue
	Accounts *account.Accounts

	receipts *templates.Receipts
}

// OpenStore opens the database and what stands on it, and makes them at the
// first start. Several programs may have one store open. It is brief, and not
// broken off where ctx ends: a migration is best finished.
func OpenStore(ctx context.Context, c config.Config, log *slog.Logger) (*Store, error) {
	ctx = context.WithoutCancel(ctx)
	receipts, err := templates.NewReceipts(c.Web.TimeZone, c.Language, c.Web.PublicURL)
	if err != nil {
		return nil, err
	}
	if c.Database != "" && filepath.Dir(c.KeyFile) == filepath.Clean(c.Data) { // a server makes no folder for us
		if err := os.MkdirAll(c.Data, 0o700); err != nil {
			return nil, fmt.Errorf("data folder: %w", err)
		}
	}
	db, err := database.Open(ctx, database.Options{Dir: c.Data, URL: c.Database, Log: log})
	if err != nil {
		return nil, err
	}
	q, err := queue.Open(ctx, queue.Options{
		DB: db, KeyFile: c.KeyFile, Rules: Rules(c.Tickets), Keep: c.Tickets.KeepHistory, Outgoing: outgoing(c), Clock: time.Now, Log: log,
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{DB: db, Queue: q, Accounts: account.New(db, time.Now), receipts: receipts}, nil
}

// Close closes the database. Whoever uses it should have ended.
func (s *Store) Close() error { return s.DB.Close() }

// Alone is the right to do what only one of all programs on the store may do at
// a time.
func (s *Store) Alone(what string) func(context.Context) (held context.Context, release func(), err error) {
	return func(ctx context.Context) (context.Context, func(), error) { return s.DB.Hold(ctx, what) }
}

// clockRest is how soon a program notices that no other keeps the clock.
const clockRest = time.Second

// Clock is what a server holds that keeps the queue's clock, see Hold.
const Clock = "clock"

// RunClock lets the queue's clock act until ctx ends, in one of the programs on
// the store at a time.
func (s *Store) RunClock(ctx context.Context) {
	for ctx.Err() == nil {
		held, release, err := s.DB.Hold(ctx, Clock)
		if err == nil {
			s.Queue.Run(held)
			release()
		}
		select {
		case <-ctx.Done():
		case <-time.After(clockRest):
		}
	}
}

// Well tells whether the database answers.
func (s *Store) Well(ctx context.Context) bool {
	_, err := s.Queue.Revision(ctx)
	return err == nil
}

// Rules are the life of a ticket as configured.
func Rules(t config.Tickets) ticket.Rules {
	r := ticket.DefaultRules()
	r.Lifetime, r.MaxLifetime, r.Lease, r.Grace = t.Lifetime, t.MaxLifetime, t.Lease, t.Grace
	r.Networks = t.AllowedNetworks
	return r
}

// Sources opens the configured sources on the store's ledger.
func (s *Store) Sources(c config.Config, log *slog.Logger) []watch.Source {
	return watch.Open(c, watch.Means{Ledger: s.Queue, Safe: s.Queue.Safe(c.Data), Clock: time.Now, Log: log,
		Answers: share.Answers{Traces: s.Queue, Reporter: s.Queue, Words: s.receipts.Text}})
}

// Watcher watches sources for the store. At one time each of them is watched by
// one program on it.
func (s *Store) Watcher(sources []watch.Source, log *slog.Logger) (*watch.Watcher, error) {
	return watch.New(watch.Options{
		Sources: sources,
		Submit:  s.Queue.Submit,
		States:  s.Queue,
		Wishes:  s.Queue,
		Hold: func(ctx context.Context, source string) (context.Context, func(), error) {
			return s.DB.Hold(ctx, "source "+source)
		},
		Clock: time.Now,
		Log:   log,
	})
}

// NothingToWatch is the mistake of starting a watcher without sources.
func NothingToWatch(w *World) error {
	return Misuse(fmt.Sprintf("nothing to watch: write a [[mailbox]] or a [[share]] into %s", w.File()))
}
