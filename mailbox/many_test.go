package mailbox_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"inviter/e2e/private"
	"inviter/mailbox"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

// crowd is a mailbox with many mails in it, which somebody has read.
type crowd struct {
	t        *testing.T
	server   *private.Mailserver
	person   *person
	proxy    *proxy
	recorder *sourcetest.Recorder
	options  mailbox.Options
	box      *mailbox.Mailbox
}

func newCrowd(t *testing.T, fill ...private.Fill) *crowd {
	t.Helper()
	s := private.Dovecot(t, private.DovecotOptions{})
	for _, f := range fill {
		s.Fill(t, "help", f)
	}
	c := &crowd{t: t, server: s, person: newPerson(t, s.Addr), proxy: newProxy(t, s.Addr), recorder: sourcetest.NewRecorder(nil)}
	c.options = options(t, c.proxy.addr)
	c.options.Patience = time.Minute // a server needs its time for the first listing
	return c
}

// scan is one pass, and how many bytes went to and fro for it.
func (c *crowd) scan() (pass ticket.Pass, bytes int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*patience)
	defer cancel()
	before := c.proxy.passed()
	pass, err := c.box.Scan(ctx, c.recorder.Submit)
	must(c.t, err)
	return pass, c.proxy.passed() - before
}

// restart goes on as a new process would.
func (c *crowd) restart() {
	c.t.Helper()
	if c.box != nil {
		must(c.t, c.box.Close())
	}
	c.proxy.restart()
	c.box = open(c.t, c.options, c.recorder)
}

// looks are the bytes of looks that find nothing: with a new connection, and
// with the kept one.
type looks struct{ fresh, kept int }

func (c *crowd) look() looks {
	c.t.Helper()
	c.restart()
	none, fresh := c.scan()
	again, kept := c.scan()
	if none != (ticket.Pass{}) || again != (ticket.Pass{}) {
		c.t.Errorf("found %+v and %+v where nothing is new", none, again)
	}
	return looks{fresh, kept}
}

// Whatever lies in the box, old or read by somebody, a look at what is new says
// and hears the same, and new mail is found among it. With INVITER_TEST_NIGHTLY
// there are 100,000.
func TestLookCostsTheSameWithManyMails(t *testing.T) {
	t.Parallel()
	many := 1000
	if os.Getenv(nightly) != "" {
		many = 100_000
	}
	few, lots := leftAlone(t, 10), leftAlone(t, many)
	if lots.fresh > few.fresh+few.fresh/10 || lots.kept > few.kept+few.kept/10 {
		t.Errorf("bytes of a look: %+v with 10 mails in the box, %+v with %d", few, lots, many)
	}
	t.Logf("bytes of a look: %+v with 10 mails in the box, %+v with %d", few, lots, many)
	taken := lookedThrough(t, many)
	if taken.fresh > few.fresh+few.fresh/10 || taken.kept > few.kept+few.kept/10 {
		t.Errorf("bytes of a look: %+v with 10 mails in the box, %+v with %d that were looked at", few, taken, many)
	}
}

// leftAlone is what looks cost beside so many mails that are older than the
// first connection allows. They are invitations, and stay what they are; also
// when the mailbox loses its numbers.
func leftAlone(t *testing.T, old int) looks {
	c := newCrowd(t, private.Fill{Mail: letter{subject: "old", file: invite(1)}.bytes(), Number: old, Flags: "S"})
	c.options.Clock = func() time.Time { return time.Now().Add(48 * time.Hour) } // they came before the day that counts
	c.restart()
	want := fmt.Sprintf("%d mails; 0 not looked at yet; %d older than the first connection allows, left alone", old, old)
	if f := finding(t, c.box.Check(t.Context()), "folder INBOX"); f.Detail != want {
		t.Errorf("check: %q", f.Detail)
	}
	if pass, _ := c.scan(); pass != (ticket.Pass{}) || len(c.recorder.Deliveries()) != 0 {
		t.Errorf("the first look took up old mail: %+v", pass)
	}
	l := c.look()
	c.server.Deliver(t, "help", letter{subject: "new", file: invite(2)}.bytes(), letter{subject: "lunch"}.bytes())
	if pass, bytes := c.scan(); pass != (ticket.Pass{Seen: 2, Queued: 1, Ignored: 1}) || bytes > 10<<10 {
		t.Errorf("with %d old mails: %+v for %d bytes", old, pass, bytes)
	}
	must(t, c.person.client.Close())
	c.server.Renumber(t, "help")
	c.restart()
	c.proxy.cut()
	if pass, _ := c.scan(); pass != (ticket.Pass{}) || c.recorder.Tickets() != 1 {
		t.Errorf("renumbered: %+v, %d tickets", pass, c.recorder.Tickets())
	}
	return l
}

// lookedThrough is what looks cost beside so many ordinary mails that were all
// looked at. A few invitations lie among them.
func lookedThrough(t *testing.T, mails int) looks {
	const whole = 5
	ordinary := private.Fill{Mail: letter{subject: "lunch"}.bytes(), Number: mails / whole, Flags: "RS"}
	var fill []private.Fill
	for i := range whole {
		fill = append(fill, ordinary, private.Fill{Mail: letter{subject: "help", file: invite(i)}.bytes(), Number: 1, Flags: "FS"})
	}
	c := newCrowd(t, fill...)
	c.restart()
	if pass, _ := c.scan(); pass != (ticket.Pass{Seen: mails + whole, Queued: whole, Ignored: mails}) {
		t.Errorf("of %d mails and %d invitations: %+v", mails, whole, pass)
	}
	l := c.look()
	if n := len(c.person.folder("Inviter/Processed")); n != whole || c.recorder.Tickets() != whole {
		t.Errorf("%d moved, %d tickets", n, c.recorder.Tickets())
	}
	return l
}

// What is recorded leaves while the rest is still being read, and nothing
// leaves before it is recorded.
func TestMovesWhileItReads(t *testing.T) {
	t.Parallel()
	const mails = 2600
	c := newCrowd(t, private.Fill{Mail: letter{subject: "help", file: invite(1)}.bytes(), Number: mails})
	c.restart()
	recorded, moved := 0, 0
	pass, err := c.box.Scan(t.Context(), func(ctx context.Context, batch []ticket.Delivery) ([]ticket.Receipt, error) {
		moved = len(c.person.folder("Inviter/Processed"))
		if moved > recorded {
			t.Errorf("%d moved when %d were recorded", moved, recorded)
		}
		receipts, err := c.recorder.Submit(ctx, batch)
		recorded += len(receipts)
		return receipts, err
	})
	must(t, err)
	if pass.Seen != mails || moved == 0 || len(c.person.folder("Inviter/Processed")) != mails || len(c.person.folder("INBOX")) != 0 {
		t.Errorf("%+v; %d had left before the last ones were recorded", pass, moved)
	}
}
