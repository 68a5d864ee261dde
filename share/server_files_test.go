package share_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"inviter/e2e/private"
	"inviter/share"
	"inviter/ticket"
)

// Names that a file server's own users can make and Windows can't are shown
// under others by the server; whatever they are, the invitation is taken. (What
// isn't UTF-8 Samba shows to nobody.)
func TestOddNamesOverSMB(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	b := overSMB(t, server, func(o *share.Options) { o.Receipts = true })
	names := []string{
		"con.msrcIncident", "COM1.msrcIncident", "a:b.msrcIncident", "why?.msrcIncident", "trailing.msrcIncident.", "blank.msrcIncident ",
		`back\slash.msrcIncident`, "new\nline.msrcIncident", "\x01.msrcIncident", "über.msrcIncident",
		"\u202egpj.msrcIncident", "%41#.msrcIncident", strings.Repeat("x", 255-13) + ".msrcIncident", strings.Repeat("ü", 110) + ".msrcIncident",
		"[1].msrcIncident", "'quoted' \"twice\".msrcIncident", "Twin.msrcIncident", "🆘.msrcIncident",
	}
	for i, name := range names {
		b.write(t, name, invite(i))
	}
	b.scan(t)
	wantPass(t, "settled", b.after(t, settle), ticket.Pass{Queued: len(names)})
	wantPass(t, "later", b.after(t, giveUp), ticket.Pass{})
	for _, left := range all(t, b.dir) {
		if !strings.HasSuffix(left, ".received.txt") {
			t.Errorf("%q was left", left)
		}
	}
	b.wantTickets(t, len(names))
}

// What is no plain file is no trouble: Samba hides links that lead out of the
// share, shows others as what they lead to, and a pipe as an empty file.
func TestWhatIsNoFileOverSMB(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	b := overSMB(t, server, nil)
	outside := filepath.Join(t.TempDir(), "outside")
	must(t, os.WriteFile(outside, invite(1), 0o644))
	must(t, os.Symlink(outside, b.path("link.msrcIncident")))
	must(t, syscall.Mkfifo(b.path("pipe.msrcIncident"), 0o666))
	must(t, os.Mkdir(b.path("folder.msrcIncident"), 0o777))
	must(t, os.Symlink(b.dir, b.path("folder.msrcIncident/loop")))
	b.write(t, "film.mkv", make([]byte, 6<<20))
	b.write(t, "big.msrcIncident", make([]byte, 6<<20))
	b.write(t, "help.msrcIncident", invite(2))
	b.scan(t)
	if p := b.after(t, settle); p.Queued != 1 {
		t.Errorf("counted %+v", p)
	}
	if p := b.after(t, giveUp); p.Refused != 2 {
		t.Errorf("the large one and the pipe: %+v", p)
	}
	b.wantTickets(t, 1)
	if s := strings.Join(all(t, b.dir), " "); !strings.Contains(s, "refused/big.msrcIncident.reason.txt") || !strings.Contains(s, "link.msrcIncident") {
		t.Errorf("left: %s", s)
	}
}

// A share that is away is not an empty one, and comes back as it was.
func TestAShareTakenAwayAndBack(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	b := overSMB(t, server, nil)
	b.write(t, "menu.txt", []byte("soup"))
	b.scan(t)
	wantPass(t, "there", b.after(t, settle), ticket.Pass{Ignored: 1})
	server.Configure(t, private.SambaOptions{Share: []string{"available = no"}})
	server.Stop()
	server.Start(t)
	for range 2 {
		if _, err := b.Scan(t.Context(), b.ledger.Submit); !errors.Is(err, ticket.ErrGone) || !strings.Contains(err.Error(), `no share "support"`) {
			t.Errorf("away: %v", err)
		}
	}
	server.Configure(t, private.SambaOptions{})
	server.Stop()
	server.Start(t)
	reads := b.Calls("read")
	wantPass(t, "back", b.scan(t), ticket.Pass{})
	if b.Calls("read") != reads {
		t.Error("what was known is read again")
	}
	b.write(t, "help.msrcIncident", invite(1))
	b.scan(t)
	wantPass(t, "as before", b.after(t, settle), ticket.Pass{Queued: 1})
}

// From a share that can't be written to, invitations are queued all the same,
// and what is missing is said; in mode "read" nothing is missing.
func TestAReadOnlyShare(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{Share: []string{"read only = yes"}})
	for mode, trouble := range map[string]string{share.Take: "give the watcher write permission", share.Read: ""} {
		b := overSMB(t, server, func(o *share.Options) { o.Mode, o.Receipts = mode, true })
		b.write(t, "help.msrcIncident", invite(1))
		b.scan(t)
		for range 3 {
			b.clock.advance(settle)
			_, err := b.Scan(t.Context(), b.ledger.Submit)
			if got := fmt.Sprint(err); (err != nil) != (trouble != "") || !strings.Contains(got, trouble) {
				t.Errorf("%s: %v", mode, err)
			}
		}
		if b.ledger.Tickets() != 1 || len(b.ledger.Deliveries()) != 1 {
			t.Errorf("%s: %d tickets of %d deliveries", mode, b.ledger.Tickets(), len(b.ledger.Deliveries()))
		}
		b.wantFiles(t, mode, "help.msrcIncident")
		if b.ledger.Tickets(); mode == share.Read && b.Calls("self")+b.Calls("finished")+b.Calls("create") > 0 {
			t.Error("mode read wrote something")
		}
	}
}

// A file that is being read elsewhere when it is to be taken stays until it is
// closed, and is one ticket.
func TestOpenedWhileTaken(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	b := overSMB(t, server, nil)
	jane, name := person(t, server, "jane"), filepath.Base(b.dir)+"/help.msrcIncident"
	must(t, jane.WriteFile(name, invite(1), 0o644))
	b.scan(t)
	var close func() error
	b.Set(func(op, _ string) error {
		if op == "rename" && close == nil {
			f, err := jane.Open(name)
			must(t, err)
			close = f.Close
		}
		return nil
	})
	wantPass(t, "open", b.after(t, settle), ticket.Pass{Queued: 1, Pending: 1})
	wantPass(t, "still", b.after(t, settle), ticket.Pass{Pending: 1})
	b.wantFiles(t, "open", "help.msrcIncident")
	must(t, close())
	wantPass(t, "closed", b.after(t, settle), ticket.Pass{})
	b.wantFiles(t, "taken")
	b.wantTickets(t, 1)
}

// Deleted, made anew, overwritten with the same name: what counts is the content.
func TestNamesUsedAgainOverSMB(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	b := overSMB(t, server, func(o *share.Options) { o.Receipts = true })
	jane, name := person(t, server, "jane"), filepath.Base(b.dir)+"/help.msrcIncident"
	must(t, jane.WriteFile(name, invite(1), 0o644))
	b.scan(t)
	must(t, jane.Remove(name))
	wantPass(t, "deleted in time", b.after(t, settle), ticket.Pass{})
	for _, i := range []int{1, 2, 2, 3} {
		must(t, jane.WriteFile(name, invite(9)[:500], 0o644))
		b.scan(t)
		must(t, jane.WriteFile(name, invite(i), 0o644))
		b.scan(t)
		b.after(t, settle)
	}
	b.wantFiles(t, "taken", "help.msrcIncident.2.received.txt", "help.msrcIncident.3.received.txt", "help.msrcIncident.received.txt")
	b.wantTickets(t, 3)
}

// A folder that takes several answers to list.
func TestALargeFolderOverSMB(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	b := overSMB(t, server, nil)
	for i := range 2500 {
		b.write(t, fmt.Sprintf("%s-%04d.tmp", strings.Repeat("long name ", 15), i), nil)
	}
	for i := range 100 {
		b.write(t, fmt.Sprintf("menu-%d.txt", i), []byte("soup"))
	}
	b.write(t, "help.msrcIncident", invite(1))
	b.scan(t)
	wantPass(t, "settled", b.after(t, settle), ticket.Pass{Queued: 1, Ignored: 100})
	stats, reads := b.Calls("stat"), b.Calls("read")
	wantPass(t, "unchanged", b.after(t, settle), ticket.Pass{})
	if n := b.Calls("stat") - stats; n > 1 || b.Calls("read") != reads {
		t.Errorf("%d looks and %d reads of an unchanged folder", n, b.Calls("read")-reads)
	}
}
