package share

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"inviter/ticket"
)

// Scan looks through the whole share once. A place that is away, or does not
// answer within Patience, is an error that wraps ticket.ErrGone. When ctx ends
// Scan returns soon, even if the file system hangs.
func (s *Share) Scan(ctx context.Context, submit ticket.Submit) (ticket.Pass, error) {
	if err := s.await(ctx); err != nil {
		return ticket.Pass{}, s.fault(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		o := s.guarded(ctx, submit)
		<-s.turn
		done <- o
	}()
	return s.attend(ctx, done)
}

// outcome is how a pass ended. A panic goes on where Scan was called, so that
// the caller's recover is the one that counts.
type outcome struct {
	count ticket.Pass
	err   error
	panic any
}

func (s *Share) guarded(ctx context.Context, submit ticket.Submit) (o outcome) {
	defer func() {
		if o.panic = recover(); o.panic != nil {
			s.log.Error("pass panicked", "stack", string(debug.Stack()))
			s.memory.forget()
			s.unclosed, s.traces.loaded = true, false
		}
	}()
	o.count, o.err = s.pass(ctx, submit)
	return o
}

func (s *Share) fault(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", s.Name(), err)
}

// await gets the turn. A pass that was abandoned keeps it for as long as its
// system call hangs: no second one is sent after it.
func (s *Share) await(ctx context.Context) error {
	tick := time.NewTicker(Patience / 10)
	defer tick.Stop()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		select {
		case s.turn <- struct{}{}:
			return nil
		case <-ctx.Done():
		case <-tick.C:
			if s.pulse.stopped() {
				return errHangs
			}
		}
	}
}

// attend waits for a pass, but not for ever. One that is abandoned finds its
// context ended before it submits or changes anything more.
func (s *Share) attend(ctx context.Context, done <-chan outcome) (ticket.Pass, error) {
	tick := time.NewTicker(Patience / 10)
	defer tick.Stop()
	var leave <-chan time.Time
	ended := ctx.Done()
	for {
		select {
		case o := <-done:
			if o.panic != nil {
				panic(o.panic)
			}
			return o.count, s.fault(o.err)
		case <-ended:
			ended, leave = nil, time.After(Patience/5)
		case <-leave:
			return ticket.Pass{}, s.fault(ctx.Err())
		case <-tick.C:
			if s.pulse.stopped() {
				return ticket.Pass{}, s.fault(errHangs)
			}
		}
	}
}

var errHangs = fmt.Errorf("%w: it has not answered for %v: see whether its server and network are up", ticket.ErrGone, Patience)
