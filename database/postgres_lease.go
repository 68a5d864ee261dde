package database

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// A lease is shown to be alive every leaseBeat, and is free leaseLife after the
// last time, by the server's clock. Who couldn't show it for so long that it
// may be somebody else's gives it up leaseMargin before.
const (
	leaseLife   = 15 * time.Second
	leaseBeat   = 4 * time.Second
	leaseMargin = 3 * time.Second
)

// hold takes a row of table lease.
func (e *postgresEngine) hold(ctx context.Context, name string) (held context.Context, release func(), err error) {
	l := &lease{e: e, name: name, holder: rand.Text()}
	if err := l.take(ctx); err != nil {
		return nil, nil, err
	}
	held, lost := context.WithCancelCause(ctx)
	stop := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.keep(lost, stop)
	}()
	return held, func() {
		close(stop)
		<-ended
		lost(context.Canceled)
		l.free()
	}, nil
}

// lease is one row that is held.
type lease struct {
	e            *postgresEngine
	name, holder string
	shown        time.Time // when it was last asked for, in vain or not, with success
}

func (l *lease) take(ctx context.Context) error {
	l.shown = time.Now()
	ctx, cancel := context.WithTimeout(ctx, reachable)
	defer cancel()
	var fence int64
	err := l.e.asides.QueryRowContext(ctx, `INSERT INTO lease AS l (name, holder, who, fence, expires)
		VALUES ($1, $2, $3, 1, clock_timestamp() + $4 * interval '1 ms')
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, who = excluded.who, fence = l.fence + 1, expires = excluded.expires
		WHERE l.expires <= clock_timestamp() RETURNING fence`, l.name, l.holder, whoami(), leaseLife.Milliseconds()).Scan(&fence)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var who string
	if err := l.e.asides.QueryRowContext(ctx, "SELECT who FROM lease WHERE name = $1", l.name).Scan(&who); err != nil {
		return err
	}
	return fmt.Errorf("%s: %w (%s)", l.name, ErrHeld, who)
}

// keep shows that the lease is alive until stop, or until it is lost.
func (l *lease) keep(lost context.CancelCauseFunc, stop <-chan struct{}) {
	beat := time.NewTicker(leaseBeat)
	defer beat.Stop()
	for {
		end := time.NewTimer(time.Until(l.doubted()))
		select {
		case <-stop:
			end.Stop()
			return
		case <-end.C:
			lost(fmt.Errorf("%w: %s could not be renewed", ErrUnavailable, l.name))
			return
		case <-beat.C:
			end.Stop()
		}
		if alive, err := l.show(); err == nil && !alive {
			lost(fmt.Errorf("%s: %w", l.name, ErrHeld))
			return
		}
	}
}

// doubted is when the lease may soon be somebody else's, and is given up.
func (l *lease) doubted() time.Time { return l.shown.Add(leaseLife - leaseMargin) }

// show renews the lease; false: it is somebody else's. It waits for the server
// no longer than until the lease is doubted: the margin is for giving up.
func (l *lease) show() (alive bool, err error) {
	now := time.Now()
	ctx, cancel := context.WithDeadline(context.Background(), l.doubted())
	defer cancel()
	res, err := l.e.asides.ExecContext(ctx, `UPDATE lease SET expires = clock_timestamp() + $3 * interval '1 ms'
		WHERE name = $1 AND holder = $2`, l.name, l.holder, leaseLife.Milliseconds())
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	if n == 1 {
		l.shown = now
	}
	return n == 1, err
}

// free lets others have the lease at once. If that fails it ends by itself.
func (l *lease) free() {
	ctx, cancel := context.WithTimeout(context.Background(), leaseMargin)
	defer cancel()
	_, _ = l.e.asides.ExecContext(ctx, "UPDATE lease SET expires = clock_timestamp() WHERE name = $1 AND holder = $2", l.name, l.holder)
}

// whoami is this process in words.
func whoami() string {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	return fmt.Sprintf("process %d on %s", os.Getpid(), host)
}
