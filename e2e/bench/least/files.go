package main

import (
	"database/sql"
	"log"
	"os"
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// together is how many files are committed at once where many wait.
const together = 500

// follow commits each file that gets a name in the folder, removes it, and
// tells the streams.
func follow(db *sql.DB, dir string, s *streams) error {
	w, err := fsnotify.NewWatcher()
	if err == nil {
		err = w.Add(dir)
	}
	if err != nil {
		return err
	}
	go func() {
		for e := range w.Events {
			if !e.Has(fsnotify.Create) {
				continue
			}
			if err := keep(db, []string{e.Name}); err != nil {
				log.Fatal(err)
			}
			s.tell()
		}
	}()
	return nil
}

// take commits all files that are in the folder, and removes them.
func take(db *sql.DB, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for len(entries) > 0 {
		n := min(together, len(entries))
		names := make([]string, n)
		for i, e := range entries[:n] {
			names[i] = filepath.Join(dir, e.Name())
		}
		if err := keep(db, names); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// keep commits files in one transaction, and then removes them.
func keep(db *sql.DB, names []string) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after the commit there is nothing to roll back
	insert, err := tx.Prepare("INSERT INTO file (name, content) VALUES (?, ?)")
	if err != nil {
		return err
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err == nil {
			_, err = insert.Exec(name, content)
		}
		if err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, name := range names {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	return nil
}
