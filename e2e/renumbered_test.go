package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"inviter/e2e/private"
)

// refusalView is what the tests read of a refusal.
type refusalView struct {
	ID           int64
	Source, Code string
}

func (p *person) refusals() []refusalView {
	p.t.Helper()
	var list struct{ Refusals []refusalView }
	if err := json.Unmarshal(p.wants(http.StatusOK, http.MethodGet, "/refusals", nil).Body, &list); err != nil {
		p.t.Fatal(err)
	}
	return list.Refusals
}

// A mailbox that loses its numbers, as after a restore or a move to another
// server, is looked through again. What had been refused and still lies there
// stays the one refusal it was, and what was dismissed stays away; so does a
// mail that somebody takes out of the refused folder and puts back.
func TestRefusedStaysOneRefusal(t *testing.T) {
	t.Parallel()
	mail := private.Dovecot(t, private.DovecotOptions{})
	h := newHelpdesk(t, mailboxAt(mail.URL("help", "INBOX"), `refused = ""`))
	whole := invite(2, "bob").RA2()
	for i := range 3 { // of one subject and sender, and yet three
		mail.Deliver(t, "help", mailWith("bob@example.org", "broken", whole[:len(whole)/2+i]))
	}
	mail.Deliver(t, "help", mailWith("bob@example.org", "whole", whole))
	h.serveAlone()
	lead := h.technician("lea", "lead")
	pass := func(want string) {
		t.Helper()
		if out := h.must("watcher", "once", "--json"); !strings.Contains(out, want) {
			t.Fatalf("want %s: %s", want, out)
		}
	}
	pass(`"seen":4,"queued":1,"repeated":0,"refused":3,`)
	first := lead.refusals()
	if len(first) != 3 {
		t.Fatalf("%+v", first)
	}
	lead.wants(http.StatusNoContent, http.MethodPost, fmt.Sprintf("/refusals/%d/dismiss", first[0].ID), nil)

	mail.Renumber(t, "help")
	pass(`"seen":3,"queued":0,"repeated":3,"refused":0,`)
	if again := lead.refusals(); len(again) != 2 || again[0] != first[1] || again[1] != first[2] {
		t.Errorf("%+v after %+v", again, first)
	}
	command(t, mail, "COPY 2 INBOX") // and under another number beside itself
	pass(`"seen":1,"queued":0,"repeated":1,"refused":0,`)
	if again := lead.refusals(); len(again) != 2 {
		t.Errorf("%+v after %+v", again, first)
	}
	if n := len(lead.tickets(everyState)); n != 1 {
		t.Errorf("%d tickets", n)
	}
}
