package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// postgresBeside is table half, which dumps leave out. It is part of the
// transaction. See docs/decisions/0002-backups-hold-half-a-key.md.
type postgresBeside struct{ c *connection }

func (b postgresBeside) get(place int64) (v Aside, err error) {
	st, err := b.c.statement("SELECT value FROM half WHERE place = ?")
	if err != nil {
		return v, err
	}
	var value []byte
	err = st.QueryRow(place).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return v, nil
	}
	if err != nil {
		return v, fmt.Errorf("read beside the database: %w", err)
	}
	copy(v[:], value)
	return v, nil
}

func (b postgresBeside) put(place int64, v Aside) error {
	return b.c.later("INSERT INTO half (place, value) VALUES (?, ?) ON CONFLICT (place) DO UPDATE SET value = excluded.value", place, v[:])
}

func (b postgresBeside) clear(places []int64) error {
	return b.c.later("DELETE FROM half WHERE place = ANY (?)", places)
}

func (b postgresBeside) keepOnly(live map[int64]bool) error {
	keep := make([]int64, 0, len(live))
	for place := range live {
		keep = append(keep, place)
	}
	return b.exec("DELETE FROM half WHERE place <> ALL (?)", keep)
}

func (b postgresBeside) exec(query string, args ...any) error {
	st, err := b.c.statement(query)
	if err == nil {
		_, err = st.ExecContext(context.Background(), args...)
	}
	if err != nil {
		return fmt.Errorf("write beside the database: %w", err)
	}
	return nil
}

// scrub takes deleted files and halves of keys out of their tables' pages. In
// the server's log they are until it is used again, and in archives of it.
func (h *postgresHand) scrub() error {
	conn, err := h.e.asides.Conn(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, table := range []string{"half", "payload"} {
		if _, err := conn.ExecContext(context.Background(), "VACUUM "+table); err != nil {
			return fmt.Errorf("vacuum %s: %w", table, err)
		}
	}
	return nil
}

// examine reads every value of every row: damage is noticed when it is read,
// the more where the server was set up with checksums. What rows say of each
// other the server checks when they are written.
func (e *postgresEngine) examine(ctx context.Context) ([]string, error) {
	rows, err := e.asides.QueryContext(ctx, `SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r' ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables, found []string
	for rows.Next() {
		var t string
		if err := rows.Scan(&t); err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, t := range tables {
		var n sql.NullInt64
		err := e.asides.QueryRowContext(ctx, "SELECT sum(length(t::text)) FROM "+t+" AS t").Scan(&n)
		if errors.Is(e.explain(err), ErrCorrupt) {
			found = append(found, fmt.Sprintf("table %s: %v", t, err))
		} else if err != nil {
			return nil, fmt.Errorf("read table %s: %w", t, err)
		}
	}
	return found, nil
}
