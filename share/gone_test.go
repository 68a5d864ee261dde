package share_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"inviter/share"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

func TestAShareThatIsAwaySaysSo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		gone bool
		says string
	}{
		{"no folder", fs.ErrNotExist, true, "mount it"},
		{"a file in its place", syscall.ENOTDIR, true, "mount it"},
		{"server down", syscall.EHOSTDOWN, true, "network"},
		{"stale", syscall.ESTALE, true, "network"},
		{"no permission", syscall.EACCES, false, "permission"},
	}
	for _, tt := range tests {
		for _, op := range []string{"open", "list"} {
			t.Run(tt.name+" at "+op, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, nil)
				b.put(t, "help.msrcIncident", invite(1))
				b.scan(t)
				b.Set(func(o, _ string) error {
					if o == op {
						return &fs.PathError{Op: o, Path: "p", Err: tt.err}
					}
					return nil
				})
				b.clock.advance(giveUp)
				_, err := b.Scan(t.Context(), b.ledger.Submit)
				if err == nil || errors.Is(err, ticket.ErrGone) != tt.gone || !strings.Contains(err.Error(), tt.says) || !strings.HasPrefix(err.Error(), "share:support: ") {
					t.Errorf("Scan: %v; gone should be %v, with %q", err, tt.gone, tt.says)
				}
				b.Set(nil)
				wantPass(t, "back", b.scan(t), ticket.Pass{Queued: 1})
			})
		}
	}
}

func TestAnEmptyMountPointIsNoShare(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                string
		lastPath, lastMount string
		path, mount         string
		gone                bool
	}{
		{"first time", "", "", "/srv/support", "/", false},
		{"as ever, mounted", "/srv/support", "/srv/support", "/srv/support", "/srv/support", false},
		{"as ever, plain", "/srv/support", "/", "/srv/support", "/", false},
		{"unmounted", "/srv/support", "/srv/support", "/srv/support", "/", true},
		{"unmounted above", "/mnt/files/in", "/mnt/files", "/mnt/files/in", "/mnt", true},
		{"newly mounted", "/srv/support", "/", "/srv/support", "/srv/support", false},
		{"other path", "/srv/old", "/srv/old", "/srv/support", "/", false},
	}
	for _, tt := range tests {
		err := share.Unmounted(tt.lastPath, tt.lastMount, tt.path, tt.mount)
		if errors.Is(err, ticket.ErrGone) != tt.gone || (err != nil) != tt.gone {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestAFolderMadeAnewIsScannedAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Settle = 0 })
	b.write(t, "sub/menu.txt", []byte("soup"))
	wantPass(t, "at first", b.scan(t), ticket.Pass{Ignored: 1})
	must(t, os.RemoveAll(b.dir))
	if _, err := b.Scan(t.Context(), b.ledger.Submit); !errors.Is(err, ticket.ErrGone) {
		t.Errorf("Scan without the folder: %v", err)
	}
	b.write(t, "sub/help.msrcIncident", invite(1))
	wantPass(t, "anew", b.scan(t), ticket.Pass{Queued: 1})
}

// A share that hangs in a system call must not hold up its watcher, nor be
// asked again while it hangs, nor do anything late.
func TestAShareThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(o *share.Options) { o.Settle = 0 })
		b.write(t, "help.msrcIncident", invite(1))
		release := make(chan struct{})
		b.Set(func(op, _ string) error {
			if op == "read" {
				<-release
			}
			return nil
		})
		for range 2 {
			start := time.Now()
			_, err := b.Scan(t.Context(), b.ledger.Submit)
			if !errors.Is(err, ticket.ErrGone) || time.Since(start) > 2*share.Patience {
				t.Errorf("Scan: %v after %v", err, time.Since(start))
			}
		}
		if steps := b.Check(t.Context()); len(steps) != 1 || !errors.Is(steps[0].Err, ticket.ErrGone) {
			t.Errorf("Check: %v", steps)
		}
		if n := b.Calls("open"); n != 1 {
			t.Errorf("opened %d times while it hung", n)
		}
		b.Set(nil)
		close(release)
		synctest.Wait()
		if n := b.ledger.Submits(); n != 0 {
			t.Errorf("an abandoned scan submitted")
		}
		wantPass(t, "back", b.scan(t), ticket.Pass{Queued: 1})
	})
}

func TestCancellingAShareThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		release := make(chan struct{})
		b.Set(func(string, string) error { <-release; return nil })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := b.Scan(ctx, b.ledger.Submit)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
			t.Errorf("Scan: %v after %v", err, time.Since(start))
		}
		close(release)
		synctest.Wait()
	})
}

func TestPermissionLostAndRegained(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"read", "stat", "rename", "remove"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			b.put(t, "jane/help.msrcIncident", invite(1))
			b.put(t, "other.msrcIncident", invite(2))
			b.scan(t)
			b.Set(func(o, name string) error {
				if o == op && strings.HasPrefix(name, "jane/") {
					return &fs.PathError{Op: o, Path: name, Err: syscall.EACCES}
				}
				return nil
			})
			b.clock.advance(settle)
			taken := op == "rename" || op == "remove"
			p, err := b.Scan(t.Context(), b.ledger.Submit)
			if p.Pending != 1 || p.Queued == 0 || (err != nil) != taken {
				t.Errorf("without permission: %+v, %v", p, err)
			}
			if taken && !strings.Contains(err.Error(), "give the watcher write permission") {
				t.Errorf("no advice in %v", err)
			}
			b.Set(nil)
			b.after(t, settle)
			b.after(t, settle)
			b.wantFiles(t, "permission regained")
			b.wantTickets(t, 2)
		})
	}
}

func TestAnInvitationThatCannotBeReadIsRefusedInTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(t, "help.msrcIncident", invite(1))
	b.put(t, "private.doc", []byte("mine"))
	b.scan(t)
	b.Set(func(op, name string) error {
		if op == "read" {
			return &fs.PathError{Op: op, Path: name, Err: syscall.EACCES}
		}
		return nil
	})
	wantPass(t, "unreadable", b.after(t, 2*giveUp), ticket.Pass{Pending: 2})
	wantPass(t, "not for long", b.after(t, giveUp-time.Second), ticket.Pass{Pending: 2})
	wantPass(t, "for long", b.after(t, time.Second), ticket.Pass{Refused: 1, Pending: 2})
	wantPass(t, "once", b.after(t, giveUp), ticket.Pass{Pending: 2})
	b.wantFiles(t, "it stays, for it was not read", "help.msrcIncident", "private.doc")
	b.wantTickets(t, 0)
	b.Set(nil) // nothing about the file itself changes, as with a server's access list
	wantPass(t, "readable at last", b.scan(t), ticket.Pass{Queued: 1, Ignored: 1})
	b.wantFiles(t, "taken", "private.doc")
	b.wantTickets(t, 1)
}

// A server whose clock is behind makes a file look old that is being copied.
func TestADamagedFileOfAnotherClockIsNotRefusedAtOnce(t *testing.T) {
	t.Parallel()
	for _, remote := range []bool{true, false} {
		b := newBench(t, func(o *share.Options) { o.GiveUp = 10 * time.Minute })
		b.Remote = remote
		b.write(t, "help.msrcIncident", invite(1)[:500])
		want := ticket.Pass{Refused: 1}
		if remote {
			want = ticket.Pass{Pending: 1}
		}
		wantPass(t, "half an hour old", b.after(t, 30*time.Minute), want)
		if remote {
			wantPass(t, "ten minutes later", b.after(t, 10*time.Minute), ticket.Pass{Refused: 1})
		}
	}
}

func TestPassingTroubleIsNoFault(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(t, "help.msrcIncident", invite(1))
	b.scan(t)
	b.Set(func(op, name string) error {
		if op == "rename" {
			return &fs.PathError{Op: op, Path: name, Err: syscall.EBUSY}
		}
		return nil
	})
	wantPass(t, "busy", b.after(t, settle), ticket.Pass{Queued: 1, Pending: 1})
	b.clock.advance(giveUp)
	if _, err := b.Scan(t.Context(), b.ledger.Submit); err == nil {
		t.Error("busy for long, and no error")
	}
	if n := b.Calls("read"); n != 1 {
		t.Errorf("read %d times, want once: it is queued", n)
	}
	b.Set(nil)
	wantPass(t, "free", b.scan(t), ticket.Pass{})
	b.wantFiles(t, "taken")
	b.wantTickets(t, 1)
}

func TestReadsAreCounted(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t *testing.T) sourcetest.Harness {
		probe := &share.Probe{}
		h := harness(nil)(t)
		dir := t.TempDir()
		c := newClock()
		h.Open = func(_ *testing.T, l ticket.Ledger) ticket.Source {
			return share.OpenProbed(share.Options{Name: "s", Path: dir, Settle: settle, GiveUp: giveUp, Clock: c.Now}, l, probe)
		}
		h.Deliver = func(t *testing.T, name string, file []byte) { must(t, os.WriteFile(dir+"/"+name, file, 0o644)) }
		h.Remaining = func(t *testing.T) int { return len(visible(t, dir)) }
		h.Settle = func(*testing.T) { c.advance(settle) }
		h.Break = func(t *testing.T) { must(t, os.Rename(dir, dir+".away")) }
		h.Mend = func(t *testing.T) { must(t, os.Rename(dir+".away", dir)) }
		h.Reads = func() int { return probe.Calls("read") }
		return h
	})
}

// A panic must come out of Scan itself, where package watch recovers it, and
// leave the share fit for the next scan.
func TestAPanicComesOutOfScan(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Settle = 0 })
	b.write(t, "help.msrcIncident", invite(1))
	func() {
		defer func() {
			if r := recover(); r != "boom" {
				t.Errorf("recovered %v", r)
			}
		}()
		_, _ = b.Scan(t.Context(), func(context.Context, []ticket.Delivery) ([]ticket.Receipt, error) { panic("boom") })
	}()
	wantPass(t, "afterwards", b.scan(t), ticket.Pass{Queued: 1})
	b.wantTickets(t, 1)
}
