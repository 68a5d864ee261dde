package share_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"inviter/share"
	"inviter/ticket"
)

// mounting skips where the test may not mount, and returns how to mount a
// folder over another, and to take that away.
func mounting(t *testing.T, kind, from, over string, flags uintptr, data string) (mount, unmount func()) {
	t.Helper()
	mounted := false
	mount = func() {
		t.Helper()
		if err := syscall.Mount(from, over, kind, flags, data); err != nil {
			t.Skipf("may not mount: %v", err)
		}
		mounted = true
	}
	unmount = func() {
		if mounted {
			_ = syscall.Unmount(over, syscall.MNT_DETACH)
		}
		mounted = false
	}
	t.Cleanup(unmount)
	mount()
	return mount, unmount
}

// A mount that goes away at whatever call of a scan, and comes back, loses,
// doubles and withdraws nothing.
func TestUnmountedInTheMiddleOfAScan(t *testing.T) {
	for n := 1; n < 60; n += 3 {
		b := newBench(t, receipts)
		files := t.TempDir()
		mount, unmount := mounting(t, "", files, b.dir, syscall.MS_BIND, "")
		b.drop(t, "jane/a.msrcIncident", 1)
		for i := range 3 {
			b.write(t, fmt.Sprintf("u%d/b.msrcIncident", i), invite(i+2))
		}
		calls := 0
		b.Set(func(string, string) error {
			if calls++; calls == n {
				unmount()
			}
			return nil
		})
		for range 3 { // the first one may go on with what it has open
			_, _ = b.Scan(t.Context(), b.ledger.Submit)
			b.clock.advance(gone)
		}
		if calls >= n {
			if _, err := b.Scan(t.Context(), b.ledger.Submit); !errors.Is(err, ticket.ErrGone) {
				t.Errorf("unmounted at call %d: %v", n, err)
			}
		}
		b.Set(nil)
		if n%2 == 0 {
			b.Share = b.open()
		}
		if calls >= n {
			mount()
		}
		for range 3 {
			b.after(t, gone)
		}
		b.wantTickets(t, 4)
		b.wantFiles(t, fmt.Sprint("unmounted at call ", n), "jane/a.msrcIncident.received.txt",
			"u0/b.msrcIncident.received.txt", "u1/b.msrcIncident.received.txt", "u2/b.msrcIncident.received.txt")
		for id := range ticket.ID(4) {
			b.wantState(t, id+1, ticket.Waiting)
		}
		b.away(t, "jane/a.msrcIncident.received.txt")
		b.wantState(t, 1, ticket.Withdrawn)
		unmount()
	}
}

// A disk that is full, and then not.
func TestOnAFullDisk(t *testing.T) {
	b := newBench(t, func(o *share.Options) { receipts(o); o.GiveUp = 0 })
	_, unmount := mounting(t, "tmpfs", "tmpfs", b.dir, 0, "size=64k,nr_inodes=20")
	defer unmount()
	b.write(t, "jane/a.msrcIncident", invite(1))
	b.write(t, "jane/broken.msrcIncident", invite(2)[:500])
	filler := b.path("filler.docx")
	f, err := os.Create(filler)
	must(t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	must(t, f.Close())
	for n := 0; ; n++ { // and no file can be made either
		if os.WriteFile(b.path(fmt.Sprint(n, ".docx")), nil, 0o644) != nil {
			break
		}
	}
	b.clock.advance(time.Second)
	_, err = b.Scan(t.Context(), b.ledger.Submit)
	if err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("full: %v", err)
	}
	if text := b.content(t, "jane/a.msrcIncident.received.txt"); text != "Ticket 1: waiting \r\n" {
		t.Errorf("receipt on a full disk: %q", text)
	}
	if _, err := os.Stat(b.path("jane/broken.msrcIncident")); err != nil {
		t.Errorf("what can't be moved away is gone: %v", err)
	}
	must(t, os.Remove(filler))
	must(t, os.Remove(b.path("0.docx")))
	for range 3 {
		b.after(t, time.Second)
	}
	if _, err := os.Stat(b.path("refused/broken.msrcIncident")); err != nil {
		t.Errorf("room again: %v", err)
	}
	if n := b.ledger.Submits(); n > 4 {
		t.Errorf("%d deliveries", n)
	}
	b.wantTickets(t, 1)
}

// A share that can't be written to queues each file once, and says what to do.
func TestAShareThatIsReadOnlyForAWhile(t *testing.T) {
	b := newBench(t, receipts)
	files := t.TempDir()
	_, unmount := mounting(t, "", files, b.dir, syscall.MS_BIND, "")
	defer unmount()
	b.write(t, "a.msrcIncident", invite(1))
	again := func(flags uintptr) {
		must(t, syscall.Mount("", b.dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|flags, ""))
	}
	again(syscall.MS_RDONLY)
	for range 3 {
		_, err := b.Scan(t.Context(), b.ledger.Submit)
		if err == nil || !strings.Contains(err.Error(), `mode = "read"`) {
			t.Errorf("read-only: %v", err)
		}
	}
	if n := b.ledger.Tickets(); n != 1 {
		t.Errorf("%d tickets", n)
	}
	again(0)
	b.scan(t)
	b.wantFiles(t, "writable", "a.msrcIncident.received.txt")
	again(syscall.MS_RDONLY)
	b.happen(1, func(n *ticket.News) { n.State, n.Holder = ticket.Claimed, "ada" })
	b.scan(t)
	again(0)
	b.scan(t)
	if text := b.content(t, "a.msrcIncident.received.txt"); text != "Ticket 1: claimed ada\r\n" {
		t.Errorf("receipt %q", text)
	}
	if n := len(b.ledger.Deliveries()); n != 1 {
		t.Errorf("%d deliveries", n)
	}
}

// Something else mounted over a share is another share.
func TestMountedOver(t *testing.T) {
	b := newBench(t, receipts)
	b.drop(t, "a.msrcIncident", 1)
	_, unmount := mounting(t, "tmpfs", "tmpfs", b.dir, 0, "size=1m")
	for _, s := range []*share.Share{b.Share, b.open()} {
		for range 3 {
			_, _ = s.Scan(t.Context(), b.ledger.Submit)
			b.clock.advance(gone)
		}
	}
	b.wantState(t, 1, ticket.Waiting)
	unmount()
	for range 3 {
		_, _ = b.Scan(t.Context(), b.ledger.Submit)
		b.clock.advance(gone)
	}
	b.wantState(t, 1, ticket.Waiting)
}

// overflowing watches a tree and is told that events were dropped: what came
// unseen is found, and every folder is watched again.
func TestEventsThatWereDropped(t *testing.T) {
	t.Parallel()
	b := watched(t, nil)
	for i := range 5 {
		b.arrive(t, fmt.Sprintf("u%d/a.msrcIncident", i), invite(i))
	}
	b.eventually(t, 5)
	share.Overflow(b.Share)
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() { b.arrive(t, fmt.Sprintf("u%d/b.msrcIncident", i), invite(10+i)) })
	}
	all.Wait()
	b.eventually(t, 10)
	late := time.After(patience)
	for share.Watches(b.Share) != 6 { // the scan that found the last file may have begun before the loss
		select {
		case <-time.After(10 * time.Millisecond):
		case <-late:
			t.Fatalf("%d folders are watched, want 6", share.Watches(b.Share))
		}
	}
}
