package database

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// lookEvery is how often other processes' commits are looked for. A look costs
// some microseconds and no disk.
const lookEvery = 100 * time.Millisecond

// Changes gives a hint after commits: at once after one of this process, within
// 250 ms after another's. Several commits may become one hint, and a hint may
// come for nothing; none comes before its commit can be read. The channel is
// never closed; hints end with ctx.
func (db *DB) Changes(ctx context.Context) <-chan struct{} {
	db.watching.Do(func() { go db.changes.run() })
	return db.changes.subscribe(ctx)
}

// changes passes hints on.
type changes struct {
	c     *connection // its data_version moves when any other connection commits
	log   *slog.Logger
	mu    sync.Mutex
	to    map[chan struct{}]bool
	quit  chan struct{}
	ended chan struct{}
}

func newChanges(c *connection, log *slog.Logger) *changes {
	return &changes{
		c: c, log: log,
		to:   map[chan struct{}]bool{},
		quit: make(chan struct{}), ended: make(chan struct{}),
	}
}

func (s *changes) subscribe(ctx context.Context) <-chan struct{} {
	ch := make(chan struct{}, 1)
	s.mu.Lock()
	s.to[ch] = true
	s.mu.Unlock()
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		delete(s.to, ch)
		s.mu.Unlock()
	})
	return ch
}

// tell hints to everybody. Who has an unread hint needs no other.
func (s *changes) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ch := range s.to {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// run looks for commits until stop. A database that can't be read is reported
// once, and looked at further.
func (s *changes) run() {
	defer close(s.ended)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	last, failing := int64(-1), false
	for {
		version, err := s.version()
		if err != nil && !failing {
			s.log.Error("database unreadable", "error", err)
		}
		if failing = err != nil; !failing && version != last {
			last = version
			s.tell()
		}
		select {
		case <-tick.C:
		case <-s.quit:
			return
		}
	}
}

// stop ends run, if it was ever started through once.
func (s *changes) stop(once *sync.Once) {
	once.Do(func() { close(s.ended) })
	close(s.quit)
	<-s.ended
	s.c.close()
}

func (s *changes) version() (int64, error) {
	st, err := s.c.statement("PRAGMA data_version")
	if err != nil {
		return 0, err
	}
	var v int64
	err = st.QueryRow().Scan(&v)
	return v, err
}
