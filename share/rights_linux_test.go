package share_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"inviter/ticket"
)

// asNobody runs the test once more as a user without rights, for root is let
// do anything. It returns true in that run.
func asNobody(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() != 0 {
		return true
	}
	const nobody = 65534
	self, err := os.Executable()
	must(t, err)
	dir, err := os.MkdirTemp("", "nobody")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	must(t, os.Chown(dir, nobody, nobody))
	program, err := os.ReadFile(self)
	must(t, err)
	copied := filepath.Join(dir, "share.test")
	must(t, os.WriteFile(copied, program, 0o755))
	cmd := exec.Command(copied, "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TMPDIR="+dir, "HOME="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
	return false
}

// Rights of the real kind, taken and given back: nothing is lost, doubled or
// withdrawn meanwhile, and what is wrong is said.
func TestRightsLostAndRegained(t *testing.T) {
	if !asNobody(t) {
		return
	}
	for what, c := range map[string]struct {
		name       string
		lost, back os.FileMode
		fails      string // what the scan says; "" if it goes on
	}{
		"the share can't be entered":   {".", 0, 0o755, "give the account that runs this read and list permission"},
		"the share can't be listed":    {".", 0o311, 0o755, "give the account that runs this read and list permission"},
		"the share can't be written":   {".", 0o555, 0o755, "give the watcher write permission"},
		"a folder can't be entered":    {"jane", 0, 0o755, ""},
		"a folder can't be written to": {"jane", 0o555, 0o755, "give the watcher write permission"},
		"a file can't be read":         {"jane/new.msrcIncident", 0, 0o644, ""},
	} {
		t.Run(what, func(t *testing.T) {
			b := newBench(t, receipts)
			b.drop(t, "jane/old.msrcIncident", 1)
			b.write(t, "jane/new.msrcIncident", invite(2))
			b.write(t, "top.msrcIncident", invite(3))
			must(t, os.Chmod(b.path(c.name), c.lost))
			t.Cleanup(func() { _ = os.Chmod(b.path(c.name), c.back) })
			for range 3 {
				_, err := b.Scan(t.Context(), b.ledger.Submit)
				if (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
					t.Errorf("scan: %v, want %q", err, c.fails)
				}
				b.clock.advance(gone)
			}
			b.wantState(t, 1, ticket.Waiting)
			must(t, os.Chmod(b.path(c.name), c.back))
			for range 3 {
				b.after(t, gone)
			}
			b.wantTickets(t, 3)
			b.wantFiles(t, what, "jane/new.msrcIncident.received.txt", "jane/old.msrcIncident.received.txt", "top.msrcIncident.received.txt")
		})
	}
}

// Files that belong to others, in a folder that the watcher may write to, make
// room for a receipt of the watcher's own.
func TestOthersFilesGetReceiptsToo(t *testing.T) {
	if !asNobody(t) {
		return
	}
	b := newBench(t, receipts)
	b.write(t, "a.msrcIncident", invite(1))
	must(t, os.Chmod(b.path("a.msrcIncident"), 0o444))
	b.scan(t)
	b.wantFiles(t, "taken", "a.msrcIncident.received.txt")
	b.happen(1, func(n *ticket.News) { n.State, n.Holder = ticket.Claimed, "ada" })
	b.scan(t)
	if text := b.content(t, "a.msrcIncident.received.txt"); text != "Ticket 1: claimed ada\r\n" {
		t.Errorf("receipt %q", text)
	}
}
