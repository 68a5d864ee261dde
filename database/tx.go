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
	hand   hand // nil while only reading
	shared bool // with other jobs, which must not suffer from this one
	wrote  bool
	wanted func() bool // whether others wait
	until  time.Time   // the end of bulk work's share

	beside  beside  // nil while only reading
	cleared []int64 // places to clear with the commit
	ending  Ending

	allows allowance
}

// allowance is which statements a transaction still has.
type allowance int

const (
	anyStatement  allowance = iota
	oneThatReads            // of ReadOne
	noneAnyLonger           // it had that one
)

// Ending is what is written once for all jobs that share a commit, such as
// where counters stand. A job takes what the one before it left, and leaves its
// own; what a job leaves that is undone, nobody sees.
type Ending interface {
	// End writes it, right before the commit. Its error undoes the whole commit.
	End(*Tx) error
}

// Ending is what the job before this one in the same commit left; nil for the first.
func (tx *Tx) Ending() Ending { return tx.ending }

// Leave leaves e for the next job, or for the end.
func (tx *Tx) Leave(e Ending) { tx.ending = e }

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

// Row is what Tx.Row found.
type Row struct {
	row *sql.Row
	err error
}

// Scan reads the row; it answers sql.ErrNoRows where there is none.
func (r Row) Scan(to ...any) error {
	if r.err != nil {
		return r.err
	}
	return r.row.Scan(to...)
}

// Row runs a statement that returns at most one row.
func (tx *Tx) Row(query string, args ...driver.Value) Row {
	st, err := tx.statement(query)
	if err != nil {
		return Row{err: err}
	}
	return Row{row: st.QueryRowContext(context.Background(), plain(args)...)}
}

// statement is query, prepared. The hand hears of it first: it keeps the jobs
// of one commit apart.
func (tx *Tx) statement(query string) (*sql.Stmt, error) {
	if tx.allows != anyStatement {
		if tx.allows == noneAnyLonger || !reading(query) {
			return nil, fmt.Errorf("%s: ReadOne is for one statement that reads", head(query))
		}
		tx.allows = noneAnyLonger
	}
	if tx.hand != nil {
		if err := tx.hand.before(tx, !reading(query)); err != nil {
			return nil, err
		}
	}
	return tx.c.statement(query)
}

// reading tells whether a statement is sure to change nothing.
func reading(query string) bool { return strings.HasPrefix(strings.TrimLeft(query, " \n\t"), "SELECT") }

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
