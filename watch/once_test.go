package watch_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"inviter/ticket"
)

func TestOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		good := &source{name: "mailbox:good", look: func(ctx context.Context, _ int, submit ticket.Submit) (ticket.Pass, error) {
			time.Sleep(time.Minute)
			_, err := submit(ctx, make([]ticket.Delivery, 3))
			return ticket.Pass{Seen: 4, Queued: 3, Ignored: 1}, err
		}}
		bad := &source{name: "share:bad", look: func(context.Context, int, ticket.Submit) (ticket.Pass, error) {
			time.Sleep(time.Minute)
			return ticket.Pass{}, errors.New("away")
		}}
		ugly := &source{name: "share:ugly", look: func(context.Context, int, ticket.Submit) (ticket.Pass, error) { panic(1) }}
		began := time.Now()
		results := newWatcher(t, b, "@every 1h", good, bad, ugly).Once(t.Context())
		if took := time.Since(began); took != time.Minute {
			t.Errorf("took %v, so not side by side", took)
		}
		if r := results[0]; r.Source != "mailbox:good" || r.Err != nil || r.Pass.Queued != 3 {
			t.Errorf("good: %+v", r)
		}
		if results[1].Err == nil || results[2].Err == nil {
			t.Errorf("bad, ugly: %+v", results)
		}
		if !good.closed || !bad.closed || good.passes() != 1 || len(b.held) != 0 {
			t.Error("not closed, looked more than once, or still held")
		}
		if b.state("mailbox:good").State != ticket.SourceOK || b.state("share:bad").State != ticket.SourceFailing {
			t.Errorf("states %+v", b.states)
		}
	})
}

// Beside a running watcher one pass does no harm, but the state is the other's.
func TestOnceBesideAWatcher(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "mailbox:a"}
		s.look = func(context.Context, int, ticket.Submit) (ticket.Pass, error) {
			time.Sleep(time.Hour / 12)
			return ticket.Pass{Queued: 1}, nil
		}
		_, release, err := b.hold(t.Context(), "mailbox:a")
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		r := newWatcher(t, b, "@every 1s", s).Once(t.Context())
		if r[0].Err != nil || r[0].Pass.Queued != 1 || b.writes != 0 || !s.closed {
			t.Errorf("result %+v, %d writes", r, b.writes)
		}
	})
}

func TestOnceInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s := newBook(), &source{name: "mailbox:a"}
		s.look = func(ctx context.Context, _ int, _ ticket.Submit) (ticket.Pass, error) {
			<-ctx.Done()
			return ticket.Pass{Queued: 2}, ctx.Err()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r := newWatcher(t, b, "@every 1m", s).Once(ctx)
		if !errors.Is(r[0].Err, context.DeadlineExceeded) || r[0].Pass.Queued != 2 {
			t.Errorf("result %+v", r)
		}
	})
}
