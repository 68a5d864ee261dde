//go:build unix

package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// hold locks a file, which tells the holder's process number.
func (e *sqliteEngine) hold(ctx context.Context, name string) (held context.Context, release func(), err error) {
	f, err := lockFile(filepath.Join(e.dir, url.QueryEscape(name)+".lock"))
	if err != nil {
		return nil, nil, err
	}
	if err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, nil, fmt.Errorf("%s: %w%s", name, ErrHeld, holder(f))
		}
		return nil, nil, err
	}
	sign(f)
	return ctx, func() { f.Close() }, nil
}

// sign writes our process number into f, for people. That it may fail changes
// nothing: the lock is what counts.
func sign(f *os.File) {
	if f.Truncate(0) == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
}

// holder tells who signed f.
func holder(f *os.File) string {
	b, _ := io.ReadAll(io.LimitReader(f, 20))
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (process %d)", pid)
}

// use notes that this process has the database in dir open, together with
// others or alone. It ends with release or with the process.
func use(dir string, how company) (release func(), err error) {
	f, err := lockFile(filepath.Join(dir, FileName+".open"))
	if err != nil {
		return nil, err
	}
	kind := syscall.LOCK_SH
	if how == alone {
		kind = syscall.LOCK_EX
	}
	err = flock(f, kind|syscall.LOCK_NB)
	if err == nil {
		return func() { f.Close() }, nil
	}
	f.Close()
	switch {
	case !errors.Is(err, syscall.EWOULDBLOCK):
		return nil, err
	case how == alone:
		return nil, fmt.Errorf("%w: a server, watcher or command has the database in %s open: end it first", ErrHeld, dir)
	}
	return nil, fmt.Errorf("%w: a backup is being restored in %s: wait until that is done", ErrBusy, dir)
}
