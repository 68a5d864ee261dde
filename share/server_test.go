package share_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/e2e/private"
	"inviter/share"
	"inviter/ticket"
)

// Users drop files with the clients they have; each is told by the owner that
// the server gives his files.
func TestUsersDropFilesOverSMB(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{Share: []string{"directory mask = 0777"}})
	b := overSMB(t, server, func(o *share.Options) { o.Receipts = true })
	folder := filepath.Base(b.dir)
	local := filepath.Join(t.TempDir(), "bob.msrcIncident")
	must(t, os.WriteFile(local, invite(2), 0o644))
	jane, watcher := person(t, server, "jane"), person(t, server, "inviter")
	must(t, jane.WriteFile(folder+"/jane.msrcIncident", invite(1), 0o644))
	server.Client(t, "bob", fmt.Sprintf(`cd %s; mkdir desk; put %s bob.part; rename bob.part bob.msrcIncident; put %s desk/x.msrcIncident`, folder, local, local))
	must(t, jane.WriteFile(folder+"/jane again.msrcIncident", invite(3), 0o644))
	must(t, watcher.WriteFile(folder+"/ours.msrcIncident", invite(4), 0o644))
	b.scan(t)
	wantPass(t, "settled", b.after(t, settle), ticket.Pass{Queued: 4, Repeated: 1})
	b.wantFiles(t, "taken", "bob.msrcIncident.received.txt", "desk/x.msrcIncident.received.txt",
		"jane again.msrcIncident.received.txt", "jane.msrcIncident.received.txt", "ours.msrcIncident.received.txt")
	keys, names := map[string]string{}, map[string]string{}
	for _, d := range b.ledger.Deliveries() {
		name, _, _ := strings.Cut(d.Item, "#")
		keys[name], names[name] = d.From.Key, d.From.Name
	}
	if names["jane.msrcIncident"] != "games" || names["bob.msrcIncident"] != "news" {
		t.Errorf("the accounts are called %q", names)
	}
	owner := "share:support:owner:S-1-5-21-"
	if !strings.HasPrefix(keys["jane.msrcIncident"], owner) || keys["jane.msrcIncident"] != keys["jane again.msrcIncident"] ||
		!strings.HasPrefix(keys["bob.msrcIncident"], owner) || keys["bob.msrcIncident"] == keys["jane.msrcIncident"] ||
		keys["desk/x.msrcIncident"] != "share:support:folder:desk" || strings.HasPrefix(keys["ours.msrcIncident"], owner) {
		t.Errorf("users: %q", keys)
	}
	if m := b.Mode(); m != "polling (smb)" {
		t.Errorf("mode %q", m)
	}
}

// A server that gives all files to one account tells nobody apart.
func TestOneOwnerForAllIsNobody(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{Share: []string{"force user = backup"}})
	b := overSMB(t, server, nil)
	for i, user := range []string{"jane", "bob"} {
		must(t, person(t, server, user).WriteFile(filepath.Base(b.dir)+"/"+user+".msrcIncident", invite(i), 0o644))
	}
	b.scan(t)
	wantPass(t, "settled", b.after(t, settle), ticket.Pass{Queued: 2})
	for _, d := range b.ledger.Deliveries() {
		if strings.Contains(d.From.Key, ":owner:") {
			t.Errorf("told by owner: %+v", d.From)
		}
	}
	b.wantFiles(t, "taken")
}

// A file that is open elsewhere is not touched, however whole it looks.
func TestASlowWriterOverSMB(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	b := overSMB(t, server, nil)
	f, err := person(t, server, "jane").Create(filepath.Base(b.dir) + "/slow.msrcIncident")
	must(t, err)
	whole := invite(1)
	for i, part := range [][]byte{whole[:100], whole[100:]} {
		_, err = f.Write(part)
		must(t, err)
		b.scan(t)
		wantPass(t, fmt.Sprint("part ", i), b.after(t, settle), ticket.Pass{Pending: 1})
	}
	must(t, f.Close())
	b.after(t, settle)
	wantPass(t, "closed", b.after(t, settle), ticket.Pass{})
	b.wantFiles(t, "taken")
	b.wantTickets(t, 1)
}

// What is put in a file's place while it is being taken is neither lost nor
// removed unread.
func TestReplacedWhileTakenOverSMB(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	for _, when := range []string{"finished", "create", "rename", "remove"} {
		b := overSMB(t, server, func(o *share.Options) { o.Receipts = true })
		jane, name := person(t, server, "jane"), filepath.Base(b.dir)+"/help.msrcIncident"
		must(t, jane.WriteFile(name, invite(1), 0o644))
		replaced := false
		b.Set(func(op, _ string) error {
			if op == when && !replaced {
				replaced = true
				return jane.WriteFile(name, invite(2), 0o644)
			}
			return nil
		})
		for range 6 {
			b.after(t, settle)
		}
		b.Set(nil)
		for _, left := range all(t, b.dir) {
			if !strings.HasSuffix(left, ".received.txt") {
				t.Errorf("replaced at %s: %q was left", when, left)
			}
		}
		if n := b.ledger.Tickets(); n != 2 && (when != "finished" || n != 1) {
			t.Errorf("replaced at %s: %d tickets", when, n)
		}
	}
}

// Whatever call the connection breaks at, the pass says so, and the next one
// goes on from there.
func TestDisconnectedAtAnyCall(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	for _, when := range []string{"list", "stat", "read", "finished", "self", "create", "rename", "remove", "mkdir", "move"} {
		relay := private.NewRelay(t, server.Addr)
		b := overSMBAt(t, server, relay.Addr, func(o *share.Options) { o.Receipts, o.GiveUp = true, settle })
		jane := person(t, server, "jane")
		for i := range 3 {
			must(t, jane.WriteFile(fmt.Sprintf("%s/%d.msrcIncident", filepath.Base(b.dir), i), invite(i), 0o644))
		}
		must(t, jane.WriteFile(filepath.Base(b.dir)+"/bad.msrcIncident", invite(9)[:100], 0o644))
		b.scan(t)
		cut := 0
		b.Set(func(op, _ string) error {
			if op == when && cut == 0 {
				cut++
				relay.Cut()
			}
			return nil
		})
		b.clock.advance(settle)
		if _, err := b.Scan(t.Context(), b.ledger.Submit); cut == 1 && !errors.Is(err, ticket.ErrGone) {
			t.Errorf("cut at %s: %v", when, err)
		}
		for range 4 {
			b.after(t, settle)
		}
		if cut != 1 {
			t.Errorf("never came to %s", when)
		}
		for _, left := range all(t, b.dir) {
			if strings.HasSuffix(left, ".msrcIncident") && left != "refused/bad.msrcIncident" || strings.HasPrefix(left, ".") && when != "self" && when != "create" {
				t.Errorf("cut at %s: %q was left", when, left)
			}
		}
		b.wantTickets(t, 3)
	}
}

// A server that was started again is found again without a failed pass.
func TestARestartedServer(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	b := overSMB(t, server, nil)
	b.scan(t)
	for i, end := range []func(){server.Stop, server.Kill} {
		end()
		_, err := b.Scan(t.Context(), b.ledger.Submit)
		if !errors.Is(err, ticket.ErrGone) || !strings.Contains(err.Error(), "nothing listens at "+server.Addr) {
			t.Errorf("stopped: %v", err)
		}
		server.Start(t)
		must(t, person(t, server, "jane").WriteFile(filepath.Base(b.dir)+"/help.msrcIncident", invite(i), 0o644))
		b.scan(t)
		wantPass(t, "again", b.after(t, settle), ticket.Pass{Queued: 1})
		b.Share.Close() // so that the server has nobody to wait for
		b.scan(t)
	}
}

// A server that hangs holds up its own share for as long as it may think, and
// nothing else; the one that wakes is found by the next pass.
func TestAServerThatHangs(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	b := overSMB(t, server, nil)
	b.scan(t)
	share.Hurry(b.Share, 300*time.Millisecond)
	server.Pause()
	for range 2 {
		start := time.Now()
		_, err := b.Scan(t.Context(), b.ledger.Submit)
		if !errors.Is(err, ticket.ErrGone) || !strings.Contains(err.Error(), "no answer from "+server.Addr) {
			t.Errorf("paused: %v", err)
		}
		if d := time.Since(start); d > share.Patience/2 {
			t.Errorf("a pass of %v", d)
		}
	}
	steps := b.Check(t.Context())
	if len(steps) != 1 || !strings.Contains(steps[0].Err.Error(), "no answer") {
		t.Errorf("checked: %v", steps)
	}
	server.Resume()
	share.Hurry(b.Share, share.Patience)
	must(t, person(t, server, "jane").WriteFile(filepath.Base(b.dir)+"/help.msrcIncident", invite(1), 0o644))
	b.scan(t)
	wantPass(t, "awake", b.after(t, settle), ticket.Pass{Queued: 1})
}

// It falls silent in the middle of a pass, at any call.
func TestAConnectionThatStalls(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	for _, when := range []string{"list", "read", "finished", "rename", "remove"} {
		relay := private.NewRelay(t, server.Addr)
		b := overSMBAt(t, server, relay.Addr, nil)
		must(t, person(t, server, "jane").WriteFile(filepath.Base(b.dir)+"/help.msrcIncident", invite(1), 0o644))
		b.scan(t)
		share.Hurry(b.Share, 200*time.Millisecond)
		b.Set(func(op, _ string) error {
			if op == when {
				relay.Stall(true)
			}
			return nil
		})
		b.clock.advance(settle)
		if _, err := b.Scan(t.Context(), b.ledger.Submit); !errors.Is(err, ticket.ErrGone) {
			t.Errorf("stalled at %s: %v", when, err)
		}
		b.Set(nil)
		relay.Stall(false)
		share.Hurry(b.Share, share.Patience)
		relay.Cut() // as the server's own patience does
		for range 3 {
			b.after(t, settle)
		}
		b.wantFiles(t, "stalled at "+when)
		b.wantTickets(t, 1)
	}
}

// Every answer is signed or encrypted: one that was changed on the way is
// never believed.
func TestDamagedAnswers(t *testing.T) {
	t.Parallel()
	for _, o := range []private.SambaOptions{{}, {Global: []string{"server smb encrypt = required"}}} {
		server := private.Samba(t, o)
		relay := private.NewRelay(t, server.Addr)
		b := overSMBAt(t, server, relay.Addr, nil)
		must(t, person(t, server, "jane").WriteFile(filepath.Base(b.dir)+"/help.msrcIncident", invite(1), 0o644))
		b.scan(t)
		failed := 0
		for i := range 12 {
			share.Hurry(b.Share, 200*time.Millisecond)
			relay.Damage(int64(200*i + 77))
			if i == 10 {
				b.clock.advance(settle)
			}
			if _, err := b.Scan(t.Context(), b.ledger.Submit); err != nil {
				failed++
			}
			relay.Damage(0)
			relay.Cut()
		}
		share.Hurry(b.Share, share.Patience)
		for range 3 {
			b.after(t, settle)
		}
		if failed == 0 {
			t.Error("damage went unnoticed")
		}
		b.wantFiles(t, "taken")
		if d := b.ledger.Deliveries(); len(d) != 1 || d[0].Invitations[0].Key != parse(t, invite(1)).Key {
			t.Errorf("%d deliveries", len(d))
		}
	}
}
