package queue

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// eventRestored is in the log where a backup was brought back. It is about no
// ticket, so its number is 0.
const eventRestored ticket.EventKind = "restored"

// How far the counters jump when a backup is brought back: further than they
// can have come since it was made. A number that a receipt, a mail or an open
// page still names must never become another ticket's.
const (
	ticketsAhead   = 1000
	revisionsAhead = 1 << 20
)

// Restored tells a database that it was just brought back from a backup. It
// notes that in the log, and returns how many open tickets it has; each of them
// counts as changed. Support links are closed: one that was since the backup
// must not live again.
func Restored(ctx context.Context, db *database.DB, now time.Time) (open int, err error) {
	err = db.Write(ctx, func(tx *database.Tx) error {
		b := &book{tx: tx, now: now}
		if err := b.open(); err != nil {
			return err
		}
		b.tip.tickets += ticketsAhead
		b.tip.revision += revisionsAhead
		rows, err := tx.Query("SELECT id FROM ticket WHERE ended_at IS NULL")
		if err != nil {
			return err
		}
		all, err := numbersIn(rows)
		if err != nil {
			return err
		}
		for _, id := range all {
			if _, err := tx.Exec("UPDATE ticket SET revision = ? WHERE id = ?", b.tip.next(), int64(id)); err != nil {
				return err
			}
		}
		open = len(all)
		if _, err := tx.Exec("DELETE FROM refused_item"); err != nil { // no backup opens them
			return err
		}
		if err := b.closeLinks("", ""); err != nil {
			return err
		}
		if err := b.append(ticket.Event{At: now, Kind: eventRestored}); err != nil {
			return err
		}
		b.close()
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("note the restore: %w", err)
	}
	return open, nil
}

// Fits tells whether a key file is the database's own: nil if it is, ErrKeyWrong
// if not, and fs.ErrNotExist where there is none yet.
func Fits(ctx context.Context, db *database.DB, keyFile string) error {
	ours, err := readKey(keyFile, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	known, err := keyCheck(ctx, db)
	if err != nil {
		return err
	}
	if known != nil && string(known) != string(fingerprint(ours)) {
		return fmt.Errorf("%w: %s: bring back the one that was made with it", ErrKeyWrong, keyFile)
	}
	return nil
}

// Extent is how much a database holds.
type Extent struct {
	Tickets int64 `json:"tickets"`
	Events  int64 `json:"events"`
}

// Size tells how much a database holds.
func Size(ctx context.Context, db *database.DB) (e Extent, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		return tx.Row("SELECT (SELECT count(*) FROM ticket), events FROM meta WHERE one = 1").Scan(&e.Tickets, &e.Events)
	})
	if err != nil {
		return e, fmt.Errorf("count: %w", err)
	}
	return e, nil
}
