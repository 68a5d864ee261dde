package database

import (
	"context"
	"database/sql/driver"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/stdlib"
)

// PostgreSQL's text holds UTF-8 without U+0000 and nothing else, but mail and
// file names come in any bytes, and none of them may stop a source. So each
// byte that it can't hold is stored as one of the last 256 code points of
// Unicode, which are private and which nobody uses; of those that somebody uses
// all the same each byte is stored so. What is read is what was written.
const (
	firstRaw = rune(0x10FF00)
	lastRaw  = rune(0x10FFFF)
	rawHead  = "\xF4\x8F" // begins all of them, and 3,840 others
)

// stored is s as PostgreSQL can hold it.
func stored(s string) string {
	if plainText(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == 0 || r == utf8.RuneError && n == 1 || r >= firstRaw && r <= lastRaw {
			for i := range n {
				b.WriteRune(firstRaw + rune(s[i]))
			}
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// plainText tells whether s is stored as it is.
func plainText(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 && !mayBeRaw(s)
}

// mayBeRaw is quick and never overlooks one.
func mayBeRaw(s string) bool { return strings.Contains(s, rawHead) }

// read is what stored was given.
func read(s string) string {
	if !mayBeRaw(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r >= firstRaw && r <= lastRaw {
			b = append(b, byte(r-firstRaw))
		} else {
			b = utf8.AppendRune(b, r)
		}
	}
	return string(b)
}

// anyText makes a driver's connections store and read any text.
type anyText struct{ driver.Connector }

// Connect is the driver's, wrapped.
func (a anyText) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := a.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return textConn{c.(*stdlib.Conn)}, nil
}

type textConn struct{ *stdlib.Conn }

// PrepareContext is the driver's, wrapped.
func (c textConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	st, err := c.Conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return textStmt{st.(*stdlib.Stmt)}, nil
}

type textStmt struct{ *stdlib.Stmt }

// ExecContext is the driver's, with values as they are stored.
func (s textStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.Stmt.ExecContext(ctx, storedAll(args))
}

// QueryContext is the driver's, with values as they are stored.
func (s textStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := s.Stmt.QueryContext(ctx, storedAll(args))
	if err != nil {
		return nil, err
	}
	return textRows{rows}, nil
}

func storedAll(args []driver.NamedValue) []driver.NamedValue {
	for i, a := range args {
		args[i].Value = storedValue(a.Value)
	}
	return args
}

// storedValue is v as PostgreSQL can hold it.
func storedValue(v driver.Value) driver.Value {
	if s, ok := v.(string); ok {
		return stored(s)
	}
	if word := reflect.ValueOf(v); word.Kind() == reflect.String {
		return stored(word.String())
	}
	return v
}

type textRows struct{ driver.Rows }

// Next is the driver's, with values as they were given.
func (r textRows) Next(dest []driver.Value) error {
	if err := r.Rows.Next(dest); err != nil {
		return err
	}
	for i, v := range dest {
		if s, ok := v.(string); ok {
			dest[i] = read(s)
		}
	}
	return nil
}
