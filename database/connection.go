package database

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// connection is one connection with the statements it has prepared.
type connection struct {
	conn     *sql.Conn
	stmts    map[string]*sql.Stmt
	postgres *pgx.Conn          // the same connection as its driver knows it; nil with SQLite
	waiting  []*pgx.QueuedQuery // see Tx.Do
	failed   error              // of what waited
}

// connect takes a connection out of pool, for good, and checks its settings.
func connect(ctx context.Context, pool *sql.DB, check func(context.Context, *sql.Conn) error) (*connection, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if err := check(ctx, conn); err != nil {
		conn.Close()
		return nil, err
	}
	return &connection{conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

// statement is query, prepared once. It is the one place that every
// statement's text passes that is waited for.
func (c *connection) statement(query string) (*sql.Stmt, error) {
	if err := c.flush(); err != nil {
		return nil, err
	}
	if st, ok := c.stmts[query]; ok {
		return st, nil
	}
	text := query
	if c.postgres != nil {
		text = numbered(query)
	}
	st, err := c.conn.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", head(query), err)
	}
	c.stmts[query] = st
	return st, nil
}

// do runs a statement of the engine's own, such as BEGIN.
func (c *connection) do(query string) error {
	st, err := c.statement(query)
	if err != nil {
		return err
	}
	if _, err := st.ExecContext(context.Background()); err != nil {
		return fmt.Errorf("%s: %w", head(query), err)
	}
	return nil
}

// lost tells whether the server is out of reach of the connection, for good.
func (c *connection) lost() bool { return c.postgres != nil && c.postgres.IsClosed() }

func (c *connection) close() {
	if !c.lost() {
		for _, st := range c.stmts {
			st.Close()
		}
	}
	c.conn.Close()
}
