package share_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/share"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

func TestOverwrittenBetweenReadAndTake(t *testing.T) {
	t.Parallel()
	ways := map[string]func(t *testing.T, b *bench, name string){
		"in place": func(t *testing.T, b *bench, name string) { b.write(t, name, invite(2)) },
		"by rename": func(t *testing.T, b *bench, name string) {
			b.write(t, "x.tmp", invite(2))
			must(t, os.Rename(b.path("x.tmp"), b.path(name)))
		},
		"deleted and made anew": func(t *testing.T, b *bench, name string) {
			must(t, os.Remove(b.path(name)))
			b.write(t, name, invite(2))
		},
	}
	for way, overwrite := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.put(t, "help.msrcIncident", invite(1))
			b.scan(t)
			var once sync.Once
			b.ledger.OnSubmit(func() { once.Do(func() { overwrite(t, b, "help.msrcIncident") }) })
			if p := b.after(t, settle); p.Queued != 1 {
				t.Errorf("counted %+v, want one queued", p)
			}
			b.wantFiles(t, "the second one must stay", "help.msrcIncident")
			b.scan(t)
			b.after(t, settle)
			b.wantFiles(t, "both taken")
			b.wantTickets(t, 2)
		})
	}
}

// The last moment of all: between the last look at the name and its removal.
func TestReplacedInTheVeryLastMoment(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(t, "help.msrcIncident", invite(1))
	b.scan(t)
	var once sync.Once
	b.Set(func(op, name string) error {
		if op == "rename" {
			once.Do(func() {
				b.write(t, "x.tmp", invite(2))
				must(t, os.Rename(b.path("x.tmp"), b.path(name)))
			})
		}
		return nil
	})
	b.after(t, settle)
	b.wantFiles(t, "given back", "help.msrcIncident")
	b.scan(t)
	b.after(t, settle)
	b.wantFiles(t, "both taken")
	b.wantTickets(t, 2)
}

// Another content under the same size, time and inode number, written between
// the last look and the rename.
func TestOverwrittenWithoutATraceButItsContent(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(t, "help.msrcIncident", invite(1))
	b.scan(t)
	var once sync.Once
	b.Set(func(op, name string) error {
		if op == "rename" {
			once.Do(func() {
				i, err := os.Stat(b.path(name))
				must(t, err)
				b.write(t, name, invite(2))
				must(t, os.Chtimes(b.path(name), i.ModTime(), i.ModTime()))
			})
		}
		return nil
	})
	if len(invite(1)) != len(invite(2)) {
		t.Fatal("the samples differ in size: the test shows nothing")
	}
	b.after(t, settle)
	b.scan(t)
	b.after(t, settle)
	b.wantTickets(t, 2)
}

// A file of two names may be anybody's, until it has one.
func TestHardLinksAreLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Settle = 0 })
	b.write(t, "a.msrcIncident", invite(1))
	outside := filepath.Join(t.TempDir(), "b")
	must(t, os.Link(b.path("a.msrcIncident"), outside))
	wantPass(t, "two names", b.scan(t), ticket.Pass{})
	wantPass(t, "still", b.scan(t), ticket.Pass{})
	if n := b.Calls("read"); n != 0 {
		t.Errorf("read %d times", n)
	}
	must(t, os.Remove(outside))
	wantPass(t, "one name", b.scan(t), ticket.Pass{Queued: 1})
}

// What was submitted stays held while its file may still lie there unread.
func TestNothingIsLetGoBeforeItIsSeen(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(t, "help.msrcIncident", invite(1))
	b.scan(t)
	b.ledger.CrashAt(sourcetest.AfterSubmit)
	b.clock.advance(settle)
	if _, err := b.Scan(t.Context(), b.ledger.Submit); err == nil {
		t.Fatal("no crash")
	}
	b.ledger.Restart()
	b.Share = b.open()
	wantPass(t, "not settled yet", b.scan(t), ticket.Pass{Pending: 1})
	if held := b.ledger.Open(b.Name()); len(held) != 1 {
		t.Errorf("held: %v, want the file that still lies there", held)
	}
	b.after(t, settle)
	b.wantFiles(t, "taken")
	b.wantTickets(t, 1)
}

// A crash while a file is put aside must not hide it for ever.
func TestAFilePutAsideIsFoundAgain(t *testing.T) {
	t.Parallel()
	for _, dies := range []string{"read", "remove"} {
		t.Run("dies at "+dies, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.put(t, "jane/help.msrcIncident", invite(1))
			b.scan(t)
			dead := false
			b.Set(func(op, name string) error {
				if dead || op == dies && share.SetAsideAs(filepath.Base(name)) != "" {
					dead = true
					return errors.New("dead")
				}
				return nil
			})
			b.clock.advance(settle)
			_, _ = b.Scan(t.Context(), b.ledger.Submit)
			if got := all(t, b.dir); len(got) != 1 || share.SetAsideAs(filepath.Base(got[0])) != "help.msrcIncident" {
				t.Fatalf("the share holds %q, want the file put aside", got)
			}
			b.Set(nil)
			b.Share = b.open()
			b.scan(t)
			b.after(t, giveUp)
			b.wantFiles(t, "after a restart")
			b.wantTickets(t, 1)
			if n := len(b.ledger.Deliveries()); n != 1 {
				t.Errorf("%d deliveries, want 1", n)
			}
		})
	}
}

// What replaces a file in the last moment may be anything: it is given back.
func TestAnythingPutAsideIsGivenBack(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(name string) error{
		"folder": func(name string) error { return os.Mkdir(name, 0o755) },
		"link":   func(name string) error { return os.Symlink("/etc/hostname", name) },
		"pipe":   func(name string) error { return syscall.Mkfifo(name, 0o644) },
	}
	for kind, replace := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.put(t, "help.msrcIncident", invite(1))
			b.scan(t)
			var once sync.Once
			b.Set(func(op, name string) error {
				if op == "rename" {
					once.Do(func() { must(t, os.Remove(b.path(name))); must(t, replace(b.path(name))) })
				}
				return nil
			})
			b.after(t, settle)
			names, err := os.ReadDir(b.dir)
			if err != nil || len(names) != 1 || names[0].Name() != "help.msrcIncident" || names[0].Type().IsRegular() {
				t.Errorf("the share holds %v, %v", names, err)
			}
			b.after(t, settle)
			b.wantTickets(t, 1)
		})
	}
}

func TestANameUsedAgainIsANewItem(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Settle = 0 })
	for i := range 20 {
		b.write(t, "help.msrcIncident", invite(i))
		wantPass(t, fmt.Sprint("number ", i), b.scan(t), ticket.Pass{Queued: 1})
	}
	b.write(t, "help.msrcIncident", invite(7))
	wantPass(t, "an old one again", b.scan(t), ticket.Pass{Repeated: 1})
	b.wantTickets(t, 20)
}

// TestSwap changes what stands under a name as fast as it can, while the share
// reads and takes. What lies outside of the share is an invitation, too: its
// bytes must never be delivered, and it must never be written to, whether the
// file itself is swapped or its receipt. At night that goes on for a minute.
func TestSwap(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		name    string
		outside []byte
		change  func(*share.Options)
	}{
		"taken":   {"help.msrcIncident", invite(666), func(o *share.Options) { o.Settle, o.GiveUp = 0, 0 }},
		"read":    {"help.msrcIncident", invite(666), func(o *share.Options) { o.Settle, o.Mode, o.Receipts = 0, share.Read, true }},
		"turned":  {"help.msrcIncident", invite(666), receipts},
		"receipt": {"mine.msrcIncident.received.txt", []byte("Ticket 1: waiting \r\n"), receipts},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, c.change)
			b.swap(t, c.name, c.outside)
		})
	}
}

func (b *bench) swap(t *testing.T, name string, secret []byte) {
	outside := filepath.Join(t.TempDir(), "outside.msrcIncident")
	must(t, os.WriteFile(outside, secret, 0o644))
	b.write(t, "mine.msrcIncident", invite(1))
	b.scan(t)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		swapper(b.path(name), outside, stop)
	}()
	worst := b.scanOn(t)
	close(stop)
	<-stopped
	t.Logf("the longest of all scans took %v", worst)
	if worst > patienceOf(time.Second) {
		t.Errorf("a scan took %v", worst)
	}
	allowed := map[invitation.Key]bool{parse(t, invite(1)).Key: true, parse(t, invite(2)).Key: true}
	for _, d := range b.ledger.Deliveries() {
		for _, inv := range d.Invitations {
			if !allowed[inv.Key] {
				t.Fatalf("delivered a file from outside or mixed bytes, as %s", d.Item)
			}
		}
		if d.Refusal != nil && d.Refusal.Code != invitation.NotAnInvitation {
			t.Errorf("refused: %v", d.Refusal)
		}
	}
	if b.ledger.Tickets() == 0 {
		t.Error("nothing was ever delivered: the test shows nothing")
	}
	if c, err := os.ReadFile(outside); err != nil || string(c) != string(secret) {
		t.Errorf("the file outside was touched: %q, %v", c, err)
	}
}

// patienceOf is a bound on time: as it is at night, when nothing else runs, and
// generous by day.
func patienceOf(d time.Duration) time.Duration {
	if os.Getenv("INVITER_TEST_NIGHTLY") == "" {
		return 5 * d
	}
	return d
}

// scanOn scans again and again, while tickets go on too, and returns how long
// the longest scan took.
func (b *bench) scanOn(t *testing.T) (worst time.Duration) {
	t.Helper()
	until := time.Now().Add(time.Minute)
	if os.Getenv("INVITER_TEST_NIGHTLY") == "" {
		until = time.Now().Add(time.Second)
	}
	for i := 0; i < 500 || time.Now().Before(until); i++ {
		if i%3 == 0 {
			b.happen(1, func(n *ticket.News) { n.Holder = fmt.Sprint(i) })
		}
		start := time.Now()
		_, _ = b.Scan(t.Context(), b.ledger.Submit) // it may find a folder in the way: next time
		worst = max(worst, time.Since(start))
	}
	return worst
}

// swapper puts one thing after the other under a name.
func swapper(name, outside string, stop <-chan struct{}) {
	next := name + ".tmp"
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		switch i % 7 {
		case 0, 3:
			_ = os.WriteFile(next, invite(1), 0o644)
		case 1:
			inPlace(name, invite(2))
			continue
		case 2:
			_ = os.Symlink(outside, next)
		case 4:
			_ = syscall.Mkfifo(next, 0o644)
		case 5:
			_ = os.Link(outside, next)
		case 6:
			_ = os.Remove(name)
			_ = os.Mkdir(name, 0o755)
			continue
		}
		_ = os.RemoveAll(name)
		_ = os.Rename(next, name)
	}
}

// inPlace writes over what stands under a name, unless that leads outside.
func inPlace(name string, content []byte) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return
	}
	defer f.Close()
	i, err := f.Stat()
	if err != nil || !i.Mode().IsRegular() || i.Sys().(*syscall.Stat_t).Nlink != 1 {
		return
	}
	_, _ = f.Write(content)
	_ = f.Truncate(int64(len(content)))
}
