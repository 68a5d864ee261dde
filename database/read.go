package database

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"time"
)

// openReaders opens the pool that Read takes from: as many as there are
// processors, at least 4, and one more that notices other processes' commits.
func (db *DB) openReaders(ctx context.Context, wait time.Duration) error {
	n := max(4, runtime.NumCPU())
	var err error
	if db.reading, err = sql.Open("sqlite", dsn(db.file, reads, wait)); err != nil {
		return fmt.Errorf("open %s: %w", db.file, err)
	}
	c, err := connect(ctx, db.reading, reads)
	if err != nil {
		return err
	}
	db.changes = newChanges(c, db.log)
	pool := make(chan *connection, n)
	for range n {
		if c, err = connect(ctx, db.reading, reads); err != nil {
			break
		}
		pool <- c
	}
	if err != nil {
		for range len(pool) {
			c = <-pool
			c.close()
		}
		return err
	}
	db.readers = pool
	return nil
}

// Read gives fn one consistent picture of the database: nothing that is
// committed meanwhile is seen. It waits for nobody's writing. fn should be
// short, for the journal can't be trimmed behind it; ctx bounds only the wait
// for a free reader.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	c, err := db.reader(ctx)
	if err != nil {
		return err
	}
	defer func() { db.readers <- c }()
	return explain(db.file, c.look(fn))
}

func (db *DB) reader(ctx context.Context) (*connection, error) {
	select {
	case <-db.closed:
		return nil, ErrClosed
	default:
	}
	select {
	case c := <-db.readers:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-db.closed:
		return nil, ErrClosed
	}
}

// look runs fn in a transaction that sees one state of the database.
func (c *connection) look(fn func(*Tx) error) error {
	if err := c.do("BEGIN"); err != nil {
		return err
	}
	err := call(fn, &Tx{c: c})
	if e := c.do("ROLLBACK"); err == nil {
		err = e
	}
	return err
}
