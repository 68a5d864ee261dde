package web

import (
	"context"
	"time"
)

// sweeps asks now and then, and when told to, whether what let the readers of
// streams in still does, until ctx ends.
func (s *Site) sweeps(ctx context.Context) {
	tick := time.NewTicker(s.Check)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.audience.checks:
		}
		s.sweep(ctx)
	}
}

// sweep asks once for each log-in, however many streams it has open, and ends
// those of who is out. Whoever it can't ask for in time stays until the next one.
func (s *Site) sweep(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	void := map[pass]bool{}
	for _, p := range s.audience.passes() {
		if !s.still(ctx, p) {
			void[p] = true
		}
	}
	if len(void) > 0 {
		s.audience.turnOut(void)
	}
}

// beats has all streams say now and then that we are there, until ctx ends.
func (s *Site) beats(ctx context.Context) {
	tick := time.NewTicker(s.Beat)
	defer tick.Stop()
	b := []byte(beat)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if s.audience.watched() {
			s.hub.tell(frame{full: b, plain: b, beats: true})
		}
	}
}
