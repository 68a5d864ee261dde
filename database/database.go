// Package database opens the store that packages queue and account stand on:
// SQLite in a folder of its own, or PostgreSQL for many processes on many
// hosts, with one writer that commits waiting jobs together, a pool of readers,
// and hints when anything was committed.
//
// It knows no tickets and no accounts. Everything that is particular to an
// engine stays here: file names, pragmas, locks, placeholders, error codes,
// migrations. Both keep the same promises, so that the statements are the same:
//
//   - Write is alone among the writers of all processes from its first statement
//     until its commit can be read. So what Write does comes in one order, and
//     who reads sees it in that order, nothing left out.
//   - What Write answered is durable, and what it answered with an error isn't
//     there; but see ErrUnknown.
//   - Read sees one state, as it was at one moment.
package database

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// patience is how long a write waits for another program's lock, or for a
// server that is away, before it is answered with ErrBusy or ErrUnavailable.
const patience = 10 * time.Second

// Options says where the database lies.
type Options struct {
	// Dir is the data folder, where SQLite's files lie. It is made, for its owner
	// alone, if it is missing. PostgreSQL doesn't need it.
	Dir string
	// URL names a PostgreSQL database, as libpq reads it (PostgreSQL manual,
	// section 34.1.1): several hosts, certificates and a search_path too. "" is
	// SQLite in Dir.
	URL string
	// Log gets the migrations and the faults that no caller hears of.
	Log *slog.Logger
	// Patience is how long a write waits, 10 s if zero.
	Patience time.Duration
}

// DB is one open database. All its methods may be called at the same time.
type DB struct {
	engine   engine
	readers  chan *connection // nil stands for one that has still to be made
	writer   *writer
	changes  *changes
	watching sync.Once
	closing  sync.Once
	closed   chan struct{}
}

// Open makes or opens the database and brings its tables up to date.
//
// It refuses, in one line for people, tables that a newer program has written
// (ErrNewer), a damaged file (ErrCorrupt), one that another program keeps locked
// (ErrBusy), a folder on a network file system (ErrNetwork), and a server that
// doesn't answer (ErrUnavailable) or doesn't fit (ErrServer).
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Patience == 0 {
		o.Patience = patience
	}
	e, most, err := newEngine(o)
	if err != nil {
		return nil, err
	}
	db := &DB{engine: e, closed: make(chan struct{})}
	if err := db.start(ctx, most); err != nil {
		db.Close()
		return nil, e.explain(err)
	}
	return db, nil
}

// newEngine is the engine that o asks for, and how many jobs share a commit there.
func newEngine(o Options) (engine, int, error) {
	if o.URL != "" {
		e, err := newPostgres(o)
		return e, togetherThere, err
	}
	e, err := newSQLite(o)
	return e, togetherHere, err
}

// start migrates, then makes the connections and sets the writer going.
func (db *DB) start(ctx context.Context, most int) error {
	if err := db.engine.open(ctx); err != nil {
		return err
	}
	if err := db.openReaders(ctx); err != nil {
		return err
	}
	h, err := db.engine.hand(ctx, db.closed)
	if err != nil {
		return err
	}
	db.changes = newChanges(db.engine.follow)
	db.writer = newWriter(h, most, db.changes.tell)
	go db.writer.run()
	return nil
}

// Close finishes the commit and the reads that are under way, then closes the
// files and connections. What comes later is answered with ErrClosed.
func (db *DB) Close() error {
	var err error
	db.closing.Do(func() { err = db.shut() })
	return err
}

func (db *DB) shut() error {
	close(db.closed)
	if db.changes != nil {
		db.changes.stop(&db.watching)
	}
	for range cap(db.readers) {
		if c := <-db.readers; c != nil { // comes back when its read is done
			c.close()
		}
	}
	if db.writer != nil {
		db.writer.stop()
	}
	if err := db.engine.close(); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// Hold takes what is called name for this process alone: the right to be the
// one server, or the one watcher of a source. It is refused with ErrHeld, which
// tells who has it, while somebody else does, here or in another process.
//
// It is held until release, or until the process ends, however that ends; then
// it is free at once with SQLite, and within 15 s with PostgreSQL. held is ctx
// as long as it is held: where the database is out of reach for that long, the
// hold is lost, and held ends.
func (db *DB) Hold(ctx context.Context, name string) (held context.Context, release func(), err error) {
	held, release, err = db.engine.hold(ctx, name)
	return held, release, db.engine.explain(err)
}

// Durable tells whether what is committed survives a crash: nil, or in ErrServer
// which of a server's settings stands against it. SQLite's are the program's own.
func (db *DB) Durable(ctx context.Context) error {
	return db.engine.explain(db.engine.durable(ctx))
}

// Check reads all that is stored and tells what is wrong with it, nothing if it
// is sound. It may take long and holds nobody up.
func (db *DB) Check(ctx context.Context) ([]string, error) {
	found, err := db.engine.examine(ctx)
	return found, db.engine.explain(err)
}

// Backup writes a copy of the database, as it is at one moment, into a new file
// for its owner alone. Nobody is held up. file appears whole and durable or not
// at all; one that is there is refused with ErrExists. A server has its own
// means, so PostgreSQL's is refused with ErrServer, which names them.
//
// What lies beside the database (AsideName) is not in the copy.
func (db *DB) Backup(ctx context.Context, file string) error {
	return db.engine.explain(db.engine.backup(ctx, file))
}

// Scrub takes deleted rows out of where the engine keeps older copies of them.
// ErrBusy means that somebody is reading just now; the next attempt may succeed.
func (db *DB) Scrub(ctx context.Context) error {
	done := make(chan error, 1)
	select {
	case db.writer.scrub <- done:
		return db.engine.explain(<-done)
	case <-ctx.Done():
		return ctx.Err()
	case <-db.closed:
		return ErrClosed
	}
}
