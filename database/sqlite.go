package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"
)

// FileName is the database's file in the data folder. SQLite keeps two more
// beside it while the program runs, with -wal and -shm added.
const FileName = "inviter.db"

// company is who else may have the database open.
type company int

const (
	together company = iota
	alone
)

// sqliteEngine is a database in a file.
type sqliteEngine struct {
	dir, file string
	log       *slog.Logger
	wait      time.Duration
	writing   *sql.DB // one connection, the writer's
	reading   *sql.DB // the readers', and one more that watches for changes
	turn      *turn
	leave     func() // tells others that this process has the database open no more
}

func newSQLite(o Options) (engine, error) {
	dir, err := prepare(o.Dir)
	if err != nil {
		return nil, err
	}
	return &sqliteEngine{dir: dir, file: filepath.Join(dir, FileName), log: o.Log, wait: o.Patience}, nil
}

func (e *sqliteEngine) open(ctx context.Context) (err error) {
	if e.writing, err = sql.Open("sqlite", dsn(e.file, writes, e.wait)); err != nil {
		return fmt.Errorf("open %s: %w", e.file, err)
	}
	e.writing.SetMaxOpenConns(1)
	if e.reading, err = sql.Open("sqlite", dsn(e.file, reads, e.wait)); err != nil {
		return fmt.Errorf("open %s: %w", e.file, err)
	}
	if e.leave, err = use(e.dir, together); err != nil {
		return err
	}
	if e.turn, err = openTurn(e.file); err != nil {
		return err
	}
	if err := e.turn.take(e.wait); err != nil {
		return err
	}
	defer e.turn.give()
	return migrate(ctx, e.writing, sqliteSteps(), e.log)
}

func (e *sqliteEngine) connect(ctx context.Context) (*connection, error) {
	return connect(ctx, e.reading, inspectReader)
}

func (e *sqliteEngine) close() error {
	if e.turn != nil {
		e.turn.close()
	}
	var err error
	for _, pool := range []*sql.DB{e.reading, e.writing} {
		if pool != nil {
			err = errors.Join(err, pool.Close())
		}
	}
	if e.leave != nil {
		e.leave()
	}
	return err
}

// durable was checked with each connection.
func (e *sqliteEngine) durable(context.Context) error { return nil }

// follow looks for commits until quit: data_version moves when any other
// connection commits. A database that can't be read is reported once, and
// looked at further.
func (e *sqliteEngine) follow(tell func(), quit <-chan struct{}) {
	c, err := e.connect(context.Background())
	if err != nil {
		e.log.Error("database unreadable", "error", err)
		return
	}
	defer c.close()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	last, failing := int64(-1), false
	for {
		version, err := dataVersion(c)
		if err != nil && !failing {
			e.log.Error("database unreadable", "error", err)
		}
		if failing = err != nil; !failing && version != last {
			last = version
			tell()
		}
		select {
		case <-tick.C:
		case <-quit:
			return
		}
	}
}

func dataVersion(c *connection) (v int64, err error) {
	st, err := c.statement("PRAGMA data_version")
	if err != nil {
		return 0, err
	}
	err = st.QueryRow().Scan(&v)
	return v, err
}

// sqliteHand writes to the file.
type sqliteHand struct {
	c     *connection
	mover *mover
	aside *aside
	turn  *turn
	wait  time.Duration // how long another program's lock is waited for
}

func (e *sqliteEngine) hand(ctx context.Context, _ <-chan struct{}) (hand, error) {
	beside, err := openAside(filepath.Join(e.dir, AsideName))
	if err != nil {
		return nil, err
	}
	c, err := connect(ctx, e.writing, inspectWriter)
	if err != nil {
		beside.close()
		return nil, err
	}
	m, err := e.connect(ctx)
	if err != nil {
		c.close()
		beside.close()
		return nil, err
	}
	return &sqliteHand{c: c, mover: newMover(m, e.log), aside: beside, turn: e.turn, wait: e.wait}, nil
}

// begin takes the write lock, which other processes may hold for a while.
func (h *sqliteHand) begin() (*connection, beside, error) {
	start := time.Now()
	if err := h.turn.take(h.wait); err != nil {
		return nil, nil, err
	}
	for {
		err := h.c.do("BEGIN IMMEDIATE")
		if err == nil {
			return h.c, h.aside, nil
		}
		if !busy(err) || time.Since(start) > h.wait {
			h.turn.give()
			return nil, nil, err
		}
	}
}

// before opens the job's savepoint with the first statement that writes, so
// that a job which only reads costs none.
func (h *sqliteHand) before(tx *Tx, writes bool) error {
	if !writes || tx.wrote {
		return nil
	}
	tx.wrote = true
	if tx.shared {
		return h.c.do("SAVEPOINT job")
	}
	return nil
}

// settle can fail for a full disk, which undoes the whole transaction.
func (h *sqliteHand) settle(j *job) error {
	if !j.tx.shared || !j.tx.wrote {
		return nil
	}
	if j.err != nil {
		if err := h.c.do("ROLLBACK TO job"); err != nil {
			return fmt.Errorf("%w after %w", err, j.err)
		}
	}
	return h.c.do("RELEASE job")
}

func (h *sqliteHand) commit() error {
	err := h.aside.flush(false)
	if err == nil {
		err = h.c.do("COMMIT")
	}
	if err != nil {
		_ = h.undo()
		return err
	}
	h.mover.committed()
	return nil
}

func (h *sqliteHand) undo() error { return h.c.do("ROLLBACK") }

// done clears the places that the committed jobs gave up. What can't be
// cleared now is found when the queue is next started.
func (h *sqliteHand) done(committed []*job) {
	for _, j := range committed {
		if j.err != nil {
			continue
		}
		for _, place := range j.tx.cleared {
			_ = h.aside.clear(place)
		}
	}
	h.turn.give()
}

func (h *sqliteHand) wanted() bool { return h.turn.wanted() }

func (h *sqliteHand) close() {
	h.mover.close()
	_ = h.aside.flush(true) // only cleared places are left
	h.aside.close()
	h.c.close()
}
