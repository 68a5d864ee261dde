package e2e_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"inviter/e2e/private"
	"inviter/invitation"
	"inviter/invitation/sample"
)

// TestNothingOfAnInvitationIsLeft follows one invitation, with a password that
// was tried, through its whole life. While it lives its content lies open
// nowhere; after its end not even encrypted: not in the database, its journal, a
// backup, a log or a core.
func TestNothingOfAnInvitationIsLeft(t *testing.T) {
	t.Parallel()
	const password, wrong = "CanaryPass7391", "WrongCanary8264"
	file := sample.Invitation{User: "user", Password: password, Start: time.Now().Add(-time.Minute), Minutes: 60, Seed: 91}.RA2()
	marks := [][]byte{file[len(file)/3 : len(file)/3+48], []byte(password), []byte(wrong)}
	marks = append(marks, []byte(base64.StdEncoding.EncodeToString(marks[0])), marks[0][:24])

	h := newHelpdesk(t)
	server := h.startIn("sh", "-c", `ulimit -c unlimited; exec "$0" serve --config "$1"`, filepath.Join(bin, "inviter"), h.config)
	ada := h.technician("ada", "technician")
	id := ada.wants(http.StatusCreated, http.MethodPost, "/tickets", file).ticket(t).ID
	ada.wants(http.StatusOK, http.MethodPost, ada.on(id, "claim"), nil)
	if got := ada.wants(http.StatusOK, http.MethodPost, ada.on(id, "invitation"), map[string]int{"claim": 1}); !bytes.Equal(got.Body, file) {
		t.Fatal("another file")
	}
	for said, want := range map[string]invitation.Verdict{wrong: invitation.Wrong, password: invitation.Right} {
		a := ada.wants(http.StatusOK, http.MethodPost, ada.on(id, "unlock"), map[string]any{"claim": 1, "password": said})
		if !strings.Contains(string(a.Body), fmt.Sprintf("%q", want)) {
			t.Fatalf("unlock: %s", a.Body)
		}
	}
	h.lacks(t, "while it lives", marks...)
	h.must("inviter", "backup", filepath.Join(h.dir, "data", "living.backup"))
	h.lacks(t, "in a backup while it lives", marks...)
	sealed := h.sealed(t)

	ada.wants(http.StatusOK, http.MethodPost, ada.on(id, "close"), map[string]any{"claim": 1, "outcome": "solved"})
	if err := os.Remove(filepath.Join(h.dir, "data", "living.backup")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the encrypted file is gone too", func() error {
		if found := h.files(t, sealed); len(found) > 0 {
			return fmt.Errorf("it is in %v", found)
		}
		return nil
	})
	h.must("inviter", "backup", filepath.Join(h.dir, "data", "later.backup"))
	h.lacks(t, "after its end", append(marks, sealed)...)
	h.aborts(t, server)
	h.lacks(t, "after a crash", marks...)
	for _, m := range marks {
		if strings.Contains(server.Output(), string(m)) {
			t.Errorf("%.12q… is in the log", m)
		}
	}
}

// startIn starts a server by a program of the system's, in the data's folder.
func (h *helpdesk) startIn(program string, args ...string) *private.Process {
	h.t.Helper()
	return private.Start(h.t, private.Command{
		Path: private.Program(h.t, program), Args: args, Dir: h.dir, Env: h.env("GOTRACEBACK=crash"), Ready: h.answers("/readyz", http.StatusOK),
	})
}

// sealed is a piece of the one encrypted file in the database.
func (h *helpdesk) sealed(t *testing.T) []byte {
	t.Helper()
	var body []byte
	db := h.raw(t)
	defer db.Close()
	if err := db.QueryRow("SELECT body FROM payload").Scan(&body); err != nil {
		t.Fatal(err)
	}
	return body[100:148]
}

// files lists the helpdesk's files in which one of the marks is.
func (h *helpdesk) files(t *testing.T, marks ...[]byte) (found []string) {
	t.Helper()
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range marks {
			if bytes.Contains(b, m) {
				found = append(found, fmt.Sprintf("%s (%.12q…)", filepath.Base(path), m))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (h *helpdesk) lacks(t *testing.T, when string, marks ...[]byte) {
	t.Helper()
	if found := h.files(t, marks...); len(found) > 0 {
		t.Errorf("%s: in %v", when, found)
	}
}

// aborts ends the server as a crash does that leaves a core, where this machine
// keeps cores. Ours leave none: the key would be in them.
func (h *helpdesk) aborts(t *testing.T, server *private.Process) {
	t.Helper()
	if err := syscall.Kill(server.PID(), syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	<-server.Ended()
	if cores, _ := filepath.Glob(filepath.Join(h.dir, "core*")); len(cores) > 0 {
		t.Errorf("left %v", cores)
	}
	other := exec.Command("sh", "-c", "ulimit -c unlimited; kill -ABRT $$")
	other.Dir = t.TempDir()
	_ = other.Run()
	if cores, _ := filepath.Glob(filepath.Join(other.Dir, "core*")); len(cores) == 0 {
		t.Log("this machine keeps cores elsewhere or not at all, so their absence proves little")
	}
}
