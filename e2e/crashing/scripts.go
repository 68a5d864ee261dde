//go:build linux

package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"inviter/database"
	"inviter/queue"
)

// played is one script with what it must leave.
type played struct {
	// play does it in dir, which is made ready by prepare, and acknowledges each step.
	play func(ctx context.Context, dir string, acknowledge func(int)) error
	// prepare fills dir before a play; nil for an empty folder.
	prepare func(ctx context.Context, dir string) error
	// judge makes what looks at a folder in which so many steps were acknowledged.
	judge func(ctx context.Context) (func(dir string, acked int) error, error)
}

func scripts() map[string]played {
	return map[string]played{
		"life":    {play: playLife, prepare: prepareEmpty, judge: judgeSteps(script())},
		"start":   {play: playStart, judge: judgeSteps(script()[:2])},
		"backup":  {play: playBackup, prepare: prepareLife, judge: judgeBackup},
		"restore": {play: playRestore, prepare: prepareBackup, judge: judgeRestore},
	}
}

func playSteps(ctx context.Context, dir string, steps []step, acknowledge func(int)) error {
	d, err := open(ctx, dir, epoch())
	if err != nil {
		return err
	}
	return errors.Join(d.play(ctx, steps, acknowledge), d.db.Close())
}

func playLife(ctx context.Context, dir string, acknowledge func(int)) error {
	return playSteps(ctx, dir, script(), acknowledge)
}

// playStart is the first start, with all migrations and a new key.
func playStart(ctx context.Context, dir string, acknowledge func(int)) error {
	return playSteps(ctx, dir, script()[:2], acknowledge)
}

func prepareEmpty(ctx context.Context, dir string) error {
	return playSteps(ctx, dir, nil, func(int) {})
}

func judgeSteps(steps []step) func(context.Context) (func(string, int) error, error) {
	return func(ctx context.Context) (func(string, int) error, error) {
		want, err := reference(ctx, steps)
		return func(dir string, acked int) error { return judge(ctx, dir, steps, want, acked) }, err
	}
}

// half is where the script is in the middle of much.
func half() []step { return script()[:12] }

func prepareLife(ctx context.Context, dir string) error {
	return playSteps(ctx, dir, half(), func(int) {})
}

const backupName = "the.backup"

func playBackup(ctx context.Context, dir string, acknowledge func(int)) error {
	d, err := open(ctx, dir, epoch())
	if err != nil {
		return err
	}
	defer d.db.Close()
	if err := d.db.Backup(ctx, filepath.Join(dir, backupName)); err != nil {
		return err
	}
	acknowledge(0)
	return nil
}

// judgeBackup: a backup is there whole or not at all, and the database is as
// it was.
func judgeBackup(ctx context.Context) (func(string, int) error, error) {
	want, err := reference(ctx, half())
	return func(dir string, acked int) error {
		file := filepath.Join(dir, backupName)
		_, err := os.Stat(file)
		switch {
		case errors.Is(err, fs.ErrNotExist) && acked == 0:
		case err != nil:
			return err
		default:
			if err := database.Examine(ctx, file); err != nil {
				return err
			}
		}
		return holds(ctx, dir, want[len(want)-1])
	}, err
}

// holds checks a folder's content against some that are right.
func holds(ctx context.Context, dir string, right ...string) error {
	d, err := open(ctx, dir, timeOf(script(), len(script())))
	if err != nil {
		return err
	}
	defer d.db.Close()
	if err := sound(ctx, d); err != nil {
		return err
	}
	got, err := digest(ctx, d.db)
	for _, r := range right {
		if got == r {
			return err
		}
	}
	return errors.Join(err, errors.New("something else is stored"))
}

// prepareBackup leaves a backup of the middle, and a database at the end.
func prepareBackup(ctx context.Context, dir string) error {
	if err := prepareLife(ctx, dir); err != nil {
		return err
	}
	if err := playBackup(ctx, dir, func(int) {}); err != nil {
		return err
	}
	d, err := open(ctx, dir, epoch())
	if err != nil {
		return err
	}
	d.set(timeOf(script(), len(half())))
	return errors.Join(d.goOn(ctx, script(), len(half())), d.db.Close())
}

func playRestore(ctx context.Context, dir string, acknowledge func(int)) error {
	way, err := database.Restore(ctx, dir, filepath.Join(dir, backupName))
	if err != nil {
		return err
	}
	defer way.Close()
	db, err := database.Open(ctx, database.Options{Dir: way.Dir})
	if err != nil {
		return err
	}
	_, err = queue.Restored(ctx, db, epoch())
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if _, err := way.Finish(epoch()); err != nil {
		return err
	}
	acknowledge(0)
	return nil
}

// judgeRestore: the folder has the old database or the restored one, whole.
func judgeRestore(ctx context.Context) (func(string, int) error, error) {
	before, err := reference(ctx, script())
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "reference")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := errors.Join(prepareBackup(ctx, dir), playRestore(ctx, dir, func(int) {})); err != nil {
		return nil, err
	}
	d, err := open(ctx, dir, epoch())
	if err != nil {
		return nil, err
	}
	after, err := digest(ctx, d.db)
	return func(dir string, acked int) error {
		if acked > 0 {
			return holds(ctx, dir, after)
		}
		return holds(ctx, dir, after, before[len(before)-1])
	}, errors.Join(err, d.db.Close())
}
