package sourcetest

import (
	"context"
	"math"
	"slices"

	"inviter/ticket"
)

// FailSubmits makes the next n Submits fail with ErrFault, recording nothing.
func (r *Recorder) FailSubmits(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failing = n
}

// CrashAt makes the program die when it next comes to the step: that call and
// every later one answer ErrCrashed until Restart.
func (r *Recorder) CrashAt(s Step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.crash = s
}

// Crashed tells whether the step of CrashAt was reached.
func (r *Recorder) Crashed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.crashed
}

// Restart ends a crash, with everything kept that was durable before it.
func (r *Recorder) Restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.crashed, r.crash = false, ""
}

// OnSubmit has f called at the start of every Submit, before anything is
// recorded: the moment between a source's reading and its letting go.
func (r *Recorder) OnSubmit(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.onSubmit = f
}

// Tickets counts the different invitations that were submitted.
func (r *Recorder) Tickets() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.tickets)
}

// Deliveries are what was recorded, each item once, in order.
func (r *Recorder) Deliveries() []ticket.Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.deliveries)
}

// Submits counts the calls of Submit, failed ones included.
func (r *Recorder) Submits() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.submits
}

// Open lists what the source submitted but has not let go, whatever crashed.
func (r *Recorder) Open(source string) []ticket.Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held(source, math.MaxInt)
}

// alive answers for the start of a call: no crash, and a context that lives.
func (r *Recorder) alive(ctx context.Context, s Step) error {
	if r.crashed {
		return ErrCrashed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.dies(s)
}

func (r *Recorder) dies(s Step) error {
	if s != "" && r.crash == s {
		r.crashed = true
		return ErrCrashed
	}
	return nil
}
