package sourcetest

import (
	"context"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
)

// Patience bounds how long any one Scan of the suite may take, and how long
// one may go on after its context ended.
const Patience = 30 * time.Second

// Harness is one fresh, empty place and the source that watches it.
// Fields marked optional may be nil; the cases that need them are skipped then.
type Harness struct {
	// Open returns the source over the place, as a newly started program would.
	Open func(t *testing.T, ledger ticket.Ledger) ticket.Source
	// Deliver puts one item with this content into the place, as a user would.
	// Names differ within a test and carry no suffix.
	Deliver func(t *testing.T, name string, file []byte)
	// Remaining counts the items that still lie where they were delivered.
	Remaining func(t *testing.T) int
	// Settle lets enough time pass that the next scan takes up what the last
	// one saw (optional: for a source that takes up what it sees).
	Settle func(t *testing.T)
	// Break takes the whole place away, and Mend brings it back with all that
	// lay in it (optional).
	Break, Mend func(t *testing.T)
	// Reads counts how often the content of an item was read (optional).
	Reads func() int
	// Keeps is set for a source that only notes what it let go, and leaves it.
	Keeps bool
}

// Run puts the source through every case, each over a fresh place from fresh.
func Run(t *testing.T, fresh func(t *testing.T) Harness) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			h := fresh(t)
			c.run(t, &bench{Harness: h, ledger: NewRecorder(nil)})
		})
	}
}

// bench is one case's harness with its ledger.
type bench struct {
	Harness
	ledger *Recorder
}

// invitation n is always the same; another n is another invitation.
func invitationFile(n int) []byte {
	return sample.Invitation{User: "Jane Doe", Password: "open sesame", Seed: int64(n)}.RA2()
}

// scan does one pass, and fails the test if it outlasts Patience.
func (b *bench) scan(ctx context.Context, t *testing.T, s ticket.Source) (ticket.Pass, error) {
	t.Helper()
	type result struct {
		pass ticket.Pass
		err  error
	}
	done := make(chan result, 1)
	go func() {
		pass, err := s.Scan(ctx, b.ledger.Submit)
		done <- result{pass, err}
	}()
	select {
	case r := <-done:
		return r.pass, r.err
	case <-time.After(Patience):
		t.Fatalf("Scan still runs after %v", Patience)
		return ticket.Pass{}, nil
	}
}

// drain scans until what lies there had its chance: look, settle, look again,
// and a third time for what was let go. It adds up the passes; the error is
// the first one.
func (b *bench) drain(t *testing.T, s ticket.Source) (ticket.Pass, error) {
	t.Helper()
	var sum ticket.Pass
	for range 3 {
		p, err := b.scan(t.Context(), t, s)
		if err != nil {
			return sum, err
		}
		sum.Queued, sum.Repeated = sum.Queued+p.Queued, sum.Repeated+p.Repeated
		sum.Refused, sum.Ignored = sum.Refused+p.Refused, sum.Ignored+p.Ignored
		sum.Pending = p.Pending
		b.settle(t)
	}
	return sum, nil
}

// mustDrain is drain where no error is expected.
func (b *bench) mustDrain(t *testing.T, s ticket.Source) ticket.Pass {
	t.Helper()
	p, err := b.drain(t, s)
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	return p
}

func (b *bench) settle(t *testing.T) {
	t.Helper()
	if b.Settle != nil {
		b.Settle(t)
	}
}

// left checks how many items lie in the place.
func (b *bench) left(t *testing.T, want int, when string) {
	t.Helper()
	if got := b.Remaining(t); got != want {
		t.Errorf("%s: %d items in the place, want %d", when, got, want)
	}
}

// finished checks that all is let go, and that the ledger knows it.
func (b *bench) finished(t *testing.T, s ticket.Source, delivered, tickets int) {
	t.Helper()
	if got := b.ledger.Tickets(); got != tickets {
		t.Errorf("%d tickets, want %d", got, tickets)
	}
	if held := b.ledger.Open(s.Name()); len(held) > 0 {
		t.Errorf("%d items never let go: %v", len(held), held)
	}
	want := 0
	if b.Keeps {
		want = delivered
	}
	b.left(t, want, "in the end")
}
