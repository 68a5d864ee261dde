package database

import (
	"bytes"
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// mostLater bounds what waits to be sent together.
const mostLater = 200

// Do runs a statement of which nobody wants to know how many rows it changed.
//
// On a server it goes out with the others before the next statement that is
// waited for, all in one round trip. An error may come with that one, or when
// the job has returned; whenever it comes, the job is undone and its Write
// answers it.
func (tx *Tx) Do(query string, args ...driver.Value) error {
	if tx.c.postgres == nil || tx.hand == nil {
		_, err := tx.Exec(query, args...)
		return err
	}
	if err := tx.hand.before(tx, true); err != nil {
		return err
	}
	return tx.c.later(query, args...)
}

// later keeps a statement until flush.
func (c *connection) later(query string, args ...driver.Value) error {
	values, err := storedValues(args)
	if err != nil {
		return fmt.Errorf("%s: %w", head(query), err)
	}
	c.waiting = append(c.waiting, &pgx.QueuedQuery{SQL: query, Arguments: values})
	if len(c.waiting) < mostLater {
		return nil
	}
	return c.flush()
}

// flush sends what waits, and waits for its outcome. Once one of them failed,
// so do all until the job is undone: the server says only with the first one why.
func (c *connection) flush() error {
	if c.failed != nil {
		return c.failed
	}
	if len(c.waiting) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	for _, q := range c.waiting {
		batch.Queue(numbered(q.SQL), q.Arguments...)
	}
	sent := c.waiting
	c.waiting = nil
	results := c.postgres.SendBatch(context.Background(), batch)
	for _, q := range sent {
		if _, err := results.Exec(); err != nil {
			c.failed = fmt.Errorf("%s: %w", head(q.SQL), err)
			break
		}
	}
	if err := results.Close(); err != nil && c.failed == nil {
		c.failed = fmt.Errorf("send statements: %w", err)
	}
	return c.failed
}

// forget drops what waits: what it belonged to is undone.
func (c *connection) forget() { c.waiting, c.failed = nil, nil }

// storedValues are args as database/sql and anyText would pass them on.
func storedValues(args []driver.Value) ([]any, error) {
	out := make([]any, len(args))
	for i, a := range args {
		if v, ok := a.(driver.Valuer); ok {
			var err error
			if a, err = v.Value(); err != nil {
				return nil, err
			}
		}
		if b, ok := a.([]byte); ok {
			a = bytes.Clone(b) // its owner may go on with it
		}
		out[i] = storedValue(a)
	}
	return out, nil
}
