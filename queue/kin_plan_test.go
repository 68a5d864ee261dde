package queue_test

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"inviter/database/databasetest"
)

// To find a user's open tickets, PostgreSQL looks at a few pages of its index,
// however many others are open. (What SQLite does, package database tests.)
func TestKinOnPostgresIsFoundByFewPages(t *testing.T) {
	t.Parallel()
	if !databasetest.OnPostgres() {
		t.Skip("only with PostgreSQL")
	}
	d := newDesk(t)
	d.fill(3000)
	c, err := databasetest.Raw(t, d.dir).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.ExecContext(t.Context(), "SET enable_seqscan = off"); err != nil {
		t.Fatal(err)
	}
	const kin = "SELECT o.id FROM ticket t JOIN ticket o ON o.user_key = t.user_key AND o.user_key <> '' AND o.state IN ('waiting', 'claimed') WHERE t.id = 1500"
	rows, err := c.QueryContext(t.Context(), "EXPLAIN (ANALYZE, BUFFERS) "+kin)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	plan := ""
	for rows.Next() {
		var step string
		if err := rows.Scan(&step); err != nil {
			t.Fatal(err)
		}
		plan += fmt.Sprintln(step)
	}
	m := regexp.MustCompile(`Buffers: shared hit=(\d+)`).FindStringSubmatch(plan) // the first line counts all
	if err := rows.Err(); err != nil || m == nil {
		t.Fatal(err, plan)
	}
	if pages, _ := strconv.Atoi(m[1]); pages > 15 {
		t.Errorf("%d pages for one ticket among 3000:\n%s", pages, plan)
	}
}
