package database_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
)

func TestOwnCommitIsHinted(t *testing.T) {
	t.Parallel()
	db := table(t)
	ctx, cancel := context.WithCancel(t.Context())
	a, b := db.Changes(ctx), db.Changes(t.Context())
	drain(a) // the first look hints, for what came before it
	drain(b)
	write(t, db, "INSERT INTO x (n) VALUES (1)")
	within(t, a, time.Second)
	within(t, b, time.Second)
	cancel()
	drain(a)
	write(t, db, "INSERT INTO x (n) VALUES (2)")
	within(t, b, time.Second)
	select {
	case <-a:
		t.Error("a hint after the end of its context")
	default:
	}
}

func TestAnotherProcessesCommitIsHinted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := open(t, dir)
	write(t, db, "CREATE TABLE x (n INTEGER)")
	hints := db.Changes(t.Context())
	o := start(t, "write", dir)
	drain(hints)
	if _, err := io.WriteString(o.in, "go\n"); err != nil {
		t.Fatal(err)
	}
	for !numbers(t, db)[1] { // hints may come for nothing, but one comes after the commit
		within(t, hints, 10*time.Second)
	}
}

// drain takes hints until none has come for a while.
func drain(hints <-chan struct{}) {
	for {
		select {
		case <-hints:
		case <-time.After(300 * time.Millisecond):
			return
		}
	}
}

func TestRefusedWriteIsNoChange(t *testing.T) {
	t.Parallel()
	db := table(t)
	hints := db.Changes(t.Context())
	drain(hints)
	no := errors.New("no")
	if err := db.Write(t.Context(), func(tx *database.Tx) error {
		return errors.Join(insert(1)(tx), no)
	}); !errors.Is(err, no) {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), func(tx *database.Tx) error {
		var n int
		return tx.Row("SELECT count(*) FROM x").Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-hints:
		t.Error("a hint although nothing was written")
	case <-time.After(300 * time.Millisecond):
	}
}

func TestHoldIsOnePersons(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	_, release, err := a.Hold(t.Context(), "serve")
	if err != nil {
		t.Fatal(err)
	}
	for _, db := range []*database.DB{a, b} {
		if _, _, err := db.Hold(t.Context(), "serve"); !errors.Is(err, database.ErrHeld) || !strings.Contains(err.Error(), "(process ") {
			t.Errorf("held: %v", err)
		}
	}
	_, again, err := b.Hold(t.Context(), "share:support/../serve")
	if err != nil {
		t.Fatalf("another name: %v", err)
	}
	again()
	release()
	if _, release, err = b.Hold(t.Context(), "serve"); err != nil {
		t.Fatalf("released: %v", err)
	}
	release()
}

func TestHoldDiesWithItsProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := open(t, dir)
	o := start(t, "hold", dir)
	o.says("ready")
	if _, _, err := db.Hold(t.Context(), "serve"); !errors.Is(err, database.ErrHeld) {
		t.Fatalf("held elsewhere: %v", err)
	}
	o.kill()
	_, release, err := db.Hold(t.Context(), "serve")
	for until := time.Now().Add(30 * time.Second); errors.Is(err, database.ErrHeld) && databasetest.OnPostgres() && time.Now().Before(until); {
		_, release, err = db.Hold(t.Context(), "serve") // a lease runs out
	}
	if err != nil {
		t.Fatalf("after kill -9: %v", err)
	}
	release()
}

func TestStuckWriterElsewhereIsNamedAndItsDeathFrees(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := database.Open(t.Context(), hasty(dir, 50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	write(t, db, "CREATE TABLE x (n INTEGER)")
	o := start(t, "keep", dir)
	o.says("writing")
	for range 2 { // the second attempt finds the first one still in line
		if err := db.Write(t.Context(), insert(1)); !errors.Is(err, database.ErrBusy) {
			t.Fatalf("beside a stuck writer: %v", err)
		}
	}
	o.kill()
	err = db.Write(t.Context(), insert(2))
	for until := time.Now().Add(30 * time.Second); errors.Is(err, database.ErrBusy) && databasetest.OnPostgres() && time.Now().Before(until); {
		err = db.Write(t.Context(), insert(2)) // a server learns of the death a moment later
	}
	if err != nil {
		t.Fatalf("after kill -9: %v", err)
	}
	if got := numbers(t, db); got[1] || !got[2] {
		t.Errorf("stored %v", got)
	}
}

func TestScrubLeavesNothingBehind(t *testing.T) {
	databasetest.SQLiteOnly(t, "a server's files aren't the program's to read")
	t.Parallel()
	dir := t.TempDir()
	db := open(t, dir)
	const canary = "canary-4711-canary"
	write(t, db, "CREATE TABLE y (s TEXT) STRICT")
	write(t, db, "INSERT INTO y VALUES ('"+canary+strings.Repeat("x", 9000)+"')")
	if !contains(t, dir, canary) {
		t.Fatal("the test can't see the canary while it is there")
	}
	write(t, db, "DELETE FROM y")
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if contains(t, dir, canary) {
		t.Error("the canary is still in a file")
	}
}

func TestScrubGivesWayToReaders(t *testing.T) {
	databasetest.SQLiteOnly(t, "VACUUM waits for no reader")
	t.Parallel()
	db := table(t)
	err := db.Read(t.Context(), func(tx *database.Tx) error {
		var n int
		if err := tx.Row("SELECT count(*) FROM x").Scan(&n); err != nil {
			return err
		}
		write(t, db, "INSERT INTO x (n) VALUES (1)")
		return db.Scrub(t.Context())
	})
	if !errors.Is(err, database.ErrBusy) {
		t.Fatalf("got %v", err)
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// contains tells whether any file in dir has s in it.
func contains(t *testing.T, dir, s string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		found = found || strings.Contains(string(b), s)
	}
	return found
}
