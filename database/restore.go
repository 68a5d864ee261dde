package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Restoring is a copy of a backup on its way into a data folder, which nobody
// else can open meanwhile.
type Restoring struct {
	// Dir holds the copy. It can be opened as any data folder, to look into the
	// copy and to change it, and has to be closed before Finish.
	Dir     string
	dir     string
	release func()
}

// Restore begins to bring a backup into the data folder dir. It copies the
// backup and examines the copy as Examine does; nothing in dir changes before
// Finish. While any program has the database open it is refused with ErrHeld.
func Restore(ctx context.Context, dir, file string) (*Restoring, error) {
	if err := Examine(ctx, file); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	release, err := use(dir, alone)
	if err != nil {
		return nil, err
	}
	r := &Restoring{dir: dir, release: release}
	if r.Dir, err = os.MkdirTemp(dir, ".restore-*"); err == nil {
		err = copyFile(filepath.Join(r.Dir, FileName), file)
	}
	if err == nil {
		err = Examine(ctx, filepath.Join(r.Dir, FileName))
	}
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("restore: %w", err)
	}
	return r, nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// Finish puts the copy in the place of the database in the data folder, if
// there is one, and keeps that under another name, which it returns. Wherever
// it is interrupted, the folder has the old database or the new one, whole.
func (r *Restoring) Finish(now time.Time) (kept string, err error) {
	fresh, file := filepath.Join(r.Dir, FileName), filepath.Join(r.dir, FileName)
	if st, err := os.Stat(fresh + "-wal"); err == nil && st.Size() > 0 {
		return "", errors.New("restore: the copy is still open")
	}
	if _, err := os.Stat(file); err == nil {
		kept = file + ".replaced-" + now.UTC().Format("20060102T150405.000Z")
		if err := setAside(file, kept); err != nil {
			return "", fmt.Errorf("restore: %w", err)
		}
	}
	if err := os.Rename(fresh, file); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	return kept, syncFolder(r.dir)
}

// setAside gives a database a second name and takes its journal away, which
// would otherwise be taken for the new one's. What is in the journal is moved
// into the database before, if that isn't too damaged for it.
func setAside(file, kept string) error {
	if pool, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file)); err == nil {
		_, _ = pool.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
		pool.Close()
	}
	for _, end := range []string{"", "-wal"} {
		if err := os.Link(file+end, kept+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := syncFolder(filepath.Dir(file)); err != nil {
		return err
	}
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Remove(file + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return syncFolder(filepath.Dir(file))
}

// Close removes what is left of the copy and lets others open the database.
func (r *Restoring) Close() {
	if r.Dir != "" {
		_ = os.RemoveAll(r.Dir)
	}
	r.release()
}
