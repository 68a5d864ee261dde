package share_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/share"
	"inviter/ticket"
)

func (b *bench) content(t *testing.T, name string) string {
	t.Helper()
	c, err := os.ReadFile(b.path(name))
	must(t, err)
	return string(c)
}

// receipts is a share that answers, and takes files as it sees them.
func receipts(o *share.Options) { o.Settle, o.Receipts = 0, true }

func TestReceipts(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	b.write(t, "jane/help.msrcIncident", invite(1))
	b.scan(t)
	b.wantFiles(t, "taken", "jane/help.msrcIncident.received.txt")
	text := b.content(t, "jane/help.msrcIncident.received.txt")
	if text != "Ticket 1: waiting \r\n" {
		t.Errorf("receipt %q", text)
	}
	b.write(t, "jane/help.msrcIncident", invite(2))
	wantPass(t, "the name is taken", b.scan(t), ticket.Pass{Queued: 1})
	b.wantFiles(t, "numbered", "jane/help.msrcIncident.2.received.txt", "jane/help.msrcIncident.received.txt")
	if got := b.content(t, "jane/help.msrcIncident.received.txt"); got != text {
		t.Errorf("another's receipt was written over: %q", got)
	}
}

// The same file dropped again is the same ticket: its receipt serves.
func TestTheSameAgainGetsNoSecondReceipt(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	for range 3 {
		b.write(t, "a.msrcIncident", invite(1))
		b.scan(t)
		b.happen(1, func(n *ticket.News) { n.State, n.Holder = ticket.Claimed, "ada" })
	}
	b.wantFiles(t, "dropped thrice", "a.msrcIncident.received.txt")
	if text := b.content(t, "a.msrcIncident.received.txt"); text != "Ticket 1: claimed ada\r\n" {
		t.Errorf("receipt %q", text)
	}
}

// A link laid where the receipt goes must not be written through.
func TestReceiptsFollowNoLink(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	b.write(t, "victim.txt", []byte("mine"))
	must(t, os.Symlink("victim.txt", b.path("a.msrcIncident.received.txt")))
	must(t, os.Symlink("/nowhere/at/all", b.path("a.msrcIncident.2.received.txt")))
	b.write(t, "a.msrcIncident", invite(1))
	wantPass(t, "linked", b.scan(t), ticket.Pass{Queued: 1, Ignored: 1})
	if c := b.content(t, "victim.txt"); c != "mine" {
		t.Errorf("written through a link: %q", c)
	}
	if c := b.content(t, "a.msrcIncident.3.received.txt"); !strings.Contains(c, "Ticket 1") {
		t.Errorf("receipt %q", c)
	}
}

// A crash between receipt and taking must not leave two receipts.
func TestOneReceiptAfterACrash(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	b.write(t, "a.msrcIncident", invite(1))
	b.Set(func(op, _ string) error {
		if op == "rename" {
			return os.ErrClosed
		}
		return nil
	})
	_, _ = b.Scan(t.Context(), b.ledger.Submit)
	b.Set(nil)
	b.Share = b.open()
	b.scan(t)
	b.wantFiles(t, "after a restart", "a.msrcIncident.received.txt")
	b.wantTickets(t, 1)
}

func TestRefusedNamesAreNumbered(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Settle, o.GiveUp = 0, 0 })
	for i, dir := range []string{"jane", "joe"} {
		b.write(t, dir+"/a.msrcIncident", invite(i)[:500])
		b.scan(t)
	}
	b.wantFiles(t, "refused", "refused/a.2.msrcIncident", "refused/a.2.msrcIncident.reason.txt",
		"refused/a.msrcIncident", "refused/a.msrcIncident.reason.txt")
}

func TestRefusingWhereThereIsNoRefusedFolder(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *share.Options) { o.Settle, o.GiveUp = 0, 0 })
	b.write(t, "refused", []byte("a file in the way"))
	b.write(t, "a.msrcIncident", invite(1)[:500])
	b.clock.advance(time.Second)
	if _, err := b.Scan(t.Context(), b.ledger.Submit); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Scan: %v", err)
	}
	b.wantFiles(t, "nothing lost", "a.msrcIncident", "refused")
	must(t, os.Remove(b.path("refused")))
	b.scan(t)
	b.wantFiles(t, "way free", "refused/a.msrcIncident", "refused/a.msrcIncident.reason.txt")
	if n := len(b.ledger.Deliveries()); n != 1 {
		t.Errorf("refused %d times", n)
	}
}

func TestFarTooLargeInvitations(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.put(t, "big.msrcIncident", make([]byte, 6<<20))
	b.scan(t)
	wantPass(t, "too large", b.after(t, giveUp), ticket.Pass{Refused: 1})
	if r := b.ledger.Deliveries()[0].Refusal; r.Code != invitation.TooLarge || b.Calls("read") != 0 {
		t.Errorf("%v after %d reads", r, b.Calls("read"))
	}
	b.wantFiles(t, "refused", "refused/big.msrcIncident", "refused/big.msrcIncident.reason.txt")
}

// A password in the file's name is in none that we write, nor in the record.
func TestReceiptsHideThePasswordInTheName(t *testing.T) {
	t.Parallel()
	b := newBench(t, receipts)
	b.drop(t, "open sesame.msrcIncident", 1)
	b.drop(t, "passwort=geheim123.msrcIncident", 2)
	left, err := b.ledger.Left(t.Context(), "share:support")
	must(t, err)
	names := all(t, b.dir)
	if len(names) != 2 || len(left) != 2 {
		t.Fatalf("the share holds %q, traces %v", names, left)
	}
	for i, name := range names {
		if strings.Contains(name, "sesame") || strings.Contains(name, "geheim") || !strings.HasSuffix(name, ".received.txt") {
			t.Errorf("receipt %q", name)
		}
		if left[i].Place != name {
			t.Errorf("trace %q of %q", left[i].Place, name)
		}
	}
	b.away(t, names[0])
	if b.ledger.State(1) != ticket.Withdrawn && b.ledger.State(2) != ticket.Withdrawn {
		t.Error("removing it withdrew nothing")
	}
}
