package watch_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"inviter/ticket"
)

func TestSlowPassIsLateThenCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, slow, good := newBook(), &source{name: "mailbox:slow"}, &source{name: "mailbox:good"}
		slow.look = func(ctx context.Context, n int, _ ticket.Submit) (ticket.Pass, error) {
			if n == 2 {
				<-ctx.Done()
				return ticket.Pass{Queued: 3}, ctx.Err()
			}
			return ticket.Pass{Queued: 1}, nil
		}
		defer running(t, newWatcher(t, b, "@every 1m", slow, good))()
		pass(3*time.Minute - time.Second)
		if state := b.state("mailbox:slow"); state.State != ticket.SourceOK {
			t.Errorf("late too soon: %+v", state)
		}
		pass(2 * time.Second)
		if state := b.state("mailbox:slow"); state.State != ticket.SourceLate || b.said("source late") != 1 {
			t.Errorf("not late: %+v", state)
		}
		pass(9 * time.Minute)
		if state := b.state("mailbox:slow"); b.said("no complete look within 10m0s") == 0 || state.Total.Queued < 4 {
			t.Errorf("not cut: %+v", state)
		}
		if good.passes() < 12 {
			t.Errorf("the other source had only %d passes", good.passes())
		}
	})
}

// A look that ignores its deadline, as on a dead mount, never has a second one
// beside it, and holds up neither the others nor the end of the program.
func TestStuckPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "share:a"}
		unstick := make(chan struct{})
		s.look = func(_ context.Context, n int, _ ticket.Submit) (ticket.Pass, error) {
			if n != 2 {
				<-unstick
			}
			return ticket.Pass{Queued: 1}, nil
		}
		stop := running(t, newWatcher(t, b, "@every 5s", s))
		pass(11 * time.Minute)
		if state := b.state("share:a"); state.State != ticket.SourceFailing || !strings.Contains(state.LastError, "stuck") {
			t.Errorf("state %+v", state)
		}
		pass(30 * time.Minute)
		if s.passes() != 1 {
			t.Errorf("%d passes at once", s.passes())
		}
		unstick <- struct{}{}
		pass(time.Minute)
		if state := b.state("share:a"); s.passes() < 2 || state.Total.Queued < 1 {
			t.Errorf("%d passes, state %+v", s.passes(), state)
		}
		began := time.Now()
		stop()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %v to end", took)
		}
		close(unstick)
	})
}

func TestEndsPromptly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "mailbox:a"}
		s.look = func(ctx context.Context, _ int, _ ticket.Submit) (ticket.Pass, error) {
			<-ctx.Done()
			return ticket.Pass{Queued: 2}, ctx.Err()
		}
		stop := running(t, newWatcher(t, b, "@every 1m", s))
		pass(time.Second)
		began := time.Now()
		stop()
		if time.Since(began) > 0 {
			t.Errorf("took %v to end", time.Since(began))
		}
		if state := b.state("mailbox:a"); state.Total.Queued != 2 || state.State == ticket.SourceFailing {
			t.Errorf("an interrupted pass: %+v", state)
		}
	})
}
