package database

import (
	"context"
	"log/slog"
)

// movedFrom is how many pages the journal holds when they are moved.
const movedFrom = 200

// mover moves pages from the journal into the database's file (a checkpoint)
// beside the writer. Otherwise the commit that finds 1,000 of them there moves
// them all before it is answered, about each hundredth claim. It holds nobody up:
// who writes meanwhile writes behind them, and that is moved by the next one, or
// by the writer where it never rests.
type mover struct {
	c     *connection
	log   *slog.Logger
	wake  chan struct{}
	ended chan struct{}
}

// newMover uses a connection that only reads: moving changes no data.
func newMover(c *connection, log *slog.Logger) *mover {
	m := &mover{c: c, log: log, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go m.run()
	return m
}

// committed tells of a commit.
func (m *mover) committed() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *mover) run() {
	defer close(m.ended)
	for range m.wake {
		in, moved, err := m.checkpoint("NOOP")
		if err == nil && in-moved >= movedFrom {
			_, _, err = m.checkpoint("PASSIVE")
		}
		if err != nil && !busy(err) { // the writer's own commits meet it too, and say so
			m.log.Debug("checkpoint", "error", err)
		}
	}
}

// checkpoint tells how many pages the journal holds, and how many of them are
// in the database's file too.
func (m *mover) checkpoint(how string) (in, moved int, err error) {
	st, err := m.c.statement("PRAGMA wal_checkpoint(" + how + ")")
	if err != nil {
		return 0, 0, err
	}
	var blocked int
	err = st.QueryRowContext(context.Background()).Scan(&blocked, &in, &moved)
	return in, moved, err
}

func (m *mover) close() {
	close(m.wake)
	<-m.ended
	m.c.close()
}
