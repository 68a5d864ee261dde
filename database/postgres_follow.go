package database

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	listenPing  = 10 * time.Second // between two looks whether the server still speaks to us
	listenRetry = 200 * time.Millisecond
)

// follow listens on a connection of its own. Notifications are hints: when the
// connection was lost, some may be, so whenever there is one again, and now and
// then while nothing is heard, everybody is told to look.
func (e *postgresEngine) follow(tell func(), quit <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-quit
		cancel()
	}()
	failing := false
	for ctx.Err() == nil {
		heard, err := e.listen(ctx, tell)
		if heard {
			failing = false
		}
		if ctx.Err() != nil {
			return
		}
		if !failing {
			e.log.Error("database doesn't tell of changes", "error", err)
			failing = true
		}
		select {
		case <-time.After(listenRetry):
		case <-ctx.Done():
		}
	}
}

// listen tells of each notification until the connection is lost. heard tells
// whether it ever was there.
func (e *postgresEngine) listen(ctx context.Context, tell func()) (heard bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, e.config.Copy())
	if err != nil {
		return false, err
	}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ending)
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{e.channel}.Sanitize()); err != nil {
		return false, fmt.Errorf("listen: %w", err)
	}
	tell()
	for {
		waiting, cancel := context.WithTimeout(ctx, listenPing)
		said, err := conn.WaitForNotification(waiting)
		cancel()
		switch {
		case err == nil:
			if said.Payload != e.writer { // our own was told already
				tell()
			}
		case ctx.Err() != nil || conn.IsClosed():
			return true, err
		default:
			if err := e.ping(ctx, conn); err != nil {
				return true, err
			}
			tell()
		}
	}
}

func (e *postgresEngine) ping(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, reachable)
	defer cancel()
	return conn.Ping(ctx)
}
