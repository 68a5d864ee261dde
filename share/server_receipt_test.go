package share_test

import (
	"os"
	"path/filepath"
	"testing"

	"inviter/e2e/private"
	"inviter/share"
	"inviter/ticket"
)

// Receipts on a server go on with their tickets, and removing one there, by the
// user's own client, withdraws; a folder made anew doesn't.
func TestReceiptsOverSMB(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{Share: []string{"directory mask = 0777", "create mask = 0666"}})
	b := overSMB(t, server, func(o *share.Options) { o.Receipts = true })
	folder, jane := filepath.Base(b.dir), person(t, server, "jane")
	for i, name := range []string{"/a.msrcIncident", "/b.msrcIncident", "/desk/c.msrcIncident"} {
		_ = jane.Mkdir(folder+"/desk", 0o777)
		must(t, jane.WriteFile(folder+name, invite(i+1), 0o666))
		b.scan(t)
		b.after(t, settle)
	}
	b.wantFiles(t, "taken", "a.msrcIncident.received.txt", "b.msrcIncident.received.txt", "desk/c.msrcIncident.received.txt")
	b.happen(1, func(n *ticket.News) { n.State, n.Holder = ticket.Claimed, "ada" })
	b.scan(t)
	if text, err := jane.ReadFile(folder + "/a.msrcIncident.received.txt"); err != nil || string(text) != "Ticket 1: claimed ada\r\n" {
		t.Errorf("jane reads %q, %v", text, err)
	}
	must(t, jane.Remove(folder+"/b.msrcIncident.received.txt"))
	must(t, os.RemoveAll(b.path("desk")))
	b.scan(t) // else a server that uses its number again hides that it is another one
	must(t, os.Mkdir(b.path("desk"), 0o777))
	for range 3 {
		b.after(t, gone)
	}
	b.wantState(t, 1, ticket.Claimed)
	b.wantState(t, 2, ticket.Withdrawn)
	b.wantState(t, 3, ticket.Waiting)
}

// A server that is away, or whose share is, withdraws nobody.
func TestAServerThatIsAwayWithdrawsNobody(t *testing.T) {
	t.Parallel()
	server := private.Samba(t, private.SambaOptions{})
	b := overSMB(t, server, func(o *share.Options) { o.Receipts, o.Settle = true, 0 })
	must(t, person(t, server, "jane").WriteFile(filepath.Base(b.dir)+"/a.msrcIncident", invite(1), 0o666))
	b.scan(t)
	must(t, os.Rename(b.dir, b.dir+".away"))
	for range 3 {
		_, _ = b.Scan(t.Context(), b.ledger.Submit)
		b.clock.advance(gone)
	}
	must(t, os.Mkdir(b.dir, 0o777)) // made anew, empty
	must(t, os.Chmod(b.dir, 0o777))
	for range 3 {
		_, _ = b.Scan(t.Context(), b.ledger.Submit)
		b.clock.advance(gone)
	}
	b.wantState(t, 1, ticket.Waiting)
	must(t, os.Remove(b.dir))
	must(t, os.Rename(b.dir+".away", b.dir))
	b.scan(t)
	b.away(t, "a.msrcIncident.received.txt")
	b.wantState(t, 1, ticket.Withdrawn)
}
