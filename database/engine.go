package database

import (
	"context"
	"time"
)

// engine is one kind of database: how it is reached, what is particular to its
// transactions, and what its errors mean.
type engine interface {
	// open brings the tables up to date.
	open(ctx context.Context) error
	// connect makes a connection that only reads.
	connect(ctx context.Context) (*connection, error)
	// hand is the writer's, once. Where it waits it stops when quit is closed.
	hand(ctx context.Context, quit <-chan struct{}) (hand, error)
	// follow calls tell after other processes' commits, until quit is closed.
	follow(tell func(), quit <-chan struct{})
	// hold takes what one process may have at a time, as Hold says.
	hold(ctx context.Context, name string) (held context.Context, release func(), err error)
	// examine tells what is wrong with what is stored.
	examine(ctx context.Context) ([]string, error)
	// durable is Durable.
	durable(ctx context.Context) error
	// backup is Backup.
	backup(ctx context.Context, file string) error
	// explain adds to an engine's error which of ours it is, and what to do.
	// Other errors pass unchanged.
	explain(err error) error
	close() error
}

// hand is what writes: one transaction at a time, alone among the writers of
// all processes.
type hand interface {
	// begin waits for its turn and begins a transaction. After an error none is.
	begin() (*connection, beside, error)
	// before is told of each statement of a job.
	before(tx *Tx, writes bool) error
	// settle keeps or undoes one job's part of the transaction. Its error means
	// that the whole transaction is gone.
	settle(j *job) error
	// commit makes the transaction durable, or tells why nothing of it is there.
	commit() error
	// undo takes the transaction back.
	undo() error
	// done ends the turn; after begin it comes once, whatever came between.
	done(committed []*job)
	// wanted tells whether others may wait for this turn to end.
	wanted() bool
	// scrub is Scrub.
	scrub() error
	close()
}

// beside keeps what no backup carries, for one writing transaction.
type beside interface {
	get(place int64) (Aside, error)
	put(place int64, v Aside) error
	keepOnly(live map[int64]bool) error
}

// together is how many jobs share a commit at most.
const (
	togetherHere  = 512 // without a network between
	togetherThere = 60  // each is a subtransaction, of which a server keeps 64 at hand
)

// share is how long bulk work may go on while others wait.
const share = 2 * time.Millisecond
