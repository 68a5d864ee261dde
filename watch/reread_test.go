package watch_test

import (
	"errors"
	"testing"

	"inviter/config"
	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
	"inviter/watch"
)

func TestRereadAsksTheSourceThatItCameBy(t *testing.T) {
	t.Parallel()
	c := config.Config{
		Mailboxes: []config.Mailbox{{Name: "helpdesk"}},
		Shares:    []config.Share{{Name: "support", Path: t.TempDir(), User: "auto"}},
	}
	sources := watch.Open(c, watch.Means{Ledger: sourcetest.NewRecorder(nil)})
	read := watch.Reread(sources)
	raw := ticket.Raw{Name: "a.msrcIncident", Body: sample.Invitation{User: "jane", Password: "x"}.RA2()}
	mail := ticket.Raw{Body: sample.Mail{From: "jane@example.org", Files: []sample.File{{Name: "a", Body: raw.Body}}}.Bytes()}
	for name, what := range map[string]ticket.Raw{"share:support": raw, "mailbox:helpdesk": mail} {
		d, err := read(ticket.Kept{Source: name, Item: "7", Raw: what})
		if err != nil || len(d.Invitations) != 1 || d.Source != name || d.Item != "7" {
			t.Errorf("%s: %+v %v", name, d, err)
		}
	}
	_, err := read(ticket.Kept{Source: "share:gone", Raw: raw})
	var no *ticket.Refusal
	if !errors.As(err, &no) || no.Code != ticket.CodeUnavailable {
		t.Error(err)
	}
}
