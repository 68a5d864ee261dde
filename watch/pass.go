package watch

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"inviter/ticket"
)

// outcome is what one pass brought.
type outcome struct {
	pass ticket.Pass
	err  error
}

// errStuck is the failure of a pass that did not even end when it had to.
var errStuck = errors.New("is stuck: the last look does not come back; check the server or mount, then restart if it stays so")

// panicked is a fault of ours inside a source. What it says holds no content.
type panicked struct{ what, stack string }

func (p *panicked) Error() string {
	return "a fault of ours while looking (" + p.what + "): report it with the log's lines of this moment"
}

// pass looks through the source once. While that takes long it says so in the
// state; a look that never returns is left behind, and none begins beside it.
func (s *watched) pass(ctx context.Context) outcome {
	if s.stuck == nil {
		s.stuck = make(chan outcome, 1)
		bounded, cancel := context.WithTimeout(ctx, s.o.Deadline)
		go func(answer chan<- outcome) {
			defer cancel()
			answer <- s.scan(bounded)
		}(s.stuck)
	}
	late, end := time.NewTimer(s.lateIn()), time.NewTimer(s.o.Deadline+parting)
	defer late.Stop()
	defer end.Stop()
	leave := ctx.Done()
	for {
		select {
		case did := <-s.stuck:
			s.stuck = nil
			return did
		case <-late.C:
			s.late(ctx)
		case <-end.C:
			return outcome{err: errStuck}
		case <-leave:
			leave = nil
			end.Reset(parting)
		}
	}
}

// scan is the look itself. The recover stands innermost, so that a panic is one
// failed pass and nothing more.
func (s *watched) scan(ctx context.Context) (did outcome) {
	defer func() {
		if p := recover(); p != nil {
			did.err = &panicked{wordsOf(p), stack()}
		}
	}()
	did.pass, did.err = s.source.Scan(ctx, s.o.Submit)
	if did.err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		did.err = fmt.Errorf("no complete look within %v, the next one goes on from there: %w", s.o.Deadline, did.err)
	}
	return did
}

// wordsOf says what a panic was about, without content that it may carry.
func wordsOf(p any) string {
	if err, ok := p.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", p)
}

func stack() string { return string(debug.Stack()) }
