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
	const from = "SELECT t.id FROM ticket t LEFT JOIN claim c ON c.ticket = t.id AND c.number = t.claim WHERE "
	planned(t, map[string]string{
		from + "t.user_key BETWEEN ? AND ? AND t.user_key <> '' AND t.state IN ('waiting', 'claimed') ORDER BY t.user_key LIMIT ?": "ticket_kin (state=? AND user_key>? AND user_key<?)",
		from + "t.user_key = ? AND t.user_key <> '' AND t.state IN ('waiting', 'claimed')":                                         "(state=? AND user_key=?)",
		from + "t.state = 'quarantined' AND t.user_key BETWEEN ? AND ? ORDER BY t.user_key, t.id LIMIT ?":                          "ticket_quarantined (state=? AND user_key>? AND user_key<?)",
		from + "t.inv_key = ?": "(inv_key=?)",
	})
}

// Nor does what is done at the start and every hour go through all of history:
// it would hold up whoever claims meanwhile.
func TestChoresLookAtFewRows(t *testing.T) {
	t.Parallel()
	databasetest.SQLiteOnly(t, "a server plans by what its tables hold")
	planned(t, map[string]string{
		"SELECT id FROM ticket WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at, id LIMIT ?":                                                          "ticket_ended (ended_at>? AND ended_at<?)",
		"SELECT id FROM refusal WHERE at < ? ORDER BY at, id LIMIT ?":                                                                                              "refusal_at (at<?)",
		"SELECT id FROM outbox WHERE ticket IS NULL AND state <> 'pending' AND at < ? ORDER BY at LIMIT ?":                                                         "outbox_loose (at<?)",
		"SELECT seq FROM event WHERE seq > ? ORDER BY seq LIMIT ?":                                                                                                 "(rowid>?)",
		"SELECT id FROM ticket WHERE state IN ('waiting', 'claimed', 'quarantined') AND NOT EXISTS (SELECT 1 FROM status WHERE status.ticket = ticket.id) LIMIT ?": "ticket_line (state=?)",
	})
}

// planned tells which queries go by which index.
func planned(t *testing.T, indexes map[string]string) {
	t.Helper()
	dir := t.TempDir()
	open(t, dir)
	db := raw(t, dir)
	for query, index := range indexes {
		args := []any{"a", "b", 5}[:strings.Count(query, "?")]
		rows, err := db.Query("EXPLAIN QUERY PLAN "+query, args...)
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
