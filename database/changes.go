package database

import (
	"context"
	"sync"
	"time"
)

// lookEvery is how often other processes' commits are looked for in a file. A
// look costs some microseconds and no disk.
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
	follow func(tell func(), quit <-chan struct{})
	mu     sync.Mutex
	to     map[chan struct{}]bool
	quit   chan struct{}
	ended  chan struct{}
}

func newChanges(follow func(tell func(), quit <-chan struct{})) *changes {
	return &changes{
		follow: follow,
		to:     map[chan struct{}]bool{},
		quit:   make(chan struct{}), ended: make(chan struct{}),
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

// run follows others' commits until stop.
func (s *changes) run() {
	defer close(s.ended)
	s.follow(s.tell, s.quit)
}

// stop ends run, if it was ever started through once.
func (s *changes) stop(once *sync.Once) {
	once.Do(func() { close(s.ended) })
	close(s.quit)
	<-s.ended
}
