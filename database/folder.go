package database

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// prepare makes the data folder and an empty database file that only their
// owner may read, and refuses a folder that SQLite can't safely work in.
func prepare(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	if err := onDisk(dir); err != nil {
		return "", err
	}
	return dir, private(filepath.Join(dir, FileName))
}

// private makes file if it is missing and takes it from everybody but its
// owner. A file that is there is never opened: closing it would drop the locks
// that SQLite holds on it in this process (POSIX record locks, fcntl(2)).
func private(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("database file: %w", err)
	}
	st, err := os.Stat(file)
	switch {
	case err != nil:
		return fmt.Errorf("database file: %w", err)
	case !st.Mode().IsRegular():
		return fmt.Errorf("database file: %s is not a regular file", file)
	case st.Mode().Perm()&0o077 == 0:
		return nil
	}
	if err := os.Chmod(file, 0o600); err != nil {
		return fmt.Errorf("database file: %w", err)
	}
	return nil
}
