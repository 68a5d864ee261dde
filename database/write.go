package database

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// mostTogether bounds how many jobs share a commit.
const mostTogether = 512

// share is how long bulk work may go on while others wait.
const share = 2 * time.Millisecond

// Write runs fn in a transaction that sees the newest state, alone among all
// writers of all processes. Once it returns nil, what fn did is on the disk.
//
// Writes that wait at the same time share one commit, each inside a savepoint
// of its own: an error or a panic of fn undoes fn's part and no other's, and
// is returned. Any other error is a fault, and nothing of fn was recorded.
//
// ctx counts only until the writer takes fn up; from then on Write answers
// what became of it, whether somebody still wants to know or not.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return explain(db.file, db.writer.submit(ctx, db.writer.jobs, fn))
}

// WriteBulk is Write for work that nobody waits for: it commits alone, in turn
// with all others that wait. Work of more than some milliseconds should ask
// Tx.GiveWay now and then.
func (db *DB) WriteBulk(ctx context.Context, fn func(*Tx) error) error {
	return explain(db.file, db.writer.submit(ctx, db.writer.bulk, fn))
}

// writer owns the one connection that writes.
type writer struct {
	c      *connection
	aside  *aside
	turn   *turn
	wait   time.Duration // how long another program's lock is waited for
	tell   func()        // after every commit that changed something
	jobs   chan *job
	bulk   chan *job
	scrub  chan chan<- error
	quit   chan struct{}
	ended  chan struct{}
	crowd  bool // the last commit had several jobs: more are about to come
	pieces []*job
	// waiting counts the calls of Write that have no answer yet.
	waiting atomic.Int64
}

// job is one call of Write.
type job struct {
	fn     func(*Tx) error
	tx     Tx
	err    error
	answer chan error
}

func newWriter(c *connection, a *aside, t *turn, wait time.Duration, tell func()) *writer {
	return &writer{
		c: c, aside: a, turn: t, wait: wait, tell: tell,
		jobs: make(chan *job), bulk: make(chan *job), scrub: make(chan chan<- error),
		quit: make(chan struct{}), ended: make(chan struct{}),
	}
}

// submit hands fn to the writer. The channels hold nothing: a job is either
// still its caller's or in the writer's hands, and then it is answered.
func (w *writer) submit(ctx context.Context, to chan<- *job, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{fn: fn, answer: make(chan error, 1)}
	if to == w.jobs {
		w.waiting.Add(1)
		defer w.waiting.Add(-1)
	}
	select {
	case to <- j:
		return <-j.answer
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return ErrClosed
	}
}

// run commits what comes, in turn: those who wait for an answer, then one piece
// of bulk work.
func (w *writer) run() {
	defer close(w.ended)
	for {
		select {
		case j := <-w.jobs:
			w.commit(w.gather(j))
		default:
		}
		select {
		case j := <-w.bulk:
			w.commitBulk(j)
			continue
		default:
		}
		select {
		case j := <-w.jobs:
			w.commit(w.gather(j))
		case j := <-w.bulk:
			w.commitBulk(j)
		case done := <-w.scrub:
			done <- w.empty()
		case <-w.quit:
			return
		}
	}
}

// commitBulk commits bulk work alone, and lets it know when others wait.
func (w *writer) commitBulk(j *job) {
	j.tx = Tx{until: time.Now().Add(share), wanted: func() bool { return w.waiting.Load() > 0 || w.turn.wanted() }}
	w.commit(append(w.pieces[:0], j))
}

// stop ends the writer after the commit it is in.
func (w *writer) stop() {
	close(w.quit)
	<-w.ended
	_ = w.aside.flush() // only cleared places are left
	w.aside.close()
	w.c.close()
}

// gather adds to first the jobs that wait already. A job that comes alone goes
// alone and at once; in a crowd, those just answered get the chance to come
// again, or every second commit would be nearly empty.
func (w *writer) gather(first *job) []*job {
	group := append(w.pieces[:0], first)
	for yields := 0; len(group) < mostTogether; {
		select {
		case j := <-w.jobs:
			group = append(group, j)
			continue
		default:
		}
		if !w.crowd || yields == 2 {
			break
		}
		yields++
		runtime.Gosched()
	}
	w.crowd = len(group) > 1
	w.pieces = group
	return group
}

// commit runs a group's jobs in one transaction and answers each of them, with
// the fault if there was one.
func (w *writer) commit(group []*job) {
	err := w.begin()
	if err == nil {
		err = w.apply(group)
		w.turn.give()
	}
	for i, j := range group {
		if err != nil { // also for the refused: perhaps because of what is now undone
			j.err = err
		}
		j.answer <- j.err
		group[i] = nil
	}
}

// begin takes the write lock, which other processes may hold for a while.
func (w *writer) begin() error {
	start := time.Now()
	if err := w.turn.take(w.wait); err != nil {
		return err
	}
	for {
		err := w.c.do("BEGIN IMMEDIATE")
		if err == nil {
			return nil
		}
		if !busy(err) || time.Since(start) > w.wait {
			w.turn.give()
			return err
		}
	}
}

// apply runs the jobs and commits what succeeded. Its error holds for every
// job of the group: nothing was recorded.
func (w *writer) apply(group []*job) error {
	wrote := false
	for _, j := range group {
		j.tx.c, j.tx.aside, j.tx.shared = w.c, w.aside, len(group) > 1
		j.err = call(j.fn, &j.tx)
		if err := w.settle(j); err != nil {
			w.c.do("ROLLBACK")
			return err
		}
		wrote = wrote || j.tx.wrote && j.err == nil
	}
	if !wrote {
		return w.c.do("ROLLBACK")
	}
	err := w.aside.flush()
	if err == nil {
		err = w.c.do("COMMIT")
	}
	if err != nil {
		w.c.do("ROLLBACK")
		return err
	}
	w.clear(group)
	w.tell()
	return nil
}

// clear clears the places that the committed jobs gave up. What can't be
// cleared now is found when the queue is next started.
func (w *writer) clear(group []*job) {
	for _, j := range group {
		if j.err != nil {
			continue
		}
		for _, place := range j.tx.cleared {
			_ = w.aside.put(place, Aside{})
		}
	}
}

// settle keeps or undoes one job's part of the transaction. Its error means
// that the whole transaction is gone: a full disk can do that.
func (w *writer) settle(j *job) error {
	if !j.tx.shared || !j.tx.wrote {
		return nil
	}
	if j.err != nil {
		if err := w.c.do("ROLLBACK TO job"); err != nil {
			return fmt.Errorf("%w after %w", err, j.err)
		}
	}
	return w.c.do("RELEASE job")
}

// call runs fn and turns its panic into an error.
func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(tx)
}
