package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
)

// Tx is one transaction, valid inside the function that Write or Read gave it
// to, and for one goroutine.
//
// Statements use ? for their values and nothing that only one engine knows.
// They run under no caller's context: an interrupted statement would undo the
// parts of other writers in the same commit.
type Tx struct {
	c      *connection
	shared bool // with other jobs, which must not suffer from this one
	wrote  bool
	wanted func() bool // whether others wait
	until  time.Time   // the end of bulk work's share

	aside   *aside  // nil while only reading
	cleared []int64 // places to clear after the commit
}

// GiveWay tells work of WriteBulk that it had its share of time and others
// wait, here or in another process: it should return, to be committed, and do
// the rest in another call.
func (tx *Tx) GiveWay() bool {
	return tx.wanted != nil && time.Now().After(tx.until) && tx.wanted()
}

// Exec runs a statement that returns no rows and tells how many it changed.
func (tx *Tx) Exec(query string, args ...driver.Value) (int64, error) {
	st, err := tx.statement(query)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(context.Background(), plain(args)...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", head(query), err)
	}
	return res.RowsAffected()
}

// Query runs a statement that returns rows. They must be read and closed
// before the next statement.
func (tx *Tx) Query(query string, args ...driver.Value) (*sql.Rows, error) {
	st, err := tx.statement(query)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(context.Background(), plain(args)...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", head(query), err)
	}
	return rows, nil
}

// Row runs a statement that returns at most one row; its Scan answers
// sql.ErrNoRows where there is none.
func (tx *Tx) Row(query string, args ...driver.Value) *sql.Row {
	st, err := tx.statement(query)
	if err != nil { // the same fault again, as a row
		return tx.c.conn.QueryRowContext(context.Background(), query, plain(args)...)
	}
	return st.QueryRowContext(context.Background(), plain(args)...)
}

// statement is query, prepared. The first one that writes opens the job's
// savepoint, so that a job which only reads costs none.
func (tx *Tx) statement(query string) (*sql.Stmt, error) {
	st, err := tx.c.statement(query)
	if err != nil {
		return nil, err
	}
	if st.writes && !tx.wrote {
		tx.wrote = true
		if tx.shared {
			if err := tx.c.do("SAVEPOINT job"); err != nil {
				return nil, err
			}
		}
	}
	return st.Stmt, nil
}

// plain is args as database/sql takes them.
func plain(args []driver.Value) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a
	}
	return out
}

// head is the beginning of a statement, to find it by in an error's text.
// Values are never in it.
func head(query string) string {
	const most = 60
	out := make([]byte, 0, most)
	for i := 0; i < len(query) && len(out) < most; i++ {
		c := query[i]
		if c == '\n' || c == '\t' {
			c = ' '
		}
		if c == ' ' && (len(out) == 0 || out[len(out)-1] == ' ') {
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

// connection is one connection with the statements it has prepared.
type connection struct {
	conn  *sql.Conn
	stmts map[string]statement
}

// statement is one prepared statement.
type statement struct {
	*sql.Stmt
	writes bool // or may
}

// connect takes a connection out of pool, for good, and checks its settings.
func connect(ctx context.Context, pool *sql.DB, may access) (*connection, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if err := inspect(ctx, conn, may); err != nil {
		conn.Close()
		return nil, err
	}
	return &connection{conn: conn, stmts: map[string]statement{}}, nil
}

// statement is query, prepared once. It is the one place that every
// statement's text passes, where an engine with numbered placeholders rewrites
// them.
func (c *connection) statement(query string) (statement, error) {
	if st, ok := c.stmts[query]; ok {
		return st, nil
	}
	prepared, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return statement{}, fmt.Errorf("prepare %s: %w", head(query), err)
	}
	st := statement{prepared, !strings.HasPrefix(head(query), "SELECT")}
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

func (c *connection) close() {
	for _, st := range c.stmts {
		st.Close()
	}
	c.conn.Close()
}
