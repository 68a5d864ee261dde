package database

import (
	"context"
	"fmt"
	"slices"
)

// examine has SQLite read the whole file.
func (e *sqliteEngine) examine(ctx context.Context) ([]string, error) {
	c, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer c.close()
	found, err := c.list(ctx, "PRAGMA integrity_check(100)")
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(s string) bool { return s == "ok" })
	orphans, err := c.list(ctx, `SELECT 'row of table ' || "table" || ' points to no row of ' || "parent"
		FROM pragma_foreign_key_check LIMIT 100`)
	return append(found, orphans...), err
}

func (c *connection) list(ctx context.Context, query string) ([]string, error) {
	rows, err := c.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", head(query), err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, fmt.Errorf("%s: %w", head(query), err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
