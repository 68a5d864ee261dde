package share_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inviter/share"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

var errDead = errors.New("the program is dead")

// dieAt lets the program die right before its n-th change of the share: nothing
// it does from then on happens. It returns whether it came to that.
func (b *bench) dieAt(n int) (died func() bool) {
	changes, dead := 0, false
	b.Set(func(op, _ string) error {
		switch op {
		case "create", "rename", "move", "remove", "rewrite", "mkdir":
			changes++
		}
		if dead = dead || changes == n; dead {
			return errDead
		}
		return nil
	})
	return func() bool { return dead }
}

// Wherever a program dies, the next one leaves one ticket, one receipt that can
// be withdrawn by, and nothing else in the share.
func TestDyingAtEachStep(t *testing.T) {
	t.Parallel()
	for how, change := range map[string]func(*share.Options){"turned": receipts, "made": receipts} {
		for n := 1; ; n++ {
			b := newBench(t, change)
			b.write(t, "jane/a.msrcIncident", invite(1))
			died := b.dieAt(n)
			if how == "made" {
				b.cannotTurn(died)
			}
			_, _ = b.Scan(t.Context(), b.ledger.Submit)
			if !died() {
				if n < 3 {
					t.Errorf("%s: only %d steps", how, n-1)
				}
				break
			}
			b.Set(nil)
			b.whole(t, fmt.Sprintf("%s, died before change %d", how, n))
		}
	}
}

// cannotTurn makes the share one whose files can't be written over.
func (b *bench) cannotTurn(func() bool) {
	before := b.Fault
	b.Set(func(op, name string) error {
		if err := before(op, name); err != nil || op != "rewrite" {
			return err
		}
		return os.ErrPermission
	})
}

func TestDyingRoundTheLedger(t *testing.T) {
	t.Parallel()
	for _, step := range []sourcetest.Step{sourcetest.BeforeSubmit, sourcetest.AfterSubmit, sourcetest.BeforeLetGo, sourcetest.AfterLetGo} {
		b := newBench(t, receipts)
		b.write(t, "jane/a.msrcIncident", invite(1))
		b.ledger.CrashAt(step)
		if _, err := b.Scan(t.Context(), b.ledger.Submit); !errors.Is(err, sourcetest.ErrCrashed) {
			t.Fatalf("%s: %v", step, err)
		}
		b.ledger.Restart()
		b.whole(t, string(step))
	}
}

// A program that dies inside the writing leaves a receipt with the invitation's
// end behind it, under the name that nobody knows.
func TestDyingInTheWriting(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	b.write(t, "jane/a.msrcIncident", invite(1))
	died := b.dieAt(3)
	_, _ = b.Scan(t.Context(), b.ledger.Submit)
	if !died() {
		t.Fatal("never put in its place")
	}
	b.Set(nil)
	asides, err := filepath.Glob(b.path("jane/.inviter-*"))
	if err != nil || len(asides) != 1 {
		t.Fatalf("put aside: %q, %v", asides, err)
	}
	text, err := os.ReadFile(asides[0])
	must(t, err)
	must(t, os.WriteFile(asides[0], append(text, invite(1)[len(text):]...), 0o644))
	b.whole(t, "torn")
}

// whole starts the program anew and wants all as it should be in the end.
func (b *bench) whole(t *testing.T, when string) {
	t.Helper()
	b.Share = b.open()
	for range 3 {
		b.scan(t)
	}
	all, err := filepath.Glob(b.path("*/*"))
	must(t, err)
	hidden, err := filepath.Glob(b.path("*/.*"))
	must(t, err)
	const receipt = "jane/a.msrcIncident.received.txt"
	if len(all)+len(hidden) != 1 || all[0] != b.path(receipt) {
		t.Fatalf("%s: the share holds %q", when, append(all, hidden...))
	}
	if text := b.content(t, receipt); text != "Ticket 1: waiting \r\n" {
		t.Errorf("%s: receipt %q", when, text)
	}
	if held := b.ledger.Open("share:support"); b.ledger.Tickets() != 1 || len(held) > 0 {
		t.Errorf("%s: %d tickets, held %v", when, b.ledger.Tickets(), held)
	}
	b.wantLeft(t, when, receipt)
	b.happen(1, func(n *ticket.News) { n.Holder = strings.Repeat("x", 50) })
	b.scan(t)
	if text := b.content(t, receipt); !strings.Contains(text, "xxx") {
		t.Errorf("%s: not followed: %q", when, text)
	}
	b.away(t, receipt)
	b.wantState(t, 1, ticket.Withdrawn)
}
