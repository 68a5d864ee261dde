package database_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"inviter/database"
)

// behindBulk starts bulk work, and jobs that wait by the time it is done.
func behindBulk(db *database.DB, bulk func(*database.Tx) error, jobs ...func(*database.Tx) error) (errs []error, err error) {
	errs = make([]error, len(jobs))
	var all sync.WaitGroup
	err = db.WriteBulk(context.Background(), func(tx *database.Tx) error {
		for i, job := range jobs {
			all.Go(func() { errs[i] = db.Write(context.Background(), job) })
		}
		database.Await(db, len(jobs))
		return bulk(tx)
	})
	all.Wait()
	return errs, err
}

// Who waits while bulk work gives way is in its commit: his own changes and the
// bulk's are there at once. (A job that had not quite come may miss it, once.)
func TestWhoWaitsGoesIntoTheCommitOfBulkWork(t *testing.T) {
	t.Parallel()
	db := table(t)
	for try := range 100 {
		together := false
		errs, err := behindBulk(db, insert(2*try), func(tx *database.Tx) error {
			together = !numbers(t, db)[int64(2*try)]
			return insert(2*try + 1)(tx)
		})
		if got := numbers(t, db); err != nil || errs[0] != nil || !got[int64(2*try)] || !got[int64(2*try+1)] {
			t.Fatalf("%v, %v, stored %v", err, errs, got)
		}
		if together {
			return
		}
	}
	t.Error("the bulk's changes were always there before")
}

// Neither spoils the other.
func TestBulkWorkAndWhoJoinsItAreKeptApart(t *testing.T) {
	t.Parallel()
	no := errors.New("no")
	undone := func(insert func(int) func(*database.Tx) error) func(*database.Tx) error {
		return func(tx *database.Tx) error {
			if err := insert(100)(tx); err != nil {
				return err
			}
			return no
		}
	}
	conflict := func(insert func(int) func(*database.Tx) error) func(*database.Tx) error {
		return func(tx *database.Tx) error {
			if err := insert(101)(tx); err != nil {
				return err
			}
			return insert(101)(tx)
		}
	}
	for name, insert := range map[string]func(int) func(*database.Tx) error{"at once": insert, "later": later} {
		db := table(t)
		errs, err := behindBulk(db, insert(1), insert(2), undone(insert), conflict(insert), insert(3))
		if err != nil || errs[0] != nil || errs[1] != no || !database.Conflict(errs[2]) || errs[3] != nil {
			t.Errorf("%s: bulk %v, others %v", name, err, errs)
		}
		errs, err = behindBulk(db, undone(insert), insert(4))
		if err != no || errs[0] != nil {
			t.Errorf("%s: refused bulk %v, other %v", name, err, errs)
		}
		errs, err = behindBulk(db, conflict(insert), insert(5))
		if !database.Conflict(err) || errs[0] != nil {
			t.Errorf("%s: failed bulk %v, other %v", name, err, errs)
		}
		if got := numbers(t, db); len(got) != 5 || got[100] || got[101] {
			t.Errorf("%s: stored %v", name, got)
		}
	}
}
