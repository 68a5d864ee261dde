package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"inviter/database"
	"inviter/ticket"
)

var _ ticket.Traces = (*Queue)(nil)

// Leave is ticket.Traces'.
func (q *Queue) Leave(ctx context.Context, source string, traces []ticket.Trace) error {
	for some := range slices.Chunk(traces, slice) {
		err := q.db.WriteBulk(ctx, func(tx *database.Tx) error {
			for _, t := range some {
				if err := leave(tx, source, t); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("traces in %s: %w", source, err)
		}
	}
	return nil
}

func leave(tx *database.Tx, source string, t ticket.Trace) error {
	if err := drop(tx, source, t.Place); err != nil {
		return err
	}
	for _, id := range t.Tickets {
		_, err := tx.Exec(`INSERT INTO trace (source, place, ticket, home, told) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (source, place, ticket) DO NOTHING`, source, []byte(t.Place), int64(id), t.Home, t.Told)
		if err != nil {
			return err
		}
	}
	return nil
}

func drop(tx *database.Tx, source, place string) error {
	_, err := tx.Exec("DELETE FROM trace WHERE source = ? AND place = ?", source, []byte(place))
	return err
}

// Left is ticket.Traces'.
func (q *Queue) Left(ctx context.Context, source string) (out []ticket.Trace, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		rows, err := tx.Query("SELECT place, ticket, home, told FROM trace WHERE source = ? ORDER BY place, ticket", source)
		if err != nil {
			return err
		}
		out, err = tracesIn(rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("traces in %s: %w", source, err)
	}
	return out, nil
}

func tracesIn(rows *sql.Rows) (out []ticket.Trace, err error) {
	defer rows.Close()
	for rows.Next() {
		var place []byte
		var id int64
		var t ticket.Trace
		if err := rows.Scan(&place, &id, &t.Home, &t.Told); err != nil {
			return nil, err
		}
		if t.Place = string(place); len(out) == 0 || out[len(out)-1].Place != t.Place {
			out = append(out, t)
		}
		last := &out[len(out)-1]
		last.Tickets = append(last.Tickets, ticket.ID(id))
	}
	return out, rows.Err()
}

// Forget is ticket.Traces'.
func (q *Queue) Forget(ctx context.Context, source string, places []string) error {
	for some := range slices.Chunk(places, slice) {
		err := q.db.WriteBulk(ctx, func(tx *database.Tx) error {
			for _, place := range some {
				if err := drop(tx, source, place); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("traces in %s: %w", source, err)
		}
	}
	return nil
}

// Removed is ticket.Traces'.
func (q *Queue) Removed(ctx context.Context, source, place string) (ended []ticket.ID, err error) {
	err = q.write(ctx, func(b *book) error {
		ended = nil
		of, err := b.only(source, place)
		if err != nil {
			return err
		}
		if err := drop(b.tx, source, place); err != nil {
			return err
		}
		for _, id := range of {
			_, err := b.change(id, (*ticket.Case).Withdraw)
			var over *ticket.Refusal
			switch {
			case errors.As(err, &over): // it has ended, or is purged
			case err != nil:
				return about(id, err)
			default:
				ended = append(ended, id)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("removed from %s: %w", source, err)
	}
	return ended, nil
}

// only lists the tickets of which nothing but this trace stands.
func (b *book) only(source, place string) ([]ticket.ID, error) {
	rows, err := b.tx.Query(`SELECT ticket FROM trace t WHERE source = ? AND place = ? AND NOT EXISTS
		(SELECT 1 FROM trace o WHERE o.ticket = t.ticket AND (o.source <> t.source OR o.place <> t.place))`, source, []byte(place))
	if err != nil {
		return nil, err
	}
	return numbersIn(rows)
}
