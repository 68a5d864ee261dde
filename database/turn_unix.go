//go:build unix

package database

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// turn makes the writers of several processes take turns. SQLite's own lock is
// asked for again and again with growing pauses, so a program that writes
// without rest starves the others (measured: 330 ms for one claim). Here the
// kernel wakes who waits, and who waits stands in front of the door:
//
// A writer takes the lock next, then the lock now, then lets go of next. One
// that has just written must take next again, which the waiting one holds. So
// nobody is overtaken twice. Both locks die with their process.
type turn struct {
	next, now *os.File
	waiting   chan error // answers an attempt that is still blocked in the kernel
}

// openTurn opens the two locks beside the database file.
func openTurn(file string) (*turn, error) {
	next, err := lockFile(file + ".next")
	if err != nil {
		return nil, err
	}
	now, err := lockFile(file + ".now")
	if err != nil {
		next.Close()
		return nil, err
	}
	return &turn{next: next, now: now}, nil
}

// take waits for this process's turn, at most so long.
func (t *turn) take(wait time.Duration) error {
	if t.waiting == nil {
		free, err := t.try()
		if free || err != nil {
			return err
		}
		t.waiting = make(chan error, 1)
		go t.block(t.waiting)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case err := <-t.waiting:
		t.waiting = nil
		return err
	case <-timer.C:
		return fmt.Errorf("%w: another inviter process has been writing for %s", ErrBusy, wait)
	}
}

// try takes the turn if that is possible at once.
func (t *turn) try() (bool, error) {
	for _, f := range []*os.File{t.next, t.now} {
		err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, flock(t.next, syscall.LOCK_UN)
}

// block takes the turn however long it lasts. It may begin with next in hand.
func (t *turn) block(answer chan<- error) {
	err := flock(t.next, syscall.LOCK_EX)
	if err == nil {
		err = flock(t.now, syscall.LOCK_EX)
	}
	answer <- errors.Join(err, flock(t.next, syscall.LOCK_UN))
}

// wanted tells whether another process waits for this one's turn to end.
func (t *turn) wanted() bool {
	err := flock(t.next, syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		err = flock(t.next, syscall.LOCK_UN)
	}
	return errors.Is(err, syscall.EWOULDBLOCK)
}

// give ends the turn. An error can only mean that the lock is gone already.
func (t *turn) give() { _ = flock(t.now, syscall.LOCK_UN) }

func (t *turn) close() {
	t.next.Close()
	t.now.Close()
}

// lockFile opens a file to lock, which stays when it is let go of: removing it
// would let two hold locks on two files of the same name.
func lockFile(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	return f, nil
}

// flock applies flock(2) to f, which stays open meanwhile whoever closes it.
func flock(f *os.File, how int) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		for {
			failed = syscall.Flock(int(fd), how)
			if failed != syscall.EINTR {
				return
			}
		}
	})
	if err = errors.Join(err, failed); err != nil {
		return fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return nil
}
