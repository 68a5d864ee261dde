package database_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
)

// open opens a database in dir until the test ends.
func open(t testing.TB, dir string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), databasetest.Options(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// hasty names a database whose writers wait only so long.
func hasty(dir string, patience time.Duration) database.Options {
	o := databasetest.Options(dir)
	o.Patience = patience
	return o
}

// raw opens the same database as another program would.
func raw(t testing.TB, dir string) databasetest.Program { return databasetest.Raw(t, dir) }

func run(t testing.TB, db databasetest.Program, query string) {
	t.Helper()
	if _, err := db.Exec(query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func TestFilesAreTheirOwnersAlone(t *testing.T) {
	databasetest.SQLiteOnly(t, "about its files")
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a b", "data?#%41")
	db := open(t, dir)
	write(t, db, "CREATE TABLE x (n INTEGER) STRICT")
	_, release, err := db.Hold(t.Context(), "mailbox:help desk/1")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	seen := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		seen++
		st, err := d.Info()
		if err == nil && st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, st.Mode())
		}
		return err
	})
	if err != nil || seen < 5 {
		t.Fatalf("walked %d files: %v", seen, err)
	}
}

func TestOpenTakesAwayOthersRights(t *testing.T) {
	databasetest.SQLiteOnly(t, "about its files")
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, database.FileName)
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	st, err := os.Stat(file)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", st.Mode(), err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		make func(t *testing.T, dir string)
		want error
		says string
	}{
		{"a newer schema", func(t *testing.T, dir string) {
			run(t, raw(t, dir), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, '1')")
		}, database.ErrNewer, "use the newer program"},
		{"a file that is no database", func(t *testing.T, dir string) {
			overwrite(t, dir, []byte(strings.Repeat("not a database. ", 1000)))
		}, database.ErrCorrupt, "inviter restore"},
		{"a damaged first page", func(t *testing.T, dir string) {
			damage(t, dir, 100, 3000)
		}, database.ErrCorrupt, "inviter restore"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.want == database.ErrCorrupt {
				databasetest.SQLiteOnly(t, "about its files")
			}
			dir := t.TempDir()
			db := open(t, dir)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			tt.make(t, dir)
			db, err := database.Open(t.Context(), hasty(dir, 20*time.Millisecond))
			if err == nil {
				db.Close()
				t.Fatal("opened")
			}
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %v saying %q", err, tt.want, tt.says)
			}
		})
	}
}

func TestOpenWaitsForAnotherProgramThenSaysSo(t *testing.T) {
	databasetest.SQLiteOnly(t, "a server locks no whole database")
	t.Parallel()
	dir := t.TempDir()
	other := raw(t, dir)
	other.SetMaxOpenConns(1)
	run(t, other, "BEGIN EXCLUSIVE") // before there are any tables
	_, err := database.Open(t.Context(), database.Options{Dir: dir, Patience: 20 * time.Millisecond})
	if !errors.Is(err, database.ErrBusy) || !strings.Contains(err.Error(), "end that program") {
		t.Fatalf("got %v", err)
	}
	run(t, other, "COMMIT")
	open(t, dir)
}

func overwrite(t *testing.T, dir string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, database.FileName), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func damage(t *testing.T, dir string, from, n int) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, database.FileName))
	if err != nil {
		t.Fatal(err)
	}
	for i := from; i < from+n; i++ {
		b[i] ^= 0x55
	}
	overwrite(t, dir, b)
}

func TestOpenRefusesWhatIsNoFile(t *testing.T) {
	databasetest.SQLiteOnly(t, "about its files")
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, database.FileName), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := database.Open(t.Context(), database.Options{Dir: dir}); err == nil {
		t.Fatal("opened a folder as a database")
	}
}

func TestManyOpenAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	failed := make(chan error)
	for range 4 {
		go func() {
			db, err := database.Open(context.Background(), databasetest.Options(dir))
			if err == nil {
				err = db.Close()
			}
			failed <- err
		}()
	}
	for range 4 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}

func TestCheckFindsDamage(t *testing.T) {
	databasetest.SQLiteOnly(t, "about its files")
	t.Parallel()
	dir := t.TempDir()
	db := open(t, dir)
	write(t, db, "CREATE TABLE x (n INTEGER, s TEXT) STRICT")
	write(t, db, "CREATE INDEX x_n ON x (n)")
	for range 50 {
		write(t, db, "INSERT INTO x VALUES (7, 'seven')")
	}
	if found, err := db.Check(t.Context()); err != nil || len(found) != 0 {
		t.Fatalf("sound database: %v, %v", found, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	other := raw(t, dir)
	run(t, other, "PRAGMA writable_schema = 1")
	run(t, other, "UPDATE sqlite_schema SET sql = 'CREATE INDEX x_n ON x (s)' WHERE name = 'x_n'")
	other.Close()
	db = open(t, dir)
	if found, err := db.Check(t.Context()); err != nil || len(found) == 0 {
		t.Fatalf("damaged index: %v, %v", found, err)
	}
}
