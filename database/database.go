// Package database opens the store that packages queue and account stand on:
// SQLite in a folder of its own, with one writer that commits waiting jobs
// together, a pool of readers, and hints when anything was committed.
//
// It knows no tickets and no accounts. Everything that is particular to the
// engine stays here: file names, pragmas, locks, error codes, migrations.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
)

// FileName is the database's file in the data folder. SQLite keeps two more
// beside it while the program runs, with -wal and -shm added.
const FileName = "inviter.db"

// patience is how long a write waits for another program's lock before it is
// answered with ErrBusy.
const patience = 10 * time.Second

// Options says where the database lies.
type Options struct {
	// Dir is the data folder. It is made, for its owner alone, if it is missing.
	Dir string
	// Log gets the migrations and the faults that no caller hears of.
	Log *slog.Logger
	// Patience is how long a write waits for another program's lock, 10 s if zero.
	Patience time.Duration
}

// company is who else may have the database open.
type company int

const (
	together company = iota
	alone
)

// DB is one open database. All its methods may be called at the same time.
type DB struct {
	dir, file string
	log       *slog.Logger
	writing   *sql.DB // one connection, the writer's
	reading   *sql.DB // the readers', and one more that watches for changes
	readers   chan *connection
	turn      *turn
	leave     func() // tells others that this process has the database open no more
	writer    *writer
	changes   *changes
	watching  sync.Once
	closing   sync.Once
	closed    chan struct{}
}

// Open makes or opens the database in o.Dir and brings its tables up to date.
//
// It refuses, in one line for people, a folder on a network file system
// (ErrNetwork), a file that a newer program has written (ErrNewer), a damaged
// file (ErrCorrupt), and a file another program keeps locked (ErrBusy).
func Open(ctx context.Context, o Options) (*DB, error) {
	dir, err := prepare(o.Dir)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Patience == 0 {
		o.Patience = patience
	}
	db := &DB{dir: dir, file: filepath.Join(dir, FileName), log: o.Log, closed: make(chan struct{})}
	if err := db.start(ctx, o.Patience); err != nil {
		db.Close()
		return nil, explain(db.file, err)
	}
	return db, nil
}

// start migrates, then opens the connections and sets the writer going.
func (db *DB) start(ctx context.Context, wait time.Duration) error {
	var err error
	if db.writing, err = sql.Open("sqlite", dsn(db.file, writes, wait)); err != nil {
		return fmt.Errorf("open %s: %w", db.file, err)
	}
	db.writing.SetMaxOpenConns(1)
	if db.leave, err = use(db.dir, together); err != nil {
		return err
	}
	if db.turn, err = openTurn(db.file); err != nil {
		return err
	}
	if err := db.turn.take(wait); err != nil {
		return err
	}
	err = migrate(ctx, db.writing, db.log)
	db.turn.give()
	if err != nil {
		return err
	}
	if err := db.openReaders(ctx, wait); err != nil {
		return err
	}
	beside, err := openAside(filepath.Join(db.dir, AsideName))
	if err != nil {
		return err
	}
	c, err := connect(ctx, db.writing, writes)
	if err != nil {
		beside.close()
		return err
	}
	db.writer = newWriter(c, beside, db.turn, wait, db.changes.tell)
	go db.writer.run()
	return nil
}

// Close finishes the commit and the reads that are under way, then closes the
// files. What comes later is answered with ErrClosed.
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
		c := <-db.readers // comes back when its read is done
		c.close()
	}
	if db.writer != nil {
		db.writer.stop()
	}
	if db.turn != nil {
		db.turn.close()
	}
	var err error
	for _, pool := range []*sql.DB{db.reading, db.writing} {
		if pool != nil {
			err = errors.Join(err, pool.Close())
		}
	}
	if db.leave != nil {
		db.leave()
	}
	if err != nil {
		return fmt.Errorf("close %s: %w", db.file, err)
	}
	return nil
}
