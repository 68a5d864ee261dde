//go:build failpoints

package watch

import (
	"context"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"inviter/ticket"
)

// In a test build the environment variable INVITER_FAILPOINT names a step of
// intake, and the program kills itself there as kill -9 does, the first time or
// with "STEP:N" the n-th time it comes by.
const (
	fetched   = "fetched"   // Submit entered: read, nothing recorded
	submitted = "submitted" // Submit returned: recorded, still in the source
	moved     = "moved"     // LetGo entered: gone from the source, not noted
	noted     = "noted"     // LetGo returned
)

// failpoint is the one step at which to die.
type failpoint struct {
	step string
	left atomic.Int64
}

func fromEnvironment() *failpoint {
	step, count, _ := strings.Cut(os.Getenv("INVITER_FAILPOINT"), ":")
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil || n < 1 {
		n = 1
	}
	f := &failpoint{step: step}
	f.left.Store(n)
	return f
}

// reach dies if this is the step, and its time has come.
func (f *failpoint) reach(step string) {
	if f.step == step && f.left.Add(-1) == 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // not one instruction further
	}
}

func failingSubmit(submit ticket.Submit) ticket.Submit {
	f := fromEnvironment()
	return func(ctx context.Context, batch []ticket.Delivery) ([]ticket.Receipt, error) {
		f.reach(fetched)
		receipts, err := submit(ctx, batch)
		f.reach(submitted)
		return receipts, err
	}
}

func failingLedger(ledger ticket.Ledger) ticket.Ledger {
	return &fragile{ledger, fromEnvironment()}
}

// fragile is a ledger that dies round LetGo.
type fragile struct {
	ticket.Ledger
	at *failpoint
}

func (l *fragile) LetGo(ctx context.Context, source string, items []string) error {
	l.at.reach(moved)
	err := l.Ledger.LetGo(ctx, source, items)
	l.at.reach(noted)
	return err
}
