package database_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
)

// write runs one statement durably.
func write(t testing.TB, db *database.DB, query string) {
	t.Helper()
	if err := db.Write(context.Background(), one(query)); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// one is a job of one statement.
func one(query string) func(*database.Tx) error {
	return func(tx *database.Tx) error {
		_, err := tx.Exec(query)
		return err
	}
}

// numbers is what table x holds.
func numbers(t testing.TB, db *database.DB) map[int64]bool {
	t.Helper()
	got := map[int64]bool{}
	err := db.Read(context.Background(), func(tx *database.Tx) error {
		rows, err := tx.Query("SELECT n FROM x")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n int64
			if err := rows.Scan(&n); err != nil {
				return err
			}
			got[n] = true
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func table(t testing.TB) *database.DB {
	db := open(t, t.TempDir())
	write(t, db, "CREATE TABLE x (n INTEGER PRIMARY KEY, of INTEGER REFERENCES x (n) DEFERRABLE)")
	return db
}

// together starts jobs so that they share one commit: the first holds the
// writer until the others wait. It returns each one's answer.
func together(t testing.TB, db *database.DB, jobs ...func(*database.Tx) error) []error {
	t.Helper()
	taken, open := make(chan struct{}), make(chan struct{})
	errs := make([]error, len(jobs))
	var all sync.WaitGroup
	all.Go(func() {
		_ = db.Write(context.Background(), func(*database.Tx) error {
			close(taken)
			<-open
			return nil
		})
	})
	<-taken
	for i, job := range jobs {
		all.Go(func() { errs[i] = db.Write(context.Background(), job) })
	}
	database.Await(db, 1+len(jobs))
	close(open)
	all.Wait()
	return errs
}

func insert(n int) func(*database.Tx) error {
	return func(tx *database.Tx) error {
		_, err := tx.Exec("INSERT INTO x (n) VALUES (?)", n)
		return err
	}
}

// later is insert by a statement whose outcome may come later.
func later(n int) func(*database.Tx) error {
	return func(tx *database.Tx) error { return tx.Do("INSERT INTO x (n) VALUES (?)", n) }
}

func TestOneRefusedSpoilsNobody(t *testing.T) {
	t.Parallel()
	for _, insert := range []func(int) func(*database.Tx) error{insert, later} {
		for _, alone := range []bool{false, true} {
			spoilsNobody(t, insert, alone)
		}
	}
}

func spoilsNobody(t *testing.T, insert func(int) func(*database.Tx) error, alone bool) {
	no := errors.New("no")
	undone := func(tx *database.Tx) error {
		if err := insert(100)(tx); err != nil {
			return err
		}
		return no
	}
	panics := func(tx *database.Tx) error {
		if err := insert(101)(tx); err != nil {
			return err
		}
		panic("ouch")
	}
	constraint := func(tx *database.Tx) error {
		if err := insert(102)(tx); err != nil {
			return err
		}
		return insert(102)(tx)
	}
	db := table(t)
	jobs := []func(*database.Tx) error{insert(1), undone, insert(2), panics, insert(3), constraint, insert(4)}
	var errs []error
	if alone {
		for _, j := range jobs {
			errs = append(errs, db.Write(t.Context(), j))
		}
	} else {
		errs = together(t, db, jobs...)
	}
	for _, i := range []int{0, 2, 4, 6} {
		if errs[i] != nil {
			t.Errorf("good job %d: %v", i, errs[i])
		}
	}
	if errs[1] != no {
		t.Errorf("refused job: %v", errs[1])
	}
	if errs[3] == nil || !strings.Contains(errs[3].Error(), "ouch") {
		t.Errorf("panicking job: %v", errs[3])
	}
	if !database.Conflict(errs[5]) {
		t.Errorf("job against a constraint: %v", errs[5])
	}
	if got := numbers(t, db); len(got) != 4 || !got[1] || !got[2] || !got[3] || !got[4] {
		t.Errorf("stored %v", got)
	}
}

func TestFailedCommitIsEveryonesFault(t *testing.T) {
	t.Parallel()
	db := table(t)
	orphan := func(tx *database.Tx) error { // found only by COMMIT
		later := "PRAGMA defer_foreign_keys = 1"
		if databasetest.OnPostgres() {
			later = "SET CONSTRAINTS ALL DEFERRED"
		}
		if _, err := tx.Exec(later); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO x (n, of) VALUES (50, 51)")
		return err
	}
	no := errors.New("taken by somebody whose claim is undone")
	errs := together(t, db, insert(1), orphan, func(*database.Tx) error { return no }, insert(2))
	for i, err := range errs {
		if err == nil || errors.Is(err, no) {
			t.Errorf("job %d: %v", i, err)
		}
	}
	if got := numbers(t, db); len(got) != 0 {
		t.Errorf("stored %v", got)
	}
	if err := db.Write(t.Context(), insert(3)); err != nil {
		t.Errorf("after a failed commit: %v", err)
	}
}

func TestFullDiskIsAFaultAndPasses(t *testing.T) {
	databasetest.SQLiteOnly(t, "a server's disk isn't the test's to fill")
	t.Parallel()
	db := table(t)
	write(t, db, "PRAGMA max_page_count = 1") // as many as there are
	big := func(tx *database.Tx) error {
		_, err := tx.Exec("CREATE TABLE y AS SELECT zeroblob(1000000)")
		return err
	}
	if err := db.Write(t.Context(), big); !errors.Is(err, database.ErrFull) {
		t.Errorf("got %v", err)
	}
	write(t, db, "PRAGMA max_page_count = 100000")
	if err := db.Write(t.Context(), insert(1)); err != nil || !numbers(t, db)[1] {
		t.Errorf("with room again: %v", err)
	}
}

func TestWriteGoesOnWhenItsCallerLeaves(t *testing.T) {
	t.Parallel()
	db := table(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *database.Tx) error {
		cancel() // the client hangs up in the middle
		return insert(1)(tx)
	})
	if err != nil || !numbers(t, db)[1] {
		t.Fatalf("%v, stored %v", err, numbers(t, db))
	}
	if err := db.Write(ctx, insert(2)); !errors.Is(err, context.Canceled) || numbers(t, db)[2] {
		t.Fatalf("ended context: %v", err)
	}
}

func TestWriteWaitsForAnotherProgramThenSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := database.Open(t.Context(), hasty(dir, 300*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	write(t, db, "CREATE TABLE x (n INTEGER)")
	other := raw(t, dir)
	other.SetMaxOpenConns(1)
	begin := "BEGIN IMMEDIATE"
	if databasetest.OnPostgres() {
		begin = "BEGIN; LOCK TABLE turn IN EXCLUSIVE MODE"
	}
	run(t, other, begin)
	if err := db.Write(t.Context(), insert(1)); !errors.Is(err, database.ErrBusy) {
		t.Fatalf("locked: %v", err)
	}
	answered := make(chan error)
	go func() { answered <- db.Write(context.Background(), insert(2)) }()
	run(t, other, "COMMIT")
	if err := <-answered; err != nil || numbers(t, db)[1] || !numbers(t, db)[2] {
		t.Fatalf("let go: %v, stored %v", err, numbers(t, db))
	}
}

func TestBulkGoesAfterOthersAndIsKept(t *testing.T) {
	t.Parallel()
	db := table(t)
	for i := range 20 {
		if err := db.WriteBulk(t.Context(), insert(i)); err != nil {
			t.Fatal(err)
		}
	}
	if got := numbers(t, db); len(got) != 20 {
		t.Errorf("stored %v", got)
	}
}

func TestBulkGivesWayToWhoWaits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := open(t, dir)
	write(t, db, "CREATE TABLE x (n INTEGER PRIMARY KEY)")
	waitsHere := func() func() {
		done := make(chan error)
		go func() { done <- db.Write(context.Background(), insert(1)) }()
		return func() {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	other := open(t, dir)
	waitsElsewhere := func() func() {
		done := make(chan error)
		go func() { done <- other.Write(context.Background(), insert(2)) }()
		return func() {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	for name, begin := range map[string]func() func(){"here": waitsHere, "elsewhere": waitsElsewhere} {
		var wait func()
		err := db.WriteBulk(t.Context(), func(tx *database.Tx) error {
			if tx.GiveWay() {
				t.Errorf("%s: gave way to nobody", name)
			}
			wait = begin()
			for deadline := time.Now().Add(time.Minute); !tx.GiveWay(); {
				if time.Now().After(deadline) {
					return errors.New("never gave way")
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wait()
	}
	if err := db.Write(t.Context(), func(tx *database.Tx) error {
		if tx.GiveWay() {
			t.Error("work that somebody waits for gave way")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestClosedAnswers(t *testing.T) {
	t.Parallel()
	db := table(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insert(1)); !errors.Is(err, database.ErrClosed) {
		t.Errorf("write: %v", err)
	}
	if err := db.Read(t.Context(), func(*database.Tx) error { return nil }); !errors.Is(err, database.ErrClosed) {
		t.Errorf("read: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
}

func TestReadSeesOnePictureAndWritesNothing(t *testing.T) {
	t.Parallel()
	db := table(t)
	count := func(tx *database.Tx) (n int) {
		if err := tx.Row("SELECT count(*) FROM x").Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	err := db.Read(t.Context(), func(tx *database.Tx) error {
		before := count(tx)
		if err := db.Write(context.Background(), insert(1)); err != nil {
			return err
		}
		if after := count(tx); after != before {
			return fmt.Errorf("saw %d, then %d", before, after)
		}
		return insert(2)(tx)
	})
	if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "-", ""), "readonly") {
		t.Errorf("a reader wrote: %v", err)
	}
	if got := numbers(t, db); !got[1] || got[2] {
		t.Errorf("stored %v", got)
	}
}

func TestReadOneIsOneStatement(t *testing.T) {
	t.Parallel()
	db := table(t)
	write(t, db, "INSERT INTO x (n) VALUES (7)")
	one := func(tx *database.Tx) error {
		var n int
		if err := tx.Row("SELECT n FROM x").Scan(&n); err != nil || n != 7 {
			return fmt.Errorf("%d: %w", n, err)
		}
		return nil
	}
	if err := db.ReadOne(t.Context(), one); err != nil {
		t.Error(err)
	}
	if err := db.ReadOne(t.Context(), func(tx *database.Tx) error { return errors.Join(one(tx), one(tx)) }); err == nil {
		t.Error("it read twice")
	}
	if err := db.ReadOne(t.Context(), insert(1)); err == nil || len(numbers(t, db)) != 1 {
		t.Errorf("it wrote: %v", err)
	}
}

func TestReadWaitsOnlyAsLongAsItsCaller(t *testing.T) {
	t.Parallel()
	db := table(t)
	var hold func(n int)
	hold = func(n int) { // takes every reader there is
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := db.Read(ctx, func(*database.Tx) error {
			hold(n + 1)
			return nil
		})
		if err != nil && !errors.Is(err, context.DeadlineExceeded) || n > 1000 {
			t.Errorf("reader %d: %v", n, err)
		}
	}
	hold(1)
}

func TestBadStatementsAreFaults(t *testing.T) {
	t.Parallel()
	db := table(t)
	for _, q := range []string{"NONSENSE", `SELECT "no such column"`, "SELECT n FROM nowhere"} {
		err := db.Read(t.Context(), func(tx *database.Tx) error {
			var n int
			return tx.Row(q).Scan(&n)
		})
		if err == nil {
			t.Errorf("%s: no error", q)
		}
		err = db.Read(t.Context(), func(tx *database.Tx) error {
			rows, err := tx.Query(q)
			if err == nil {
				rows.Close()
			}
			return err
		})
		if err == nil {
			t.Errorf("%s as query: no error", q)
		}
	}
}
