package database

import (
	"context"
	"fmt"
)

// Scrub empties the journal, so that what was deleted is in no file of the
// database any more: SQLite overwrites deleted rows where they lay, but older
// copies of their pages stay in the journal until it is used again. ErrBusy
// means that somebody is reading just now; the next attempt may succeed.
func (db *DB) Scrub(ctx context.Context) error {
	done := make(chan error, 1)
	select {
	case db.writer.scrub <- done:
		return explain(db.file, <-done)
	case <-ctx.Done():
		return ctx.Err()
	case <-db.closed:
		return ErrClosed
	}
}

// empty moves the journal into the database file and cuts it to nothing. It
// waits for readers only so long that nobody notices.
func (w *writer) empty() error {
	if err := w.turn.take(w.wait); err != nil {
		return err
	}
	defer w.turn.give()
	if err := w.timeout(20); err != nil {
		return err
	}
	var blocked, pages, moved int
	row := w.c.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	err := row.Scan(&blocked, &pages, &moved)
	if e := w.timeout(busyTimeout(w.wait)); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("empty the journal: %w", err)
	}
	if blocked != 0 {
		return fmt.Errorf("empty the journal: %w", ErrBusy)
	}
	return w.aside.flush()
}

func (w *writer) timeout(ms int64) error {
	_, err := w.c.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA busy_timeout = %d", ms))
	return err
}
