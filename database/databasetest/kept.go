package databasetest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Kept is all that is kept of a test's folder: its files, byte for byte, and on
// PostgreSQL every value of every table too, by the table's name.
func Kept(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if all[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	if !OnPostgres() {
		if len(all) < 2 {
			t.Fatalf("only %d files in %s", len(all), dir)
		}
		return all
	}
	db := Raw(t, dir)
	for _, table := range tables(t, db) {
		all["table "+table] = values(t, db, table)
	}
	return all
}

func tables(t testing.TB, db Program) (names []string) {
	t.Helper()
	rows, err := db.Query("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if len(names) < 10 {
		t.Fatalf("only %d tables", len(names))
	}
	return names
}

// values are those of a table, one after the other.
func values(t testing.TB, db Program, table string) (all []byte) {
	t.Helper()
	rows, err := db.Query("SELECT * FROM " + table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	row, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for _, v := range row {
			if b, ok := v.([]byte); ok {
				all = append(all, b...)
			} else {
				all = fmt.Append(all, v)
			}
			all = append(all, '\n')
		}
	}
	return all
}
