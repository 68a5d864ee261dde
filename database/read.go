package database

import (
	"context"
	"runtime"
)

// openReaders makes the pool that Read takes from: as many as there are
// processors, at least 4. All that has to be made is made at once, where that
// costs no network.
func (db *DB) openReaders(ctx context.Context) error {
	n := max(4, runtime.NumCPU())
	db.readers = make(chan *connection, n)
	var failed error
	for range n {
		var c *connection
		if _, here := db.engine.(*sqliteEngine); here && failed == nil {
			c, failed = db.engine.connect(ctx)
		}
		db.readers <- c
	}
	return failed
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
	return db.engine.explain(db.look(ctx, &c, fn))
}

// ReadOne is Read for a fn of one statement: that sees one picture of the
// database by itself, without the transaction around it, which is most of the
// work of a short one. fn is called once more where the connection was lost; a
// second statement is a fault.
func (db *DB) ReadOne(ctx context.Context, fn func(*Tx) error) error {
	c, err := db.reader(ctx)
	if err != nil {
		return err
	}
	defer func() { db.readers <- c }()
	had := c != nil
	if err = db.ask(ctx, &c, fn); err != nil && c == nil && had {
		err = db.ask(ctx, &c, fn)
	}
	return db.engine.explain(err)
}

// ask runs fn on a connection, which is replaced if it was lost.
func (db *DB) ask(ctx context.Context, c **connection, fn func(*Tx) error) (err error) {
	if *c == nil {
		if *c, err = db.engine.connect(ctx); err != nil {
			return err
		}
	}
	err = call(fn, &Tx{c: *c, allows: oneThatReads})
	if (*c).lost() {
		(*c).close()
		*c = nil
	}
	return err
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

// look runs fn in a transaction that sees one state of the database. A
// connection that was lost is replaced: it is not known before it is used.
func (db *DB) look(ctx context.Context, c **connection, fn func(*Tx) error) error {
	begun := func() (err error) {
		if *c == nil {
			if *c, err = db.engine.connect(ctx); err != nil {
				return err
			}
		}
		if err = (*c).beginReading(); err != nil && (*c).lost() {
			(*c).close()
			*c = nil
		}
		return err
	}
	had := *c != nil
	err := begun()
	if err != nil && *c == nil && had {
		err = begun()
	}
	if err != nil {
		return err
	}
	err = call(fn, &Tx{c: *c})
	if e := (*c).do("ROLLBACK"); err == nil {
		err = e
	}
	if (*c).lost() {
		(*c).close()
		*c = nil
	}
	return err
}

func (c *connection) beginReading() error {
	if c.postgres != nil {
		return c.do("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	}
	return c.do("BEGIN")
}
