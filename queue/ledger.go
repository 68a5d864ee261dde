package queue

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"inviter/database"
	"inviter/invitation"
	"inviter/ticket"
)

// Position is ticket.Ledger's.
func (q *Queue) Position(ctx context.Context, source string) (mark string, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		err := tx.Row("SELECT mark FROM position WHERE source = ?", source).Scan(&mark)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("position of %s: %w", source, err)
	}
	return mark, nil
}

// Advance is ticket.Ledger's. An unchanged mark costs no commit.
func (q *Queue) Advance(ctx context.Context, source, mark string) error {
	old, err := q.Position(ctx, source)
	if err != nil || old == mark && mark != "" {
		return err
	}
	err = q.db.WriteBulk(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO position (source, mark) VALUES (?, ?)
			ON CONFLICT (source) DO UPDATE SET mark = excluded.mark`, source, mark)
		return err
	})
	if err != nil {
		return fmt.Errorf("advance %s: %w", source, err)
	}
	return nil
}

// Recorded is ticket.Ledger's.
func (q *Queue) Recorded(ctx context.Context, source string, items []string) (map[string]ticket.Entry, error) {
	out := make(map[string]ticket.Entry, len(items))
	for len(items) > 0 {
		some := items[:min(len(items), together)]
		items = items[len(some):]
		err := q.db.Read(ctx, func(tx *database.Tx) error { return recorded(tx, source, some, out) })
		if err != nil {
			return nil, fmt.Errorf("ledger of %s: %w", source, err)
		}
	}
	return out, nil
}

// together is how many items one statement names.
const together = 100

// these is true of the ledger's rows for some items: always as many, the last
// one again and again, so that the statement is prepared once.
func these(source string, items []string) (which string, args []driver.Value) {
	args = append(make([]driver.Value, 0, together+1), source)
	for i := range together {
		args = append(args, items[min(i, len(items)-1)])
	}
	return "source = ? AND item IN (?" + strings.Repeat(", ?", together-1) + ")", args
}

func recorded(tx *database.Tx, source string, items []string, out map[string]ticket.Entry) error {
	which, args := these(source, items)
	entries, err := list(tx, "SELECT "+entryColumns+" WHERE "+which, args...)
	for _, e := range entries {
		out[e.Item] = e
	}
	return err
}

// Held is ticket.Ledger's.
func (q *Queue) Held(ctx context.Context, source string, limit int) (out []ticket.Entry, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		out, err = list(tx, "SELECT "+entryColumns+" WHERE source = ? AND let_go = 0 ORDER BY seq LIMIT ?", source, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("held by %s: %w", source, err)
	}
	return out, nil
}

// LetGo is ticket.Ledger's.
func (q *Queue) LetGo(ctx context.Context, source string, items []string) error {
	if len(items) == 0 {
		return nil
	}
	err := q.db.WriteBulk(ctx, func(tx *database.Tx) error {
		for some := range slices.Chunk(items, together) {
			which, args := these(source, some)
			if _, err := tx.Exec("UPDATE ledger SET let_go = 1 WHERE let_go = 0 AND "+which, args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("let go of %s: %w", source, err)
	}
	return nil
}

const entryColumns = "item, outcome, refusal, at, tickets, let_go FROM ledger"

// entry is the ledger's row for one item, nil if there is none.
func entry(tx *database.Tx, source, item string) (*ticket.Entry, error) {
	found, err := list(tx, "SELECT "+entryColumns+" WHERE source = ? AND item = ?", source, item)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func list(tx *database.Tx, query string, args ...driver.Value) ([]ticket.Entry, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ticket.Entry
	for rows.Next() {
		var outcome, code, who string
		var when, free int64
		var e ticket.Entry
		if err := rows.Scan(&e.Item, &outcome, &code, &when, &who, &free); err != nil {
			return nil, fmt.Errorf("read ledger: %w", err)
		}
		e.Outcome, e.Refusal, e.At, e.LetGo = ticket.Outcome(outcome), invitation.Code(code), at(when), free == 1
		if e.Tickets, err = ids(who); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// numbers and ids store a list of tickets with a blank between.
func numbers(tickets []ticket.ID) string {
	words := make([]string, len(tickets))
	for i, id := range tickets {
		words[i] = id.String()
	}
	return strings.Join(words, " ")
}

func ids(s string) ([]ticket.ID, error) {
	var out []ticket.ID
	for _, w := range strings.Fields(s) {
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("ticket numbers %q: %w", s, err)
		}
		out = append(out, ticket.ID(n))
	}
	return out, nil
}
