//go:build !unix

package database

import (
	"context"
	"errors"
	"time"
)

// turn is nothing here: SQLite's own lock decides between processes.
type turn struct{}

func openTurn(string) (*turn, error)   { return &turn{}, nil }
func (*turn) take(time.Duration) error { return nil }
func (*turn) wanted() bool             { return false }
func (*turn) give()                    {}
func (*turn) close()                   {}

// hold is not to be had here.
func (e *sqliteEngine) hold(context.Context, string) (context.Context, func(), error) {
	return nil, nil, errors.ErrUnsupported
}

// use can't tell here who has the database open.
func use(string, company) (func(), error) { return func() {}, nil }
