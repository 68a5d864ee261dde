package database

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// access is what a connection may do.
type access int

const (
	reads access = iota
	writes
)

// dsn names file to the driver with every setting that a connection needs, so
// that none exists without them.
func dsn(file string, may access, wait time.Duration) string {
	q := url.Values{
		"_txlock":       {"immediate"}, // never upgrade from reading to writing: that fails at once (SQLITE_BUSY_SNAPSHOT)
		"_busy_timeout": {strconv.FormatInt(busyTimeout(wait), 10)},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"}, // an answered write survives a power cut
		"_foreign_keys": {"1"},
		"_dqs":          {"0"},
		"_defensive":    {"1"},
		"_query_only":   {strconv.FormatBool(may == reads)},
		"_error_rc":     {"1"},
		"_pragma": {
			"secure_delete(1)",   // what is deleted is overwritten
			"trusted_schema(0)",  // a tampered schema may call no functions
			"cell_size_check(1)", // damage is noticed when it is read
			"temp_store(2)",      // no copies in temporary files
			"journal_size_limit(16777216)",
		},
	}
	u := url.URL{Scheme: "file", Path: file, RawQuery: q.Encode()}
	return u.String()
}

// busyTimeout is how many milliseconds one attempt waits for a lock.
func busyTimeout(wait time.Duration) int64 {
	return max(1, min(wait/2, 5*time.Second).Milliseconds())
}

// pragma is a setting and what it must read back as.
type pragma struct{ name, want string }

func pragmas(may access) []pragma {
	p := []pragma{
		{"journal_mode", "wal"},
		{"synchronous", "2"},
		{"foreign_keys", "1"},
		{"secure_delete", "1"},
		{"trusted_schema", "0"},
		{"cell_size_check", "1"},
		{"temp_store", "2"},
		{"journal_size_limit", "16777216"},
		{"query_only", "0"},
	}
	if may == reads {
		p[len(p)-1].want = "1"
	}
	return p
}

func inspectReader(ctx context.Context, conn *sql.Conn) error { return inspect(ctx, conn, reads) }

func inspectWriter(ctx context.Context, conn *sql.Conn) error { return inspect(ctx, conn, writes) }

// inspect reads every setting back and refuses to run on a mismatch: the
// driver ignores misspelt keys, and SQLite unknown pragmas, without a word.
func inspect(ctx context.Context, conn *sql.Conn, may access) error {
	for _, p := range pragmas(may) {
		var got string
		if err := conn.QueryRowContext(ctx, "PRAGMA "+p.name).Scan(&got); err != nil {
			return fmt.Errorf("read pragma %s: %w", p.name, err)
		}
		if got != p.want {
			return fmt.Errorf("pragma %s is %s, wants %s", p.name, got, p.want)
		}
	}
	var timeout int64
	if err := conn.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&timeout); err != nil {
		return fmt.Errorf("read pragma busy_timeout: %w", err)
	}
	if timeout < 1 {
		return fmt.Errorf("pragma busy_timeout is %d, wants more than 0", timeout)
	}
	return inspectFlags(ctx, conn)
}

// inspectFlags tries the two settings that no pragma shows: a defensive
// connection keeps writable_schema off, and without double-quoted strings an
// unknown "name" is an error.
func inspectFlags(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "PRAGMA writable_schema = 1"); err != nil {
		return fmt.Errorf("try defensive mode: %w", err)
	}
	var on int
	if err := conn.QueryRowContext(ctx, "PRAGMA writable_schema").Scan(&on); err != nil {
		return fmt.Errorf("try defensive mode: %w", err)
	}
	if on != 0 {
		return fmt.Errorf("defensive mode is off")
	}
	var s string
	err := conn.QueryRowContext(ctx, `SELECT "no such column"`).Scan(&s)
	if err == nil || !strings.Contains(err.Error(), "no such column") {
		return fmt.Errorf("double-quoted strings are on: %v", err)
	}
	return nil
}
