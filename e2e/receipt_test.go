package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// receipt is the text that stands in the place of a dropped file.
type receipt struct {
	t    *testing.T
	path string
}

// says waits until the receipt has all these words.
func (r receipt) says(words ...string) string {
	r.t.Helper()
	var text []byte
	eventually(r.t, "the receipt to say "+strings.Join(words, ", "), func() (err error) {
		if text, err = os.ReadFile(r.path); err != nil {
			return err
		}
		for _, w := range words {
			if !strings.Contains(string(text), w) {
				return fmt.Errorf("%q is not in %q", w, text)
			}
		}
		return nil
	})
	return string(text)
}

// Who drops a file reads beside it how his ticket is doing, through its whole
// life and a restart, in the configured language.
func TestReceiptsFollowTheirTickets(t *testing.T) {
	t.Parallel()
	drop := t.TempDir()
	h := newHelpdesk(t, shareAt(drop, ""))
	server := h.serve()
	ada, grace := h.technician("ada.lovelace", "technician"), h.technician("grace", "lead")
	if err := os.WriteFile(filepath.Join(drop, "help.msrcIncident"), invite(1, "jdoe").RA2(), 0o600); err != nil {
		t.Fatal(err)
	}
	id := ada.appear(1, "waiting")[0].ID
	r := receipt{t, filepath.Join(drop, "help.msrcIncident.received.txt")}
	text := r.says(fmt.Sprintf("Ticket %d: in line", id), "keep the Remote Assistance window open", h.url+"/t/")
	if i, err := os.Stat(r.path); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("the receipt is not for whom the file was: %v, %v", i, err)
	}
	t.Logf("\n%s", text)
	ada.wants(http.StatusOK, http.MethodPost, ada.on(id, "claim"), nil)
	t.Logf("\n%s", r.says("claimed by Ada"))
	ada.wants(http.StatusOK, http.MethodPost, ada.on(id, "release"), map[string]any{"claim": 1, "reason": "wrong-skill"})
	r.says("in line again")
	server.Stop()
	h.serve()
	grace.wants(http.StatusOK, http.MethodPost, grace.on(id, "claim"), nil)
	grace.wants(http.StatusOK, http.MethodPost, grace.on(id, "connected"), map[string]any{"claim": 2})
	r.says("Grace is connected")
	grace.wants(http.StatusOK, http.MethodPost, grace.on(id, "close"), map[string]any{"claim": 2, "outcome": "solved"})
	t.Logf("\n%s", r.says("closed", "solved"))
}

// Removing the receipt withdraws, also from under a technician's hands.
func TestRemovingTheReceiptWithdraws(t *testing.T) {
	t.Parallel()
	drop := t.TempDir()
	h := newHelpdesk(t, shareAt(drop, ""))
	h.write("inviter.toml", `language = "de"`+"\n"+h.read("inviter.toml"))
	h.serve()
	ada := h.technician("ada", "technician")
	for i := range 2 {
		if err := os.WriteFile(filepath.Join(drop, fmt.Sprint(i, ".msrcIncident")), invite(int64(i+1), fmt.Sprint("user", i)).RA2(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ids := ada.appear(2, "waiting")
	ada.wants(http.StatusOK, http.MethodPost, ada.on(ids[0].ID, "claim"), nil)
	for i := range 2 {
		r := receipt{t, filepath.Join(drop, fmt.Sprint(i, ".msrcIncident.received.txt"))}
		t.Logf("\n%s", r.says("Anfrage ", "Remoteunterstützung"))
		if err := os.Remove(r.path); err != nil {
			t.Fatal(err)
		}
	}
	ada.appear(2, "withdrawn")
	if a := ada.call(http.MethodPost, ada.on(ids[0].ID, "renew"), map[string]int{"claim": 1}); a.Status != http.StatusGone {
		t.Errorf("renewed after the user withdrew: %d %s", a.Status, a.Body)
	}
}

func (h *helpdesk) read(name string) string {
	h.t.Helper()
	b, err := os.ReadFile(filepath.Join(h.dir, name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}
