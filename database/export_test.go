package database

import "runtime"

// Await returns when n writes have no answer yet.
func Await(db *DB, n int) {
	for int(db.writer.waiting.Load()) < n {
		runtime.Gosched()
	}
}

// Stored and ReadText are text on its way to PostgreSQL and back; Numbered is a
// statement.
func Stored(s string) string   { return stored(s) }
func ReadText(s string) string { return read(s) }
func Numbered(s string) string { return numbered(s) }
