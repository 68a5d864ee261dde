package database_test

import (
	"errors"
	"fmt"
	"testing"

	"inviter/database"
	"inviter/database/databasetest"
)

// Statements nobody waits for are done in their order, and before the next one
// that is waited for, however many there are and whatever is in them.
func TestStatementsNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	db := open(t, t.TempDir())
	bytes := "BLOB"
	if databasetest.OnPostgres() {
		bytes = "BYTEA"
	}
	write(t, db, "CREATE TABLE word (n INTEGER PRIMARY KEY, w TEXT, b "+bytes+")")
	const many = 450
	word := func(n int) string { return fmt.Sprintf("%d \x00\xff\U0010FFFF ü", n) }
	err := db.Write(t.Context(), func(tx *database.Tx) error {
		reused := make([]byte, 2)
		for n := range many {
			copy(reused, []byte{0, 255})
			if err := tx.Do("INSERT INTO word (n, w, b) VALUES (?, ?, ?)", n, "old", reused); err != nil {
				return err
			}
			clear(reused)
			if err := tx.Do("UPDATE word SET w = ? WHERE n = ?", word(n), n); err != nil {
				return err
			}
		}
		var n int
		if err := tx.Row("SELECT count(*) FROM word").Scan(&n); err != nil || n != many {
			return fmt.Errorf("%d words: %w", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Read(t.Context(), func(tx *database.Tx) error {
		for n := range many {
			var w string
			var b []byte
			if err := tx.Row("SELECT w, b FROM word WHERE n = ?", n).Scan(&w, &b); err != nil || w != word(n) || string(b) != "\x00\xff" {
				return fmt.Errorf("word %d is %q, %q: %w", n, w, b, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sum is an Ending that writes the sum of what the jobs of a commit added.
type sum struct {
	of   int64
	fail error
}

func (s sum) End(tx *database.Tx) error {
	if s.fail != nil {
		return s.fail
	}
	return tx.Do("INSERT INTO x (n) VALUES (?)", s.of)
}

// What jobs leave for the end is written once, and only what those left that
// were not undone; if it can't be, nothing of the commit is there.
func TestEndOfACommit(t *testing.T) {
	t.Parallel()
	no := errors.New("no")
	adding := func(n int64, err error) func(*database.Tx) error {
		return func(tx *database.Tx) error {
			before, _ := tx.Ending().(sum)
			tx.Leave(sum{of: before.of + n})
			if e := insert(int(n))(tx); e != nil {
				return e
			}
			return err
		}
	}
	db := table(t)
	errs := together(t, db, adding(100, nil), adding(7, no), adding(200, nil), adding(8, errors.New("fault")))
	if errs[0] != nil || errs[1] != no || errs[2] != nil || errs[3] == nil {
		t.Errorf("answers: %v", errs)
	}
	if got := numbers(t, db); len(got) != 3 || !got[100] || !got[200] || !got[300] {
		t.Errorf("stored %v", got)
	}
	failing := func(tx *database.Tx) error { tx.Leave(sum{fail: no}); return insert(9)(tx) }
	if errs = together(t, db, insert(10), failing); !errors.Is(errs[0], no) || !errors.Is(errs[1], no) {
		t.Errorf("the end failed: %v", errs)
	}
	if got := numbers(t, db); len(got) != 3 {
		t.Errorf("stored after it %v", got)
	}
}
