// Package databasetest runs a package's tests on every engine: they open their
// databases with Options, which is SQLite as a rule, and one test, Postgres,
// runs all of them once more on a private PostgreSQL server.
package databasetest

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"inviter/database"
	"inviter/e2e/private"
)

// server is the variable that names the PostgreSQL server to test on.
const server = "INVITER_TEST_POSTGRES"

// OnPostgres tells whether these are the tests on PostgreSQL.
func OnPostgres() bool { return os.Getenv(server) != "" }

// Options names the database that belongs to a test's folder: its own file, or
// a schema of its own. It is the same one for other processes of the test.
func Options(dir string) database.Options {
	o := database.Options{Dir: dir, Patience: 5 * time.Second}
	if OnPostgres() {
		o.URL = os.Getenv(server) + "&search_path=" + Schema(dir)
	}
	return o
}

// Schema is that of a test's folder.
func Schema(dir string) string {
	sum := sha256.Sum256([]byte(filepath.Clean(dir)))
	return fmt.Sprintf("test_%x", sum[:8])
}

// Program is another program that has the database open. It writes in SQLite's
// words, which are rewritten for PostgreSQL.
type Program struct{ *sql.DB }

// Exec runs statements that return nothing.
func (p Program) Exec(query string, args ...any) (sql.Result, error) {
	return p.DB.Exec(rewritten(query), args...)
}

// QueryRow runs a statement that returns one row.
func (p Program) QueryRow(query string, args ...any) *sql.Row {
	return p.DB.QueryRow(rewritten(query), args...)
}

// rewritten is a statement of a test's as the engine reads it.
func rewritten(query string) string {
	if !OnPostgres() {
		return query
	}
	for _, r := range []struct{ from, to string }{
		{`zeroblob\((\d+)\)`, `decode(repeat('00', $1), 'hex')`},
		{`x'([0-9a-f]*)'`, `'\x$1'`},
		{`DROP TRIGGER ((\w+)_[a-z]+)`, `DROP TRIGGER $1 ON $2`},
		{`\?(\d)`, `$$$1`},
	} {
		query = regexp.MustCompile(r.from).ReplaceAllString(query, r.to)
	}
	return strings.Replace(query, "?", "$1", 1)
}

// Says is how the engine says that a rule of the tables is broken, by how SQLite
// says it.
func Says(word string) string {
	if said := map[string]string{
		"CHECK": "violates check constraint", "UNIQUE": "violates unique constraint",
		"FOREIGN KEY": "violates foreign key constraint", "cannot store TEXT": "invalid input syntax for type bigint",
	}[word]; said != "" && OnPostgres() {
		return said
	}
	return word
}

// Raw opens the database that belongs to a test's folder as another program would.
func Raw(t testing.TB, dir string) Program {
	t.Helper()
	driver, name := "sqlite", "file:"+filepath.Join(dir, database.FileName)+"?_busy_timeout=5000&_foreign_keys=1"
	if OnPostgres() {
		driver, name = "pgx", Options(dir).URL
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return Program{db}
}

// SQLiteOnly leaves a test out on PostgreSQL, with the reason.
func SQLiteOnly(t testing.TB, why string) {
	t.Helper()
	if OnPostgres() {
		t.Skip("only with SQLite: " + why)
	}
}

// Postgres runs all tests of the package once more, on PostgreSQL. What isn't
// durable is quicker, and durability is tested elsewhere.
func Postgres(t *testing.T) {
	t.Helper()
	if OnPostgres() {
		t.Skip("these are the tests on PostgreSQL")
	}
	p := private.StartPostgreSQL(t, "fsync=off", "synchronous_commit=on", "full_page_writes=off", "max_locks_per_transaction=256")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.v", "-test.shuffle=on", "-test.timeout=13m")
	if testing.Short() {
		cmd.Args = append(cmd.Args, "-test.short")
	}
	cmd.Env = append(os.Environ(), server+"="+p.URL())
	out, err := cmd.CombinedOutput()
	t.Log(summary(string(out)))
	if err != nil {
		t.Errorf("on PostgreSQL: %v\n%s", err, failures(string(out)))
	}
}

// summary counts how the tests went, and says why some were left out.
func summary(out string) string {
	var skipped []string
	for _, m := range regexp.MustCompile(`(?m)^.*only with SQLite: .*$`).FindAllString(out, -1) {
		skipped = append(skipped, strings.TrimSpace(m))
	}
	return fmt.Sprintf("on PostgreSQL: %d passed, %d failed, left out:\n%s", strings.Count(out, "--- PASS"),
		strings.Count(out, "--- FAIL"), strings.Join(skipped, "\n"))
}

// failures leaves out what went well.
func failures(out string) string {
	return regexp.MustCompile(`(?m)^(=== .*|\s*--- (PASS|SKIP): .*)\n`).ReplaceAllString(out, "")
}
