package share_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"inviter/share"
	"inviter/ticket"
)

// gone is how long a removal has to last to count.
const gone = settle + 2*time.Second

func (b *bench) happen(id ticket.ID, what func(*ticket.News)) { b.ledger.Happen(id, what) }

// drop hands in one invitation and wants it taken.
func (b *bench) drop(t *testing.T, name string, seed int) {
	t.Helper()
	b.write(t, name, invite(seed))
	b.scan(t)
	for range 3 {
		b.after(t, settle)
	}
}

// away removes a file, and looks as often as it takes for that to count.
func (b *bench) away(t *testing.T, name string) {
	t.Helper()
	must(t, os.RemoveAll(b.path(name)))
	b.scan(t)
	b.after(t, gone)
}

func (b *bench) wantState(t *testing.T, id ticket.ID, want ticket.State) {
	t.Helper()
	if got := b.ledger.State(id); got != want {
		t.Errorf("ticket %d is %s, want %s", id, got, want)
	}
}

func (b *bench) wantLeft(t *testing.T, what string, want ...string) {
	t.Helper()
	left, err := b.ledger.Left(t.Context(), "share:support")
	must(t, err)
	var got []string
	for _, l := range left {
		got = append(got, l.Place)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: traces %q, want %q", what, got, want)
	}
}

func TestReceiptsGoOnWithTheirTickets(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	b.drop(t, "a.msrcIncident", 1)
	b.drop(t, "b.msrcIncident", 2)
	const name = "a.msrcIncident.received.txt"
	b.happen(1, func(n *ticket.News) { n.State, n.Holder = ticket.Claimed, "a very long name of somebody" })
	b.scan(t)
	if got := b.content(t, name); got != "Ticket 1: claimed a very long name of somebody\r\n" {
		t.Errorf("claimed: %q", got)
	}
	b.Share = b.open() // a restart changes nothing
	b.happen(1, func(n *ticket.News) { n.State, n.Holder = ticket.Waiting, "" })
	b.scan(t)
	if got := b.content(t, name); got != "Ticket 1: waiting \r\n" {
		t.Errorf("handed back, shorter: %q", got)
	}
	if n := b.Calls("rewrite"); n != 4 {
		t.Errorf("%d rewrites, want 2 to make receipts and 2 to follow", n)
	}
	b.happen(1, func(*ticket.News) {}) // a lease was renewed
	b.scan(t)
	if n := b.Calls("rewrite"); n != 4 {
		t.Errorf("rewritten %d times, for nothing new", n-4)
	}
	b.wantFiles(t, "in the end", "a.msrcIncident.received.txt", "b.msrcIncident.received.txt")
}

func TestReceiptsGoADayAfterTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	b.drop(t, "a.msrcIncident", 1)
	b.drop(t, "b.msrcIncident", 2)
	b.happen(1, func(n *ticket.News) { n.State = ticket.Closed })
	b.scan(t)
	b.after(t, 23*time.Hour)
	b.wantFiles(t, "before", "a.msrcIncident.received.txt", "b.msrcIncident.received.txt")
	b.Share = b.open()
	b.after(t, 2*time.Hour)
	b.wantFiles(t, "after", "b.msrcIncident.received.txt")
	b.wantLeft(t, "after", "b.msrcIncident.received.txt")
	b.wantState(t, 1, ticket.Closed)
	b.ledger.Purge(2)
	b.Share = b.open()
	b.after(t, 25*time.Hour)
	b.wantFiles(t, "purged")
	b.wantLeft(t, "purged")
}

// What is dropped again after its end gets its answer for a day.
func TestAReceiptOfAnEndedTicketStaysADay(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	b.drop(t, "a.msrcIncident", 1)
	b.happen(1, func(n *ticket.News) { n.State = ticket.Closed })
	b.after(t, 48*time.Hour)
	b.wantFiles(t, "over")
	b.drop(t, "again.msrcIncident", 1)
	b.after(t, 23*time.Hour)
	b.wantFiles(t, "told", "again.msrcIncident.received.txt")
	if got := b.content(t, "again.msrcIncident.received.txt"); got != "Ticket 1: closed \r\n" {
		t.Errorf("told %q", got)
	}
	b.after(t, 2*time.Hour)
	b.wantFiles(t, "over again")
}

func TestRemovingAReceiptWithdraws(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	b.drop(t, "jane/a.msrcIncident", 1)
	b.drop(t, "jane/b.msrcIncident", 2)
	must(t, os.Remove(b.path("jane/a.msrcIncident.received.txt")))
	b.scan(t)
	b.wantState(t, 1, ticket.Waiting) // it might be back in a moment
	b.after(t, gone)
	b.wantState(t, 1, ticket.Withdrawn)
	b.wantState(t, 2, ticket.Waiting)
	b.wantLeft(t, "one left", "jane/b.msrcIncident.received.txt")
	b.Share = b.open() // while nobody looks
	b.away(t, "jane/b.msrcIncident.received.txt")
	b.wantState(t, 2, ticket.Withdrawn)
	b.wantLeft(t, "none left")
}

func TestRemovingAFileThatIsOnlyReadWithdraws(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Mode, o.Receipts = share.Read, true })
	b.drop(t, "a.msrcIncident", 1)
	b.drop(t, "b.msrcIncident", 2)
	b.Share = b.open()
	b.after(t, settle)
	b.away(t, "a.msrcIncident")
	b.wantState(t, 1, ticket.Withdrawn)
	b.wantState(t, 2, ticket.Waiting)
	must(t, os.Rename(b.path("b.msrcIncident"), b.path("c.msrcIncident")))
	b.scan(t)
	for range 4 {
		b.after(t, gone)
	}
	b.wantState(t, 2, ticket.Waiting) // it only has another name
	b.wantLeft(t, "renamed", "c.msrcIncident")
	b.write(t, "c.msrcIncident", invite(3)) // a script uses the name again
	for range 4 {
		b.after(t, gone)
	}
	b.wantState(t, 2, ticket.Waiting)
	b.wantState(t, 3, ticket.Waiting)
	b.away(t, "c.msrcIncident")
	b.wantState(t, 2, ticket.Waiting)
	b.wantState(t, 3, ticket.Withdrawn)
	if n := b.Calls("create") + b.Calls("rewrite") + b.Calls("rename") + b.Calls("remove"); n > 0 {
		t.Errorf("%d changes to a share that is only read", n)
	}
}

// Whatever takes all away at once is nobody's wish to withdraw.
func TestWhatIsNoWithdrawal(t *testing.T) {
	t.Parallel()
	const receipt = "jane/a.msrcIncident.received.txt"
	for name, c := range map[string]struct{ away, back func(*testing.T, *bench) }{
		"the share is gone": {
			func(t *testing.T, b *bench) { must(t, os.Rename(b.dir, b.dir+".x")) },
			func(t *testing.T, b *bench) { must(t, os.Rename(b.dir+".x", b.dir)) },
		},
		"the share was made anew": {
			func(t *testing.T, b *bench) { must(t, os.RemoveAll(b.dir)); must(t, os.Mkdir(b.dir, 0o755)) }, nil,
		},
		"its folder was made anew": {
			func(t *testing.T, b *bench) {
				must(t, os.RemoveAll(b.path("jane")))
				must(t, os.Mkdir(b.path("jane"), 0o755))
			}, nil,
		},
		"its folder was renamed": {
			func(t *testing.T, b *bench) { must(t, os.Rename(b.path("jane"), b.path("jane.doe"))) }, nil,
		},
		"its folder was removed": {
			func(t *testing.T, b *bench) { must(t, os.RemoveAll(b.path("jane"))) }, nil,
		},
		"its folder can't be listed": {
			func(_ *testing.T, b *bench) { b.Set(failing("list", "jane", syscall.EACCES)) },
			func(_ *testing.T, b *bench) { b.Set(nil) },
		},
		"the server forgets it": {
			func(_ *testing.T, b *bench) { b.Set(failing("list", "jane", syscall.ESTALE)) },
			func(_ *testing.T, b *bench) { b.Set(nil) },
		},
		"an editor saves it": {
			func(t *testing.T, b *bench) { must(t, os.Rename(b.path(receipt), b.path("jane/x.bak"))) },
			func(t *testing.T, b *bench) { must(t, os.Rename(b.path("jane/x.bak"), b.path(receipt))) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, receipts)
			b.drop(t, "jane/a.msrcIncident", 1)
			c.away(t, b)
			looks, step := 4, gone
			if c.back != nil && strings.HasPrefix(name, "an editor") {
				looks = 1 // it is soon done
			}
			for range looks {
				_, _ = b.Scan(t.Context(), b.ledger.Submit)
				b.clock.advance(step)
				b.wantState(t, 1, ticket.Waiting)
			}
			if c.back == nil {
				return
			}
			c.back(t, b)
			for range 3 {
				b.after(t, gone)
			}
			b.wantState(t, 1, ticket.Waiting)
			b.away(t, receipt)
			b.wantState(t, 1, ticket.Withdrawn)
		})
	}
}

// On another machine's file system a folder's number may be used again: there a
// removal counts only if the receipt was seen, and its folder ever since.
func TestRemovalsOnAMount(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	b.Remote = true
	b.drop(t, "jane/a.msrcIncident", 1)
	b.drop(t, "jane/b.msrcIncident", 2)
	b.drop(t, "joe/c.msrcIncident", 3)
	b.away(t, "jane/a.msrcIncident.received.txt")
	b.wantState(t, 1, ticket.Withdrawn)
	must(t, os.Rename(b.dir, b.dir+".x"))
	_, _ = b.Scan(t.Context(), b.ledger.Submit)
	must(t, os.Rename(b.dir+".x", b.dir))
	must(t, os.Remove(b.path("jane/b.msrcIncident.received.txt")))
	for range 3 {
		b.after(t, gone)
	}
	b.wantState(t, 2, ticket.Waiting)
	b.Share = b.open()
	b.after(t, gone)
	b.away(t, "joe/c.msrcIncident.received.txt")
	b.wantState(t, 3, ticket.Withdrawn)
}

func failing(op, name string, err error) func(string, string) error {
	return func(o, n string) error {
		if o == op && n == name {
			return &os.PathError{Op: o, Path: n, Err: err}
		}
		return nil
	}
}

// The same between two runs: what was made anew while nobody looked is another
// folder, also if the system uses its number again.
func TestAShareMadeAnewBetweenRuns(t *testing.T) {
	t.Parallel()
	for _, inner := range []string{"", "jane"} {
		b := newBench(t, receipts)
		b.drop(t, filepath.Join(inner, "a.msrcIncident"), 1)
		must(t, os.RemoveAll(b.path(inner)))
		must(t, os.Mkdir(b.path(inner), 0o755))
		b.Share = b.open()
		for range 3 {
			b.after(t, gone)
		}
		b.wantState(t, 1, ticket.Waiting)
	}
}

// A copy of the share, restored say, is where the receipts stand from then on.
func TestARestoredShareIsHomeAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	b.drop(t, "a.msrcIncident", 1)
	must(t, os.CopyFS(b.dir+".copy", os.DirFS(b.dir)))
	must(t, os.RemoveAll(b.dir))
	must(t, os.Rename(b.dir+".copy", b.dir))
	b.Share = b.open()
	b.after(t, gone)
	b.away(t, "a.msrcIncident.received.txt")
	b.wantState(t, 1, ticket.Withdrawn)
}

func TestTidyingUpWithdrawsNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	for i := range 30 {
		b.write(t, fmt.Sprint(i, ".msrcIncident"), invite(i))
	}
	b.scan(t)
	for i := range 25 {
		must(t, os.Remove(b.path(fmt.Sprint(i, ".msrcIncident.received.txt"))))
	}
	b.scan(t)
	b.after(t, gone)
	for id := range ticket.ID(30) {
		b.wantState(t, id+1, ticket.Waiting)
	}
	if left, _ := b.ledger.Left(t.Context(), "share:support"); len(left) != 5 {
		t.Errorf("%d traces left, want 5", len(left))
	}
	b.away(t, "29.msrcIncident.received.txt")
	withdrawn := 0
	for id := range ticket.ID(30) {
		if b.ledger.State(id+1) == ticket.Withdrawn {
			withdrawn++
		}
	}
	if withdrawn != 1 {
		t.Errorf("%d withdrawn, want the one", withdrawn)
	}
}

// Receipts of ended tickets are anybody's to tidy up: they don't count.
func TestTidyingUpWhatHasEnded(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	for i := range 30 {
		b.write(t, fmt.Sprint(i, ".msrcIncident"), invite(i))
	}
	b.scan(t)
	open := ticket.ID(0)
	for id := range ticket.ID(30) {
		text := b.content(t, fmt.Sprint(id, ".msrcIncident.received.txt"))
		n, err := fmt.Sscanf(text, "Ticket %d:", &open)
		if err != nil || n != 1 {
			t.Fatalf("%q, %v", text, err)
		}
		if id < 29 { // the last one stays open
			b.happen(open, func(n *ticket.News) { n.State = ticket.Closed })
		}
	}
	b.scan(t)
	for i := range 30 {
		must(t, os.Remove(b.path(fmt.Sprint(i, ".msrcIncident.received.txt"))))
	}
	b.scan(t)
	b.after(t, gone)
	b.wantState(t, open, ticket.Withdrawn)
	b.wantLeft(t, "none left")
}

// What somebody else put in a receipt's place is his.
func TestAReceiptThatSomebodyWroteIntoIsLeftAlone(t *testing.T) {
	t.Parallel()
	const name = "a.msrcIncident.received.txt"
	for what, put := range map[string]func(t *testing.T, b *bench){
		"a text":   func(t *testing.T, b *bench) { must(t, os.WriteFile(b.path(name), []byte("my notes"), 0o644)) },
		"a folder": func(t *testing.T, b *bench) { must(t, os.Remove(b.path(name))); must(t, os.Mkdir(b.path(name), 0o755)) },
		"a link": func(t *testing.T, b *bench) {
			must(t, os.Remove(b.path(name)))
			must(t, os.WriteFile(b.path("victim"), []byte("Ticket 1: not yours"), 0o644))
			must(t, os.Symlink("victim", b.path(name)))
		},
		"a second name": func(t *testing.T, b *bench) {
			must(t, os.WriteFile(b.path("victim"), []byte("Ticket 1: not yours"), 0o644))
			must(t, os.Remove(b.path(name)))
			must(t, os.Link(b.path("victim"), b.path(name)))
		},
		"a pipe": func(t *testing.T, b *bench) {
			must(t, os.Remove(b.path(name)))
			must(t, syscall.Mkfifo(b.path(name), 0o644))
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, receipts)
			b.drop(t, "a.msrcIncident", 1)
			put(t, b)
			before, err := os.Lstat(b.path(name))
			must(t, err)
			b.happen(1, func(n *ticket.News) { n.State = ticket.Closed })
			b.after(t, gone)
			b.after(t, 25*time.Hour)
			after, err := os.Lstat(b.path(name))
			if err != nil || !os.SameFile(before, after) || after.Size() != before.Size() {
				t.Errorf("%s was touched: %v, %v", what, after, err)
			}
			if c, err := os.ReadFile(b.path("victim")); err == nil && string(c) != "Ticket 1: not yours" {
				t.Errorf("written through: %q", c)
			}
			b.wantState(t, 1, ticket.Closed)
			b.wantLeft(t, "over")
		})
	}
}

// A receipt that is open elsewhere, or on a full disk, is written later.
func TestReceiptsThatCannotBeWrittenNow(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	b.drop(t, "a.msrcIncident", 1)
	const name = "a.msrcIncident.received.txt"
	for _, fault := range []error{syscall.EBUSY, syscall.EACCES, syscall.ENOSPC, syscall.ESTALE, syscall.EINTR} {
		b.Set(failing("rewrite", name, fault))
		b.happen(1, func(n *ticket.News) { n.Holder += "x" })
		b.scan(t)
		b.scan(t)
		was := b.content(t, name)
		b.Set(nil)
		b.scan(t)
		if now := b.content(t, name); now != strings.TrimSuffix(was, "\r\n")+"x\r\n" {
			t.Errorf("%v: %q became %q", fault, was, now)
		}
	}
}

// A file that can't be written over makes room for a receipt of its own.
func TestReceiptsWhereFilesCannotBeWrittenOver(t *testing.T) {
	t.Parallel()
	for _, fault := range []error{syscall.EACCES, errors.ErrUnsupported, syscall.EIO} {
		b := newBench(t, receipts)
		b.Set(func(op, name string) error {
			if op == "rewrite" && strings.Contains(name, ".inviter-") {
				return fault
			}
			return nil
		})
		b.drop(t, "a.msrcIncident", 1)
		b.drop(t, "a.msrcIncident", 1)
		b.wantFiles(t, fault.Error(), "a.msrcIncident.received.txt")
		b.wantLeft(t, fault.Error(), "a.msrcIncident.received.txt")
		b.away(t, "a.msrcIncident.received.txt")
		b.wantState(t, 1, ticket.Withdrawn)
	}
}

// Changes of tickets make the next scan come sooner, and removals too.
func TestHintsToFollow(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	hints := b.Hints(ctx)
	b.drop(t, "a.msrcIncident", 1)
	b.drop(t, "b.msrcIncident", 2)
	for _, c := range []struct {
		what string
		do   func()
	}{
		{"a claim", func() { b.happen(1, func(n *ticket.News) { n.State, n.Holder = ticket.Claimed, "ada" }) }},
		{"a removal", func() { must(t, os.Remove(b.path("b.msrcIncident.received.txt"))) }},
	} {
		drain(hints)
		b.scan(t)
		drain(hints)
		c.do()
		select {
		case <-hints:
		case <-time.After(time.Minute):
			t.Errorf("no hint after %s", c.what)
		}
		b.scan(t)
	}
	if got := b.content(t, "a.msrcIncident.received.txt"); got != "Ticket 1: claimed ada\r\n" {
		t.Errorf("after the hint: %q", got)
	}
}

// drain waits for the hints of what was done to pass.
func drain(hints <-chan struct{}) {
	for {
		select {
		case <-hints:
		case <-time.After(300 * time.Millisecond):
			return
		}
	}
}
