package watch

import (
	"context"
	"log/slog"
	"time"

	"inviter/ticket"
)

const (
	// holdRetry is how soon a second watcher notices that the first is gone.
	holdRetry = time.Second
	// parting is how long a pass may take to return once it has to end.
	parting = 3 * time.Second
)

// watched is one source being run, by one goroutine.
type watched struct {
	source  Source
	o       Options
	log     *slog.Logger
	asked   chan struct{} // somebody wants it looked at now
	awaited bool          // and waits to see that it was
	state   ticket.SourceState
	trying  patience
	haste   haste
	mine    bool      // nobody else watches it, and the state is ours to write
	began   time.Time // when this watcher took the source up
	saved   ticket.SourceState
	savedAt time.Time
	hinted  <-chan struct{}
	stuck   chan outcome // the answer of a pass that didn't end in time, when it comes
}

func newWatched(s Source, o Options) *watched {
	return &watched{
		source: s, o: o, log: o.Log.With("source", s.Name()), asked: make(chan struct{}, 1),
		state:  ticket.SourceState{Name: s.Name(), Period: s.Poll.Period()},
		trying: newPatience(), haste: haste{savings},
	}
}

func (s *watched) ask() {
	select {
	case s.asked <- struct{}{}:
	default:
	}
}

// run watches the source until ctx ends, whenever nobody else does.
func (s *watched) run(ctx context.Context) {
	defer s.close()
	for ctx.Err() == nil {
		held, release := s.hold(ctx)
		if release == nil {
			return
		}
		s.watch(ctx, held)
		if ctx.Err() == nil {
			s.log.Warn("source passed on, for the right to watch it could not be renewed")
		}
		release()
	}
}

// watch watches the source as long as it is held.
func (s *watched) watch(ctx, held context.Context) {
	s.recall(held)
	s.hinted = s.hints(held)
	for {
		did := s.pass(held)
		if held.Err() != nil {
			s.mine = ctx.Err() != nil // else the state is another's by now
			s.keep(held, did)         // what it did counts, though how it ended doesn't
			return
		}
		s.judge(held, did)
		if !s.wait(held) {
			return
		}
	}
}

// once makes one pass and keeps what it brought.
func (s *watched) once(ctx context.Context) Result {
	held, release, err := s.o.Hold(ctx, s.source.Name())
	defer s.close()
	if err != nil {
		s.log.Info("source is watched by another program too", "why", err.Error())
		return s.result(s.pass(ctx))
	}
	defer release()
	s.recall(ctx)
	did := s.pass(held)
	s.judge(context.WithoutCancel(ctx), did)
	return s.result(did)
}

func (s *watched) result(did outcome) Result {
	r := Result{Source: s.source.Name(), Pass: did.pass, Err: did.err}
	if did.err != nil {
		r.Words = s.words(did.err)
	}
	return r
}

// hold waits until nobody else watches the source; nil means that ctx ended.
func (s *watched) hold(ctx context.Context) (held context.Context, release func()) {
	said := ""
	for {
		held, release, err := s.o.Hold(ctx, s.source.Name())
		if err == nil {
			return held, release
		}
		if said != err.Error() {
			said = err.Error()
			s.log.Info("source waits for another watcher", "why", said)
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(holdRetry):
		}
	}
}

// hints asks the source for its hints; one that panics has none.
func (s *watched) hints(ctx context.Context) (hints <-chan struct{}) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("source panicked", "panic", wordsOf(p), "stack", stack())
		}
	}()
	return s.source.Hints(ctx)
}

// wait returns when the next pass is due, and false when ctx ends first. Hints
// count while the source is well; otherwise patience alone decides.
func (s *watched) wait(ctx context.Context) bool {
	due := time.NewTimer(s.state.NextTry.Sub(s.o.Clock()))
	defer due.Stop()
	for {
		hints := s.hinted
		if s.trying.failing() {
			hints = nil
		}
		select {
		case <-ctx.Done():
			return false
		case <-due.C:
			return true
		case <-s.asked:
			s.awaited = true
			return pause(ctx, s.trying.floor()-s.idle())
		case _, open := <-hints:
			if open {
				return pause(ctx, s.haste.wait(s.idle()))
			}
			s.hinted = nil
		}
	}
}

// idle is how long ago the last pass ended.
func (s *watched) idle() time.Duration { return s.o.Clock().Sub(s.trying.last) }

// pause waits, and returns false when ctx ends first.
func pause(ctx context.Context, left time.Duration) bool {
	if left <= 0 {
		return true
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(left):
		return true
	}
}

// close lets a source that can be closed take its leave, but not for long.
func (s *watched) close() {
	closer, ok := s.source.Source.(interface{ Close() error })
	if !ok || s.stuck != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }()
		_ = closer.Close() // leaving a server rudely does no harm
	}()
	select {
	case <-done:
	case <-time.After(parting):
	}
}
