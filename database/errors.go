package database

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Why a database can't be opened, read or written. Every error that one of
// these is in says in its text what to do about it.
var (
	// ErrBusy: another program kept the database locked for too long. Nothing
	// was written; trying again is safe.
	ErrBusy = errors.New("the database is locked by another program")
	// ErrCorrupt: the file is damaged or is no database.
	ErrCorrupt = errors.New("the database file is damaged")
	// ErrNewer: a newer program has changed the tables.
	ErrNewer = errors.New("the database was written by a newer version of inviter")
	// ErrNetwork: the folder is on a file system whose locks can't be trusted.
	ErrNetwork = errors.New("the data folder is on a network file system")
	// ErrUnavailable: the server is out of reach. Nothing was written; trying
	// again is safe, and may succeed.
	ErrUnavailable = errors.New("the database can't be reached")
	// ErrUnknown: the server went out of reach during a commit, and what became
	// of it couldn't be found out since. It is an ErrUnavailable too; trying again
	// is safe only for what is harmless when done twice.
	ErrUnknown = fmt.Errorf("%w: whether this was recorded isn't known yet", ErrUnavailable)
	// ErrServer: the server or the database on it isn't one to work with.
	ErrServer = errors.New("the database server")
	// ErrHeld: somebody else has what Hold asked for.
	ErrHeld = errors.New("held by another process")
	// ErrClosed: Close was called before.
	ErrClosed = errors.New("the database is closed")
	// ErrFull: there is no room left on the disk.
	ErrFull = errors.New("the disk is full")
)

// Conflict tells whether err comes from a unique index: a row with the same
// key is there already.
func Conflict(err error) bool {
	var there *pgconn.PgError
	if errors.As(err, &there) {
		return there.Code == codeUnique
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

func (e *sqliteEngine) explain(err error) error {
	var here *sqlite.Error
	if !errors.As(err, &here) {
		return err
	}
	switch here.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %s: end that program or wait until it is done: %w", ErrBusy, e.file, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %s: stop inviter, move the file and its -wal aside, "+
			"and bring back the last backup with \"inviter restore FILE\": %w", ErrCorrupt, e.file, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: make room for %s: %w", ErrFull, e.file, err)
	}
	return err
}

// busy tells whether err means that another program holds the lock.
func busy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}
