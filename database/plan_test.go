package database_test

import (
	"strings"
	"testing"

	"inviter/database/databasetest"
)

// What each submit asks goes by an index that leads to a few rows, however many
// wait.
func TestSubmitsLookAtFewRows(t *testing.T) {
	t.Parallel()
	databasetest.SQLiteOnly(t, "a server plans by what its tables hold")
	dir := t.TempDir()
	open(t, dir)
	db := raw(t, dir)
	const from = "SELECT t.id FROM ticket t LEFT JOIN claim c ON c.ticket = t.id AND c.number = t.claim WHERE "
	for query, index := range map[string]string{
		"t.user_key BETWEEN ? AND ? AND t.user_key <> '' AND t.state IN ('waiting', 'claimed') ORDER BY t.user_key LIMIT ?": "ticket_kin (state=? AND user_key>? AND user_key<?)",
		"t.user_key = ? AND t.user_key <> '' AND t.state IN ('waiting', 'claimed')":                                         "(state=? AND user_key=?)",
		"t.state = 'quarantined' AND t.user_key BETWEEN ? AND ? ORDER BY t.user_key, t.id LIMIT ?":                          "ticket_quarantined (state=? AND user_key>? AND user_key<?)",
		"t.inv_key = ?": "(inv_key=?)",
	} {
		args := []any{"a", "b", 5}[:strings.Count(query, "?")]
		rows, err := db.Query("EXPLAIN QUERY PLAN "+from+query, args...)
		if err != nil {
			t.Fatal(err)
		}
		plan := ""
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			plan += step + "\n"
		}
		if err := rows.Err(); err != nil || !strings.Contains(plan, index) {
			t.Errorf("%s\n%swant %s", query, plan, index)
		}
	}
}
