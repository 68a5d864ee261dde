package share_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"inviter/share"
	"inviter/ticket"
)

// patience bounds every wait for events; nothing ever waits that long.
const patience = time.Minute

// watched is a bench with real time and events, whose loop scans on hints
// only. It says done after each scan.
func watched(t *testing.T, change func(*share.Options)) *bench {
	t.Helper()
	b := newBench(t, func(o *share.Options) {
		o.Clock, o.Settle, o.GiveUp = time.Now, time.Minute, time.Hour
		if change != nil {
			change(o)
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	hints := b.Hints(ctx)
	_, err := b.Scan(ctx, b.ledger.Submit)
	must(t, err)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hints:
				_, _ = b.Scan(ctx, b.ledger.Submit)
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-stopped })
	return b
}

// eventually waits until the submits made so many tickets.
func (b *bench) eventually(t *testing.T, tickets int) {
	t.Helper()
	deadline := time.After(patience)
	submitted := make(chan struct{}, 1)
	b.ledger.OnSubmit(func() {
		select {
		case submitted <- struct{}{}:
		default:
		}
	})
	for b.ledger.Tickets() < tickets {
		select {
		case <-submitted:
		case <-time.After(10 * time.Millisecond): // between a submit's start and its end
		case <-deadline:
			t.Fatalf("%d tickets, want %d", b.ledger.Tickets(), tickets)
		}
	}
}

// arrive puts a whole file under its name at once, a while after it was written.
func (b *bench) arrive(t *testing.T, name string, content []byte) {
	t.Helper()
	b.write(t, name+".tmp", content)
	before := time.Now().Add(-time.Second)
	must(t, os.Chtimes(b.path(name+".tmp"), before, before))
	must(t, os.Rename(b.path(name+".tmp"), b.path(name)))
}

func TestEventsHastenTheScan(t *testing.T) {
	t.Parallel()
	b := watched(t, nil)
	if m := b.Mode(); m != "events" {
		t.Errorf("mode %q", m)
	}
	b.arrive(t, "one.msrcIncident", invite(1))
	b.eventually(t, 1)
	b.arrive(t, "new/folder/two.msrcIncident", invite(2))
	b.eventually(t, 2)
	b.arrive(t, "new/folder/three.msrcIncident", invite(3))
	b.eventually(t, 3)
	must(t, os.RemoveAll(b.path("new")))
	b.arrive(t, "new/folder/four.msrcIncident", invite(4))
	b.eventually(t, 4)
}

// The file's own times can't tell a rename in the same tick as the write, but
// the events do.
func TestARenameRightAfterTheWriteNeedsNoSettling(t *testing.T) {
	t.Parallel()
	b := watched(t, nil)
	for i := range 20 {
		b.write(t, "help.tmp", invite(i))
		must(t, os.Rename(b.path("help.tmp"), b.path("help.msrcIncident")))
		b.eventually(t, i+1)
	}
}

// A file that we leave where it is may be moved away and come back.
func TestAFileThatComesBackIsNotCountedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) {
		o.Clock, o.Settle, o.GiveUp, o.Mode = time.Now, time.Minute, time.Hour, share.Read
	})
	hints := b.Hints(t.Context())
	counted := b.scan(t).Seen
	until := func(submits int) {
		t.Helper()
		for b.ledger.Submits() < submits {
			select {
			case <-hints:
				counted += b.scan(t).Seen
			case <-time.After(patience):
				t.Fatalf("%d submits, want %d", b.ledger.Submits(), submits)
			}
		}
	}
	b.arrive(t, "help.msrcIncident", invite(1))
	until(1)
	away := t.TempDir() + "/help.msrcIncident"
	must(t, os.Rename(b.path("help.msrcIncident"), away))
	counted += b.scan(t).Seen
	must(t, os.Rename(away, b.path("help.msrcIncident")))
	until(2)
	if counted != 1 {
		t.Errorf("counted %d times", counted)
	}
	b.wantTickets(t, 1)
}

func TestAFileWrittenInPlaceIsSeenWhenItHasSettled(t *testing.T) {
	t.Parallel()
	b := watched(t, func(o *share.Options) { o.Settle = 50 * time.Millisecond })
	b.write(t, "one.msrcIncident", invite(1))
	b.eventually(t, 1)
}

func TestAFileWrittenInPlaceHasToSettleInSpiteOfItsEvents(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.Hints(t.Context())
	b.scan(t)
	b.put(t, "help.msrcIncident", invite(1))
	for deadline := time.Now().Add(patience); !share.Written(b.Share, "help.msrcIncident"); {
		if time.Now().After(deadline) {
			t.Fatal("no event of the write")
		}
		runtime.Gosched()
	}
	wantPass(t, "written in place", b.scan(t), ticket.Pass{Pending: 1})
}

func TestAFolderMadeAnewIsWatchedAnew(t *testing.T) {
	t.Parallel()
	b := watched(t, nil)
	must(t, os.RemoveAll(b.dir))
	must(t, os.Mkdir(b.dir, 0o755))
	b.arrive(t, "one.msrcIncident", invite(1)) // no event tells of this one
	_, err := b.Scan(t.Context(), b.ledger.Submit)
	must(t, err)
	b.arrive(t, "two.msrcIncident", invite(2))
	b.eventually(t, 2)
}

func TestManyAtOnceOverflowNothing(t *testing.T) {
	t.Parallel()
	many := 2000
	if os.Getenv("INVITER_TEST_NIGHTLY") != "" {
		many = 20_000 // more than the kernel keeps events
	}
	b := watched(t, nil)
	for i := range many {
		b.arrive(t, fmt.Sprintf("u%d/%d.msrcIncident", i%10, i), invite(i))
	}
	b.eventually(t, many)
	wantPass(t, "in the end", b.scan(t), ticket.Pass{})
	b.wantFiles(t, "all taken")
	b.wantTickets(t, many)
}

// A share without Hints, or whose Hints ended, must still scan.
func TestHintsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Settle = 0 })
	if m := b.Mode(); m != "polling" {
		t.Errorf("mode %q", m)
	}
	b.scan(t)
	if m := b.Mode(); !strings.HasPrefix(m, "polling (") {
		t.Errorf("mode %q after a scan, want the kind of file system", m)
	}
	ctx, cancel := context.WithCancel(t.Context())
	first := b.Hints(ctx)
	second := b.Hints(ctx)
	b.scan(t)
	b.arrive(t, "one.msrcIncident", invite(1))
	select {
	case <-second:
	case <-time.After(patience):
		t.Fatal("no hint")
	}
	cancel()
	b.write(t, "two.msrcIncident", invite(2))
	wantPass(t, "without hints", b.scan(t), ticket.Pass{Queued: 2})
	_ = first
}

// What can't be looked at is the schedule's matter: it must not make scans
// follow one another.
func TestAnUnreadableFileGivesNoHints(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"stat", "read", "rename"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(o *share.Options) { o.Settle, o.GiveUp = time.Millisecond, time.Hour })
			b.write(t, "help.msrcIncident", invite(1))
			b.Set(func(o, name string) error {
				if o == op && name != "." {
					return &fs.PathError{Op: o, Path: name, Err: syscall.EBUSY}
				}
				return nil
			})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			hints := b.Hints(ctx)
			b.clock.advance(time.Minute)
			if p := b.scan(t); p.Pending != 1 {
				t.Errorf("counted %+v", p)
			}
			select {
			case <-hints:
				t.Error("a hint")
			case <-time.After(200 * time.Millisecond):
			}
		})
	}
}
