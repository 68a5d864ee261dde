package queue_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"inviter/database/databasetest"
	"inviter/invitation"
	"inviter/queue"
	"inviter/ticket"
)

var (
	laptop = ticket.Computer(sha256.Sum256([]byte("laptop")))
)

// link makes a support link of ada's that lives for an hour.
func (d *desk) link() ticket.Link {
	d.t.Helper()
	l, err := d.MakeLink(d.t.Context(), ada, time.Hour, "for Jane")
	if err != nil {
		d.t.Fatal(err)
	}
	return l
}

// bound makes one that is the laptop's.
func (d *desk) bound() ticket.Link {
	d.t.Helper()
	l, err := d.Confirm(d.t.Context(), d.link().ID, laptop)
	if err != nil {
		d.t.Fatal(err)
	}
	return l
}

// brings hands an invitation in by a link, into ada's hands.
func (d *desk) brings(l ticket.Link, name string) ticket.Ticket {
	d.t.Helper()
	r, err := d.HandIn(d.t.Context(), l.ID, laptop, d.delivery("", invite(name, d.clock.time(), time.Hour)), ada)
	if err != nil || len(r.Tickets) != 1 {
		d.t.Fatalf("%+v, %v", r, err)
	}
	return d.get(r.Tickets[0])
}

func TestLinkIsFoundByWhatWasPassedOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l := d.link()
	if !regexp.MustCompile(`^[a-z2-7]{26}$`).MatchString(l.Secret) || !regexp.MustCompile(`^\d{6}$`).MatchString(l.Code) {
		t.Fatalf("%+v", l)
	}
	d.restart()
	for name, find := range map[string]func() (ticket.Link, error){
		"secret": func() (ticket.Link, error) { return d.LinkBySecret(t.Context(), l.Secret) },
		"digits": func() (ticket.Link, error) { return d.LinkByCode(t.Context(), l.Code) },
	} {
		if got, err := find(); err != nil || got != l {
			t.Errorf("by %s: %+v, %v, want %+v", name, got, err, l)
		}
	}
	for _, wrong := range []string{"", "x", l.Secret[1:], l.Code, "aaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		_, err := d.LinkBySecret(t.Context(), wrong)
		refused(t, err, ticket.CodeInvalid)
	}
	if l.Code != "000000" {
		_, err := d.LinkByCode(t.Context(), "000000")
		refused(t, err, ticket.CodeInvalid)
	}
	list, err := d.Links(t.Context(), "ada")
	if err != nil || len(list) != 1 || list[0] != l {
		t.Errorf("%+v, %v", list, err)
	}
	if list, _ = d.Links(t.Context(), "grace"); len(list) != 0 {
		t.Errorf("grace has %+v", list)
	}
	d.sound()
}

func TestLinkSecretsAreNotAtRest(t *testing.T) {
	t.Parallel()
	databasetest.SQLiteOnly(t, "reads the files")
	d := newDesk(t)
	l := d.bound()
	_, err := d.MakeLink(d.Marked(t.Context(), queue.Once{Account: "account ada", Key: "k"}), ada, time.Hour, "")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(d.dir, "inviter.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	plain := sha256.Sum256([]byte(l.Code))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(l.Secret)) || bytes.Contains(b, plain[:]) {
			t.Errorf("%s holds the secret, or a hash of the digits that a million guesses find", f)
		}
	}
}

func TestLinkBounds(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	for _, life := range []time.Duration{0, -time.Hour, time.Second - 1, 24*time.Hour + 1} {
		_, err := d.MakeLink(ctx, ada, life, "")
		refused(t, err, ticket.CodeBadRequest)
	}
	for _, life := range []time.Duration{time.Second, 24 * time.Hour} {
		if l, err := d.MakeLink(ctx, ada, life, ""); err != nil || !l.Expires.Equal(epoch().Add(life)) {
			t.Errorf("%v: %+v, %v", life, l, err)
		}
	}
	_, err := d.MakeLink(ctx, guest, time.Hour, "")
	refused(t, err, ticket.CodeForbidden)
	_, err = d.MakeLink(ctx, ada, time.Hour, string(make([]byte, queue.MaxNote+1)))
	refused(t, err, ticket.CodeBadRequest)
	for range 48 {
		d.link()
	}
	_, err = d.MakeLink(ctx, ada, time.Hour, "")
	refused(t, err, ticket.CodeTooMany)
	d.clock.pass(time.Second) // one of them is over
	d.link()
}

func TestLinkIsMadeOncePerRequest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	o := queue.Once{Account: "account ada", Key: "k", Print: [32]byte{7}}
	ctx := d.Marked(t.Context(), o)
	l, err := d.MakeLink(ctx, ada, time.Hour, "")
	if err != nil {
		t.Fatal(err)
	}
	d.restart()
	if again, err := d.MakeLink(d.Marked(t.Context(), o), ada, time.Hour, ""); err != nil || again != l {
		t.Errorf("%+v, %v, want %+v", again, err, l)
	}
	o.Print[0]++
	_, err = d.MakeLink(d.Marked(t.Context(), o), ada, 2*time.Hour, "")
	refused(t, err, ticket.CodeBadRequest)
	d.clock.pass(24 * time.Hour)
	if later, err := d.MakeLink(d.Marked(t.Context(), o), ada, time.Hour, ""); err != nil || later.ID == l.ID {
		t.Errorf("%+v, %v", later, err)
	}
}

func TestLinkIsOneComputersOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l := d.link()
	before, err := d.LinkRevision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	won := make(chan ticket.Computer, 40)
	var race sync.WaitGroup
	for n := range 40 {
		c := ticket.Computer(sha256.Sum256([]byte(fmt.Sprint(n))))
		race.Go(func() {
			if _, err := d.Confirm(t.Context(), l.ID, c); err == nil {
				won <- c
			}
		})
	}
	race.Wait()
	close(won)
	winner, ok := <-won
	if _, second := <-won; !ok || second {
		t.Fatal("not exactly one computer won")
	}
	if got, err := d.LinkBySecret(t.Context(), l.Secret); err != nil || got.Computer != winner {
		t.Errorf("%+v, %v", got, err)
	}
	if after, err := d.LinkRevision(t.Context()); err != nil || after <= before {
		t.Errorf("revision %d after %d, %v", after, before, err)
	}
	_, err = d.HandIn(t.Context(), l.ID, laptop, d.delivery("", invite("a", epoch(), time.Hour)), ada)
	refused(t, err, ticket.CodeInvalid)
	if _, err := d.Ticket(t.Context(), 1); err == nil {
		t.Error("what another computer brought became a ticket")
	}
	d.sound()
}

func TestLinkBringsIntoTheTechniciansHands(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l := d.bound()
	one := d.brings(l, "one")
	if one.State != ticket.Claimed || one.Claim.Holder != "ada" || one.Claim.Number != 1 || one.User.Key != "link:1" {
		t.Fatalf("%+v %+v", one, one.Claim)
	}
	if file, err := d.File(t.Context(), one.ID, ada, 1, ""); err != nil || string(file) != "the file of one" {
		t.Errorf("%q, %v", file, err)
	}
	if again := d.brings(l, "one"); again.ID != one.ID || again.Claim.Number != 1 || len(again.Deliveries) != 2 {
		t.Errorf("a double: %+v", again)
	}
	d.must(d.Transfer(t.Context(), one.ID, ada, 1, grace))
	d.clock.pass(time.Second)
	two := d.brings(l, "two")
	if was := d.get(one.ID); was.State != ticket.Superseded || two.Claim == nil || two.Claim.Holder != "grace" {
		t.Errorf("%s, %+v: a second one supersedes, and stays with the holder", was.State, two.Claim)
	}
	d.clock.pass(time.Minute)
	got, err := d.AskAgain(t.Context(), l.ID, ada)
	if err != nil || !got.Asking() || got.Ticket != two.ID {
		t.Errorf("%+v, %v", got, err)
	}
	for range 12 { // the link is over then, the ticket in use
		d.clock.pass(5 * time.Minute)
		d.must(d.Renew(t.Context(), two.ID, grace, two.Claim.Number))
	}
	if _, err := d.HandIn(t.Context(), l.ID, laptop, d.delivery("", invite("three", d.clock.time(), time.Hour)), ada); err == nil {
		t.Error("handed in after its time")
	} else {
		refused(t, err, ticket.CodeExpired)
	}
	if now := d.must(d.Renew(t.Context(), two.ID, grace, two.Claim.Number)); now.State != ticket.Claimed {
		t.Errorf("the link's end tore %s from its holder", now.State)
	}
	d.sound()
}

func TestLinkTakesWhatIsInLineAlready(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mailed, elsewhere := d.wait("jane", "mailed"), d.wait("john", "elsewhere")
	d.must(d.Claim(t.Context(), elsewhere, grace))
	l := d.bound()
	if got := d.brings(l, "mailed"); got.ID != mailed || got.Claim == nil || got.Claim.Holder != "ada" || got.User.Key != "jane" {
		t.Errorf("%+v %+v", got, got.Claim)
	}
	if got := d.brings(l, "elsewhere"); got.Claim.Holder != "grace" {
		t.Errorf("it was taken from %+v", got.Claim)
	}
	if got, _ := d.LinkBySecret(t.Context(), l.Secret); got.Ticket != 0 {
		t.Errorf("the link shows another user's ticket %d", got.Ticket)
	}
	d.sound()
}

func TestLinkOfWhoMayHelpNoMore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l, unopened := d.bound(), d.link()
	d.clock.pass(time.Minute)
	gone := ticket.Technician{Name: "ada", Role: ticket.RoleViewer}
	r, err := d.HandIn(t.Context(), l.ID, laptop, d.delivery("", invite("a", d.clock.time(), time.Hour)), gone)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.get(r.Tickets[0]); got.State != ticket.Waiting {
		t.Errorf("what was handed in is %s; it must be in line for the others", got.State)
	}
	d.must(d.Claim(t.Context(), r.Tickets[0], ada))
	if err := d.Dismiss(t.Context(), "ada", "root"); err != nil {
		t.Fatal(err)
	}
	if got := d.get(r.Tickets[0]); got.State != ticket.Waiting {
		t.Errorf("the ticket is %s", got.State)
	}
	for _, was := range []ticket.Link{l, unopened} {
		if got, err := d.LinkBySecret(t.Context(), was.Secret); err != nil || got.Closed.IsZero() || got.ClosedBy != "root" || got.On(laptop, false, d.clock.time()) != ticket.SightInvalid {
			t.Errorf("%+v, %v", got, err)
		}
	}
	_, err = d.HandIn(t.Context(), l.ID, laptop, d.delivery("", invite("b", d.clock.time(), time.Hour)), ada)
	refused(t, err, ticket.CodeClosed)
	d.sound()
}

func TestLinkIsClosedWithItsTicketOrWithout(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kept := d.bound()
	one := d.brings(kept, "one")
	if _, err := d.CloseLink(t.Context(), kept.ID, ada, "", ""); err != nil {
		t.Fatal(err)
	}
	if got := d.get(one.ID); got.State != ticket.Claimed {
		t.Errorf("the ticket is %s", got.State)
	}
	ended := d.bound()
	two := d.brings(ended, "two")
	_, err := d.CloseLink(t.Context(), ended.ID, ada, "wonderful", "")
	refused(t, err, ticket.CodeBadRequest)
	if got, _ := d.LinkBySecret(t.Context(), ended.Secret); !got.Closed.IsZero() {
		t.Error("a refused close closed it")
	}
	for range 2 { // a double click
		if _, err := d.CloseLink(t.Context(), ended.ID, ada, ticket.Solved, "cable"); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.get(two.ID); got.State != ticket.Closed || got.Outcome != ticket.Solved || got.EndNote != "cable" {
		t.Errorf("%+v", got)
	}
	given := d.bound()
	three := d.brings(given, "three")
	d.must(d.Transfer(t.Context(), three.ID, ada, 1, grace))
	if _, err := d.CloseLink(t.Context(), given.ID, ada, ticket.Solved, ""); err != nil {
		t.Fatal(err)
	}
	if got := d.get(three.ID); got.State != ticket.Claimed {
		t.Errorf("a colleague's ticket is %s", got.State)
	}
	d.sound()
}

func TestLinkWhatCannotBeUsedChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l := d.bound()
	d.clock.pass(time.Second)
	if _, err := d.AskAgain(t.Context(), l.ID, ada); err != nil {
		t.Fatal(err)
	}
	d.clock.pass(time.Second)
	bad := d.delivery("")
	bad.Refusal = notAnInvitation()
	r, err := d.HandIn(t.Context(), l.ID, laptop, bad, ada)
	if got, _ := d.LinkBySecret(t.Context(), l.Secret); err != nil || r.Outcome != ticket.Rejected || !got.Asking() {
		t.Errorf("%+v, %v, asking %v", r, err, got.Asking())
	}
}

// TestLinksDoNotLiveAgain: a backup that is brought back opens none.
func TestLinksDoNotLiveAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l, unopened := d.bound(), d.link()
	if _, err := queue.Restored(t.Context(), d.db, d.clock.time()); err != nil {
		t.Fatal(err)
	}
	for _, was := range []ticket.Link{l, unopened} {
		if got, err := d.LinkBySecret(t.Context(), was.Secret); err != nil || got.State(d.clock.time()) != ticket.LinkClosed {
			t.Errorf("%+v, %v", got, err)
		}
	}
	d.sound()
}

func TestLinksAreForgottenInTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l := d.link()
	d.clock.pass(time.Hour)
	if got, err := d.LinkByCode(t.Context(), l.Code); err != nil || got.On(laptop, false, d.clock.time()) != ticket.SightExpired {
		t.Errorf("%+v, %v", got, err)
	}
	d.clock.pass(25 * time.Hour)
	d.link()
	_, err := d.LinkByCode(t.Context(), l.Code)
	refused(t, err, ticket.CodeInvalid)
	if list, err := d.Links(t.Context(), "ada"); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if got, err := d.LinkBySecret(t.Context(), l.Secret); err != nil || got.On(laptop, true, d.clock.time()) != ticket.SightExpired {
		t.Errorf("%+v, %v", got, err)
	}
}

func notAnInvitation() *invitation.Refusal {
	return &invitation.Refusal{Code: invitation.NotAnInvitation}
}
