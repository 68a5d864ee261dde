package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// ErrExists: what would be written is there already, and is left as it is.
var ErrExists = errors.New("there is such a file already")

func (e *sqliteEngine) backup(ctx context.Context, file string) error {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%w: %s: name another", ErrExists, file)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".inviter-backup-*") // mode 0600
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer os.Remove(tmp.Name())
	err = errors.Join(e.copyInto(ctx, tmp.Name()), tmp.Sync(), tmp.Close())
	if err == nil {
		err = Examine(ctx, tmp.Name())
	}
	if err == nil {
		err = os.Link(tmp.Name(), file)
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s: name another", ErrExists, file)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return syncFolder(filepath.Dir(file))
}

// copyInto has the engine write what one reader sees into an empty file. It
// takes a connection of its own, for the readers' may write nothing at all.
func (e *sqliteEngine) copyInto(ctx context.Context, file string) error {
	pool, err := sql.Open("sqlite", dsn(e.file, writes, patience))
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = pool.ExecContext(ctx, "VACUUM INTO ?", file)
	return err
}

// Examine tells whether file is a sound database of this program's, which no
// other program has open. It refuses, in words for people, a damaged one or
// something else (ErrCorrupt) and one of a newer program (ErrNewer).
func Examine(ctx context.Context, file string) error {
	if st, err := os.Stat(file); err != nil || !st.Mode().IsRegular() {
		return fmt.Errorf("%s: not a file that can be read: %w", file, cmpErr(err, fs.ErrInvalid))
	}
	whole, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	at := url.URL{Scheme: "file", Path: whole, RawQuery: "mode=ro&immutable=1&_pragma=trusted_schema(0)&_pragma=cell_size_check(1)"}
	pool, err := sql.Open("sqlite", at.String())
	if err != nil {
		return err
	}
	defer pool.Close()
	var version int64
	err = pool.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&version)
	if err != nil || version == 0 {
		return fmt.Errorf("%w: %s is no database of inviter's, or not a whole one: %v", ErrCorrupt, file, err)
	}
	if err := sqliteSteps().known(version); err != nil {
		return err
	}
	var found string
	if err := pool.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil || found != "ok" {
		return fmt.Errorf("%w: %s: %s %v", ErrCorrupt, file, found, err)
	}
	return nil
}

func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// syncFolder makes new and removed names in a folder durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("folder: %w", err)
	}
	return nil
}
