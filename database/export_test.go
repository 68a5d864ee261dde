package database

import "runtime"

// Await returns when n writes have no answer yet.
func Await(db *DB, n int) {
	for int(db.writer.waiting.Load()) < n {
		runtime.Gosched()
	}
}
