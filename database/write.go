package database

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

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
	return db.engine.explain(db.writer.submit(ctx, db.writer.jobs, fn))
}

// WriteBulk is Write for work that nobody waits for, in turn with all others that
// wait. Work of more than some milliseconds should ask Tx.GiveWay now and then:
// once it returns, who waits goes into its commit.
func (db *DB) WriteBulk(ctx context.Context, fn func(*Tx) error) error {
	return db.engine.explain(db.writer.submit(ctx, db.writer.bulk, fn))
}

// writer owns the hand that writes.
type writer struct {
	hand   hand
	most   int    // jobs that share a commit
	tell   func() // after every commit that changed something
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
	last   bool // of its group
	answer chan error
}

func newWriter(h hand, most int, tell func()) *writer {
	return &writer{
		hand: h, most: most, tell: tell,
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
			done <- w.hand.scrub()
		case <-w.quit:
			return
		}
	}
}

// commitBulk commits bulk work, and lets it know when others wait.
func (w *writer) commitBulk(j *job) {
	j.tx = Tx{until: time.Now().Add(share), wanted: func() bool { return w.waiting.Load() > 0 || w.hand.wanted() }}
	w.commit(append(w.pieces[:0], j))
}

// stop ends the writer after the commit it is in.
func (w *writer) stop() {
	close(w.quit)
	<-w.ended
	w.hand.close()
}

// gather adds to first the jobs that wait already. A job that comes alone goes
// alone and at once; in a crowd, those just answered get the chance to come
// again, or every second commit would be nearly empty.
func (w *writer) gather(first *job) []*job {
	return w.join(append(w.pieces[:0], first))
}

// join adds to a group the jobs that wait already.
func (w *writer) join(group []*job) []*job {
	for yields := 0; len(group) < w.most; {
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
	c, b, err := w.hand.begin()
	if err == nil {
		group, err = w.apply(c, b, group)
	}
	for i, j := range group {
		if err != nil { // also for the refused: perhaps because of what is now undone
			j.err = err
		}
		j.answer <- j.err
		group[i] = nil
	}
}

// apply runs the jobs, with those that wait once bulk work is done, and commits
// what succeeded. Its error holds for every job of the group: nothing was
// recorded.
func (w *writer) apply(c *connection, b beside, group []*job) (all []*job, err error) {
	var committed []*job
	defer func() { w.hand.done(committed) }()
	wrote := false
	var ending Ending
	for i := 0; i < len(group); i++ {
		j := group[i]
		j.tx.c, j.tx.beside, j.tx.hand, j.tx.ending = c, b, w.hand, ending
		j.tx.shared, j.last = len(group) > 1, i == len(group)-1
		j.err = call(j.fn, &j.tx)
		if err := w.hand.settle(j); err != nil {
			_ = w.hand.undo()
			return group, err
		}
		if j.err != nil {
			continue
		}
		wrote, ending = wrote || j.tx.wrote, j.tx.ending
		if j.tx.wanted != nil && j.tx.wrote {
			group = w.join(group)
		}
	}
	if !wrote {
		return group, w.hand.undo()
	}
	if err := w.end(c, ending); err != nil {
		_ = w.hand.undo()
		return group, err
	}
	if err := w.hand.commit(); err != nil {
		return group, err
	}
	committed = group
	w.tell()
	return group, nil
}

// end writes what the jobs left for the end.
func (w *writer) end(c *connection, e Ending) error {
	if e == nil {
		return nil
	}
	return call(e.End, &Tx{c: c, hand: w.hand})
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
