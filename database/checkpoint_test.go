package database_test

import (
	"testing"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
)

// The journal's pages are moved into the database's file beside the writer, so
// that its own commits, which would do it at 1,000 of them, never have to.
func TestJournalIsMovedBesideTheWriter(t *testing.T) {
	t.Parallel()
	databasetest.SQLiteOnly(t, "a server moves its own journal")
	dir := t.TempDir()
	db := open(t, dir)
	write(t, db, "CREATE TABLE x (n INTEGER PRIMARY KEY, b BLOB)")
	page := make([]byte, 4000)
	for n := range 120 {
		if err := db.Write(t.Context(), func(tx *database.Tx) error {
			return tx.Do("INSERT INTO x (n, b) VALUES (?, ?)", n, page)
		}); err != nil {
			t.Fatal(err)
		}
	}
	other := raw(t, dir)
	for deadline := time.Now().Add(time.Minute); ; {
		var blocked, in, moved int
		if err := other.QueryRow("PRAGMA wal_checkpoint(NOOP)").Scan(&blocked, &in, &moved); err != nil {
			t.Fatal(err)
		}
		if in-moved < 200 { // what is below is moved with the next ones
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d pages, of them %d moved", in, moved)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := other.QueryRow("SELECT count(*) FROM x").Scan(&n); err != nil || n != 120 {
		t.Errorf("%d rows, %v", n, err)
	}
}
