package e2e_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inviter/e2e/private"
)

// A password written beside an invitation is marked, shown to nobody, and
// stands nowhere in what we store or log, whatever way it came.
func TestWrittenPasswordIsMasked(t *testing.T) {
	t.Parallel()
	mail := private.Dovecot(t, private.DovecotOptions{})
	drop := t.TempDir()
	h := newHelpdesk(t, mailboxAt(mail.URL("help", "INBOX"), ""), shareAt(drop, "receipts = false"))
	server := h.serve()
	ada := h.technician("ada", "technician")

	const password = "G7KX4PTR2WQM" // of all that invite makes
	mailed := mailWith("jane@example.org", "password "+password, invite(1, "jane").RA2())
	mailTo(t, mail, bytes.Replace(mailed, []byte("does not print."), []byte("does not print, "+password+"."), 1))
	if err := os.WriteFile(filepath.Join(drop, password+".msrcIncident"), invite(2, "bob").RA2(), 0o644); err != nil {
		t.Fatal(err)
	}
	got := ada.appear(2, "waiting")
	for _, v := range got {
		if !slices.Contains(v.Flags, "password-in-mail") {
			t.Errorf("ticket %d of %s isn't marked: %v", v.ID, v.Deliveries[0].Source, v.Flags)
		}
		if strings.Contains(v.Note, password) {
			t.Errorf("ticket %d shows it: %q", v.ID, v.Note)
		}
	}
	server.Stop()
	if strings.Contains(server.Output(), password) {
		t.Errorf("logged:\n%s", server.Output())
	}
	err := filepath.WalkDir(filepath.Join(h.dir, "data"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(password)) {
			t.Errorf("stored in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
