package database

import (
	"context"
	"fmt"
)

// scrub moves the journal into the database file and cuts it to nothing: SQLite
// overwrites deleted rows where they lay, but older copies of their pages stay
// in the journal until it is used again. It waits for readers only so long that
// nobody notices.
func (h *sqliteHand) scrub() error {
	if err := h.turn.take(h.wait); err != nil {
		return err
	}
	defer h.turn.give()
	if err := h.timeout(20); err != nil {
		return err
	}
	var blocked, pages, moved int
	row := h.c.conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)")
	err := row.Scan(&blocked, &pages, &moved)
	if e := h.timeout(busyTimeout(h.wait)); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("empty the journal: %w", err)
	}
	if blocked != 0 {
		return fmt.Errorf("empty the journal: %w", ErrBusy)
	}
	return h.aside.flush(true)
}

func (h *sqliteHand) timeout(ms int64) error {
	_, err := h.c.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA busy_timeout = %d", ms))
	return err
}
