package web

import (
	"context"
	"time"
)

// eyes passes on that somebody looks at the queue, as long as there are streams
// open. Pages that come and go do not make it more often.
func (s *Site) eyes(ctx context.Context) {
	if s.Look == nil {
		return
	}
	tick := time.NewTicker(s.LookEvery)
	defer tick.Stop()
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.audience.arrived:
			if time.Since(last) < s.LookEvery/2 {
				continue // it still lasts, beyond the next tick
			}
		case <-tick.C:
		}
		if !s.audience.watched() {
			continue
		}
		last = time.Now()
		if err := s.Look(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("sources not told that somebody looks", "error", err)
		}
	}
}
