package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"inviter/e2e/private"
)

// small puts the helpdesk's data on a disk of its own, of so many megabytes.
func (h *helpdesk) small(t *testing.T, megabytes int) string {
	t.Helper()
	data := filepath.Join(h.dir, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", megabytes), "tmpfs", data).CombinedOutput(); err != nil {
		private.Missing(t, "the right to mount a small disk: "+string(out))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", data).CombinedOutput(); err != nil {
			t.Errorf("umount: %v\n%s", err, out)
		}
	})
	return data
}

// A full disk, and then one that can't be written: nothing is acknowledged that
// is not stored, reading goes on, and all is well again with room.
func TestFullAndReadOnlyDisk(t *testing.T) {
	t.Parallel()
	h := newHelpdesk(t)
	data := h.small(t, 8)
	server := h.serve()
	ada := h.technician("ada", "technician")
	var ids []int64
	for i := range 3 {
		ids = append(ids, ada.wants(http.StatusCreated, "POST", "/tickets", invite(int64(i), "user").RA2()).ticket(t).ID)
	}

	filler := filepath.Join(data, "filler")
	fillUp(t, filler)
	claimed := 0 // what fits into the journal's room still goes through
	for i := range 400 {
		a := ada.call("POST", ada.on(ids[0], []string{"claim", "release"}[i%2]), map[string]any{"claim": i/2 + 1, "reason": "other"})
		if a.Status == http.StatusOK {
			claimed = i + 1
			continue
		}
		if code, _ := a.problem(); a.Status < 500 || a.Header.Get("Content-Type") != "application/problem+json" {
			t.Fatalf("on a full disk: %d %s %s", a.Status, code, a.Body)
		}
		break
	}
	state := []string{"waiting", "claimed"}[claimed%2]
	if v := ada.wants(http.StatusOK, "GET", fmt.Sprintf("/tickets/%d", ids[0]), nil).ticket(t); v.State != state {
		t.Errorf("after %d verbs that were acknowledged: %s", claimed, v.State)
	}
	if a := ada.call("POST", "/tickets", invite(9, "user").RA2()); a.Status < 500 {
		t.Errorf("handed in on a full disk: %d %s", a.Status, a.Body)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	ada.wants(http.StatusOK, "POST", ada.on(ids[1], "claim"), nil)

	remount := func(how string) {
		t.Helper()
		if out, err := exec.Command("mount", "-o", "remount,"+how, data).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	server.Kill()
	if got := h.must("inviter", "verify"); !strings.Contains(got, ": ok") {
		t.Error(got)
	}
	remount("ro")
	r := h.run("inviter", "serve")
	if r.code != 1 || lines(r.err) != 1 || !strings.Contains(r.err, "read-only file system") {
		t.Errorf("on a read-only disk: exit %d\n%s", r.code, r.err)
	}
	remount("rw")
	h.serve()
	for i, want := range []string{state, "claimed", "waiting"} {
		if v := ada.wants(http.StatusOK, "GET", fmt.Sprintf("/tickets/%d", ids[i]), nil).ticket(t); v.State != want {
			t.Errorf("ticket %d is %s, want %s", ids[i], v.State, want)
		}
	}
}

// fillUp leaves no room.
func fillUp(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
}

// A page damaged in the middle: the server refuses to start, and says how to
// bring the data back, which then works.
func TestDamagedPage(t *testing.T) {
	t.Parallel()
	h := newHelpdesk(t)
	server := h.serve()
	ada := h.technician("ada", "technician")
	for i := range 40 {
		ada.wants(http.StatusCreated, "POST", "/tickets", invite(int64(i), fmt.Sprint("user", i)).RA2())
	}
	backup := filepath.Join(h.dir, "good.backup")
	h.must("inviter", "backup", backup)
	server.Stop()
	file := filepath.Join(h.dir, "data", "inviter.db")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := len(b) / 4096 / 2 * 4096
	copy(b[page:], strings.Repeat("damage! ", 512))
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	r := h.run("inviter", "serve")
	if r.code != 1 || !strings.Contains(r.err, "damaged") || !strings.Contains(r.err, "inviter restore") {
		t.Errorf("started on a damaged page: exit %d\n%s", r.code, r.err)
	}
	h.must("inviter", "restore", backup)
	h.serve()
	if got := ada.tickets("waiting"); len(got) != 40 {
		t.Errorf("%d tickets after the restore", len(got))
	}
}
