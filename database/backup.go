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

// Backup writes a copy of the database, as it is at one moment, into a new file
// for its owner alone. Nobody is held up. file appears whole and durable or not
// at all; one that is there is refused with ErrExists.
//
// What lies beside the database (AsideName) is not in the copy.
func (db *DB) Backup(ctx context.Context, file string) error {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%w: %s: name another", ErrExists, file)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".inviter-backup-*") // mode 0600
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer os.Remove(tmp.Name())
	err = errors.Join(db.copyInto(ctx, tmp.Name()), tmp.Sync(), tmp.Close())
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
		return fmt.Errorf("backup: %w", explain(db.file, err))
	}
	return syncFolder(filepath.Dir(file))
}

// copyInto has the engine write what one reader sees into an empty file. It
// takes a connection of its own, for the readers' may write nothing at all.
func (db *DB) copyInto(ctx context.Context, file string) error {
	pool, err := sql.Open("sqlite", dsn(db.file, writes, patience))
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
	if err := known(version); err != nil {
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

// known refuses tables that a newer program has made.
func known(version int64) error {
	steps, err := fs.Glob(scripts, "migrations/*.sql")
	if err != nil {
		return err
	}
	var ours int64
	for _, s := range steps {
		var n int64
		if _, err := fmt.Sscanf(filepath.Base(s), "%d_", &n); err != nil {
			return fmt.Errorf("migrations: %s: %w", s, err)
		}
		ours = max(ours, n)
	}
	if version > ours {
		return fmt.Errorf("%w: its tables have version %d, this program knows %d: use the newer program", ErrNewer, version, ours)
	}
	return nil
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
