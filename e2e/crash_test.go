package e2e_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"inviter/e2e/private"
)

// Wherever the watcher dies between looking and letting go, the next start
// leaves every invitation exactly one ticket.
func TestKilledBetweenAnyTwoSteps(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"fetched", "submitted", "moved", "noted"} {
		t.Run("mail "+point, func(t *testing.T) {
			t.Parallel()
			mail := private.Dovecot(t, private.DovecotOptions{})
			h := newHelpdesk(t, mailboxAt(mail.URL("help", "INBOX"), ""))
			for i := range 3 {
				mailTo(t, mail, mailWith(fmt.Sprintf("user%d@example.org", i), "help", invite(int64(i), "user").RA2()))
			}
			survives(t, h, point, 3)
			if left := folder(t, mail, "INBOX"); left != 0 {
				t.Errorf("%d mails were never let go", left)
			}
			if n := folder(t, mail, "Inviter/Processed"); n != 3 {
				t.Errorf("%d of 3 mails in the processed folder", n)
			}
		})
		t.Run("share "+point, func(t *testing.T) {
			t.Parallel()
			drop := t.TempDir()
			h := newHelpdesk(t, shareAt(drop, ""))
			for i := range 3 {
				name := filepath.Join(drop, fmt.Sprintf("user%d.msrcIncident", i))
				if err := os.WriteFile(name, invite(int64(i), fmt.Sprintf("user%d", i)).RA2(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			survives(t, h, point, 3)
			if left, _ := filepath.Glob(filepath.Join(drop, "*.msrcIncident")); len(left) != 0 {
				t.Errorf("never let go: %v", left)
			}
		})
		t.Run("server "+point, func(t *testing.T) {
			t.Parallel()
			server := private.Samba(t, private.SambaOptions{})
			h := newHelpdesk(t, serverShareAt(server.URL("inviter", ""), `user = "file"`))
			for i := range 3 {
				dropOver(t, server, "jane", fmt.Sprintf("user%d.msrcIncident", i), invite(int64(i), fmt.Sprintf("user%d", i)).RA2())
			}
			survives(t, h, point, 3)
			for _, name := range namesIn(t, server.Files) {
				if !strings.HasSuffix(name, ".received.txt") {
					t.Errorf("never let go: %q", name)
				}
			}
		})
	}
}

// survives lets the watcher die at the point, and counts after a healthy pass.
func survives(t *testing.T, h *helpdesk, point string, n int) {
	t.Helper()
	h.serveAlone()
	ada := h.technician("ada", "technician")
	died := h.runWith([]string{"INVITER_FAILPOINT=" + point}, "watcher-failpoints", "once")
	if died.code != -1 {
		t.Fatalf("the watcher was to die at %q, and ended with %d\n%s%s", point, died.code, died.out, died.err)
	}
	h.must("watcher", "once")
	h.must("watcher", "once")
	if got := ada.tickets(everyState); len(got) != n {
		t.Errorf("%d tickets for %d invitations", len(got), n)
	}
	for _, v := range ada.tickets(everyState) {
		if v.State != "waiting" || len(v.Deliveries) != 1 {
			t.Errorf("ticket %d is %s with %d deliveries", v.ID, v.State, len(v.Deliveries))
		}
	}
}

// A second server on the same data is refused in a line; after a kill -9 the
// next one serves at once, with everything that was acknowledged.
func TestSecondServerAndKilledServer(t *testing.T) {
	t.Parallel()
	drop := t.TempDir()
	h := newHelpdesk(t, shareAt(drop, ""))
	first := h.serve()
	ada := h.technician("ada", "technician")
	if r := h.run("inviter", "serve"); r.code == 0 || lines(r.err) != 1 {
		t.Errorf("a second serve: exit %d\n%s", r.code, r.err)
	}
	if err := os.WriteFile(filepath.Join(drop, "a.msrcIncident"), invite(1, "ann").RA2(), 0o644); err != nil {
		t.Fatal(err)
	}
	id := ada.appear(1, "waiting")[0].ID
	ada.wants(200, "POST", ada.on(id, "claim"), nil)
	first.Kill()
	h.serve()
	if v := ada.appear(1, "claimed")[0]; v.Claim == nil || v.Claim.Holder != "ada" || v.Claim.Number != 1 {
		t.Errorf("the claim was lost: %+v", v)
	}
	if err := os.WriteFile(filepath.Join(drop, "b.msrcIncident"), invite(2, "bob").RA2(), 0o644); err != nil {
		t.Fatal(err)
	}
	ada.appear(1, "waiting")
}

// A watcher beside a server that doesn't watch: another process's tickets are
// noticed, and when it dies a second watcher goes on.
func TestWatcherBesideServer(t *testing.T) {
	t.Parallel()
	drop := t.TempDir()
	h := newHelpdesk(t, shareAt(drop, ""))
	h.serveAlone()
	first := h.start("watcher", h.answers("/readyz", 200), "run")
	h.start("watcher", nil, "run")
	ada := h.technician("ada", "technician")
	for i := range 4 {
		if i == 2 {
			first.Kill()
		}
		name := filepath.Join(drop, fmt.Sprintf("%d.msrcIncident", i))
		if err := os.WriteFile(name, invite(int64(i), fmt.Sprintf("user%d", i)).RA2(), 0o644); err != nil {
			t.Fatal(err)
		}
		ada.appear(i+1, "waiting")
	}
}

// SIGTERM ends every program in good order.
func TestEndsOnRequest(t *testing.T) {
	t.Parallel()
	h := newHelpdesk(t, shareAt(t.TempDir(), ""))
	server, watcher := h.serve(), h.start("watcher", nil, "run")
	eventually(t, "the watcher has begun", func() error {
		if !strings.Contains(watcher.Output(), "watching") {
			return errors.New(watcher.Output())
		}
		return nil
	})
	for _, p := range []*private.Process{watcher, server} {
		if err := syscall.Kill(p.PID(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		<-p.Ended()
		if code := p.Code(); code != 0 {
			t.Errorf("ended with %d\n%s", code, p.Output())
		}
	}
}

func lines(s string) int {
	n := 0
	for _, c := range s {
		if c == '\n' {
			n++
		}
	}
	return n
}
