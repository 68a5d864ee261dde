package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inviter/e2e/private"
)

// The server lets nobody make folders: tickets come all the same, the mail
// stays where it is, and page, API and check say why and what to do, once, for
// as long as it is so.
func TestFolderThatCannotBeMade(t *testing.T) {
	t.Parallel()
	mail := private.Dovecot(t, private.DovecotOptions{Rights: "* owner lrwstipe\n"})
	h := newHelpdesk(t, mailboxAt(mail.URL("help", "INBOX"), ""))
	server := h.serve()
	ada := h.technician("ada", "technician")
	whole := invite(2, "bob").RA2()
	mail.Deliver(t, "help", mailWith("bob@example.org", "whole", whole), mailWith("bob@example.org", "broken", whole[:len(whole)/2]))
	ada.appear(1, "waiting")
	const processed, refused = "Inviter/Processed", "Inviter/Refused"
	const words = "can't make the folders " + processed + " and " + refused + " (it says: Permission denied): make them there"
	warned := func() error {
		s := sources(t, ada)["mailbox:helpdesk"]
		if s.State != "ok" || !strings.Contains(s.LastError, words) {
			return fmt.Errorf("%+v", s)
		}
		return nil
	}
	eventually(t, "a warning", warned)
	for range 3 {
		ada.wants(http.StatusAccepted, http.MethodPost, "/sources/mailbox:helpdesk/scan", nil)
		eventually(t, "still a warning", warned)
	}
	if err := h.answers("/readyz", http.StatusOK)(t.Context()); err != nil {
		t.Error(err)
	}
	if n := folder(t, mail, "INBOX"); n != 2 {
		t.Errorf("%d mails in the box", n)
	}
	if r := h.run("inviter", "check"); r.code != 1 || !strings.Contains(r.out, words) {
		t.Errorf("check: exit %d\n%s%s", r.code, r.out, r.err)
	}
	if n := strings.Count(server.Output(), "mail not moved"); n != 2 { // one folder each
		t.Errorf("said %d times in the log", n)
	}

	if err := os.WriteFile(filepath.Join(mail.Dir, "rights"), []byte("* owner lrwstipekxa\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	mail.Stop()
	mail.Start(t)
	eventually(t, "all moved, and nothing to be warned of", func() error {
		s := sources(t, ada)["mailbox:helpdesk"]
		if n := folder(t, mail, "INBOX"); n != 0 || s.State != "ok" || s.LastError != "" {
			return fmt.Errorf("%d mails in the box, %+v", n, s)
		}
		return nil
	})
	if a, b := folder(t, mail, processed), folder(t, mail, refused); a != 1 || b != 1 {
		t.Errorf("%d and %d mails moved", a, b)
	}
	if r := h.run("inviter", "check"); r.code != 0 {
		t.Errorf("check: exit %d\n%s%s", r.code, r.out, r.err)
	}
}
