package ticket_test

import (
	"testing"
	"time"

	"inviter/ticket"
)

// desk is one user's open tickets on a clock of its own, as a test's stage.
type desk struct {
	t   *testing.T
	now time.Time
	all []*ticket.Ticket
}

func newDesk(t *testing.T) *desk { return &desk{t: t, now: epoch} }

func (d *desk) after(by time.Duration) *desk { d.now = d.now.Add(by); return d }

// submit brings an invitation made at start; it lives six hours.
func (d *desk) submit(start time.Time) *ticket.Ticket {
	t := &ticket.Ticket{
		ID: ticket.ID(len(d.all) + 1), State: ticket.Waiting, Kind: ticket.File, User: ticket.User{Key: "jane"},
		Start: start, Expires: start.Add(6 * time.Hour), WaitingSince: d.now, QueuedAt: d.now,
		Deliveries: []ticket.Arrival{{Source: "mailbox:helpdesk"}},
	}
	c := d.of(t)
	d.all = append(d.all, t)
	c.Submit()
	return t
}

func (d *desk) of(t *ticket.Ticket) *ticket.Case {
	c := &ticket.Case{Ticket: t, Now: d.now, Rules: ticket.DefaultRules()}
	for _, o := range d.all {
		if o != t && !o.State.Ended() {
			c.Kin = append(c.Kin, o)
		}
	}
	return c
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) refuses(err error, code ticket.RefusalCode) *ticket.Refusal {
	d.t.Helper()
	r := refusal(err)
	if r == nil || r.Code != code {
		d.t.Fatalf("got %v, want refusal %s", err, code)
	}
	return r
}

func (d *desk) is(t *ticket.Ticket, s ticket.State) {
	d.t.Helper()
	if t.State != s {
		d.t.Fatalf("ticket %d is %s, want %s", t.ID, t.State, s)
	}
}

func TestFirstToClaimHolds(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	d.must(d.of(a).Claim(ada))
	since := d.now
	d.after(time.Minute)
	r := d.refuses(d.of(a).Claim(grace), ticket.CodeTaken)
	if r.Holder != "ada" || !r.Since.Equal(since) {
		t.Errorf("told %+v", r)
	}
	d.must(d.of(a).Claim(ada)) // a double click
	if a.Claims != 1 || !a.Claim.Since.Equal(since) {
		t.Errorf("the double click changed the claim: %+v", a.Claim)
	}
	d.must(d.of(a).Release(ada, 1, ticket.ReasonNoAnswer, ""))
	d.must(d.of(a).Claim(grace))
	d.refuses(d.of(a).Fetch(ada, 1), ticket.CodeNotHolder)
	d.must(d.of(a).Close(grace, 2, ticket.Solved, "done"))
	if r := d.refuses(d.of(a).Claim(ada), ticket.CodeClosed); !r.Since.Equal(d.now) {
		t.Errorf("closed since %v", r.Since)
	}
}

func TestNewerInvitationTakesThePlaceInLine(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	place := d.now
	b := d.after(time.Hour).submit(d.now)
	d.is(a, ticket.Superseded)
	d.is(b, ticket.Waiting)
	if a.SupersededBy != b.ID || b.Supersedes != a.ID || !b.WaitingSince.Equal(place) {
		t.Errorf("a by %d, b of %d, waiting since %v", a.SupersededBy, b.Supersedes, b.WaitingSince)
	}
	delayed := d.after(time.Minute).submit(d.now.Add(-2 * time.Hour))
	d.is(delayed, ticket.Superseded)
	d.is(b, ticket.Waiting)
}

func TestHolderHasFirstRefusalOfTheNewerOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	d.must(d.of(a).Claim(ada))
	b := d.after(time.Minute).submit(d.now)
	d.is(a, ticket.Claimed)
	if !b.Has(ticket.WithHolder) {
		t.Error("not marked with-holder")
	}
	r := d.refuses(d.of(b).Claim(grace), ticket.CodeFirstRefusal)
	if r.Holder != "ada" || !r.Until.Equal(d.now.Add(time.Minute)) {
		t.Errorf("told %+v", r)
	}
	d.must(d.of(b).Claim(ada))
	d.is(a, ticket.Superseded)
	d.is(b, ticket.Claimed)
	if b.Has(ticket.WithHolder) {
		t.Error("still marked with-holder")
	}
}

func TestFirstRefusalEndsAfterItsMinute(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	d.must(d.of(a).Claim(ada))
	b := d.submit(d.now.Add(time.Second))
	d.after(time.Minute)
	d.must(d.of(b).Claim(grace))
	d.is(a, ticket.Superseded)
	d.refuses(d.of(a).Renew(ada, 1), ticket.CodeSuperseded)
}

func TestHandedBackOlderOneIsSuperseded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	d.must(d.of(a).Claim(ada))
	b := d.after(time.Minute).submit(d.now)
	d.must(d.of(a).Release(ada, 1, ticket.ReasonInterrupted, ""))
	d.is(a, ticket.Superseded)
	if b.Has(ticket.WithHolder) || b.Reserved != nil {
		t.Error("first refusal outlived the claim it came from")
	}
	d.must(d.of(b).Claim(grace))
}

func TestUntouchedClaimLapses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	d.must(d.of(a).Claim(ada))
	d.after(14*time.Minute + 59*time.Second).of(a).Tick()
	d.is(a, ticket.Claimed)
	d.after(time.Second).of(a).Tick()
	d.is(a, ticket.Waiting)
	d.refuses(d.of(a).Renew(ada, 1), ticket.CodeNotHolder)
	d.must(d.of(a).Claim(grace))
	if a.Claim.Number != 2 {
		t.Errorf("claim number %d", a.Claim.Number)
	}
}

func TestDismissingFreesWhatIsHeld(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	d.must(d.of(a).Claim(ada))
	d.must(d.of(a).Fetch(ada, 1))
	d.must(d.of(a).Dismiss("grace", "boss"))
	d.is(a, ticket.Claimed)
	c := d.of(a)
	d.must(c.Dismiss("ada", "boss"))
	d.is(a, ticket.Waiting)
	if e := c.Events[len(c.Events)-1]; e.Kind != ticket.EventDismissed || e.By != "boss" || e.Other != "ada" || e.Claim != 1 {
		t.Errorf("noted %+v", e)
	}
	d.refuses(d.of(a).Close(ada, 1, ticket.Solved, ""), ticket.CodeNotHolder)
	d.must(d.of(a).Dismiss("ada", "boss"))
	d.must(d.of(a).Claim(grace))
	d.after(7 * time.Hour)
	d.must(d.of(a).Dismiss("grace", "boss"))
	d.is(a, ticket.Expired)
}

func TestTouchedClaimIsForColleaguesToDecide(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	d.must(d.of(a).Claim(ada))
	d.must(d.of(a).Fetch(ada, 1))
	tech := ticket.Technician{Name: "linus", Role: ticket.RoleTechnician}
	d.refuses(d.of(a).TakeOver(tech, ""), ticket.CodeLeaseAlive)
	d.after(5 * time.Hour).of(a).Tick()
	d.is(a, ticket.Claimed)
	d.must(d.of(a).TakeOver(tech, "ada is off"))
	d.refuses(d.of(a).Close(ada, 1, ticket.Solved, ""), ticket.CodeNotHolder)
	d.must(d.of(a).TakeOver(grace, "lead, any time"))
	d.must(d.of(a).Connect(grace, 3))
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	d.must(d.after(6*time.Hour - time.Nanosecond).of(a).Claim(ada))
	d.after(time.Nanosecond)
	d.must(d.of(a).Fetch(ada, 1)) // expiry doesn't take it from the holder
	d.refuses(d.of(a).TakeOver(grace, ""), ticket.CodeExpired)
	d.refuses(d.of(a).Transfer(ada, 1, grace), ticket.CodeExpired)
	d.must(d.of(a).Release(ada, 1, ticket.ReasonOther, ""))
	d.is(a, ticket.Expired)

	late := d.submit(d.now.Add(-6 * time.Hour))
	d.is(late, ticket.Expired)
	d.refuses(d.of(late).Claim(ada), ticket.CodeExpired)
}

func TestQuarantine(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	d.must(d.of(a).Claim(ada))
	d.must(d.of(a).Disown())
	d.is(a, ticket.Quarantined)
	d.refuses(d.of(a).Fetch(ada, 1), ticket.CodeNotHolder)
	d.refuses(d.of(a).Claim(ada), ticket.CodeQuarantined)
	d.refuses(d.of(a).Approve(ada), ticket.CodeForbidden)
	b := d.after(time.Minute).submit(d.now)
	d.must(d.of(a).Approve(grace)) // a newer one waits by now
	d.is(a, ticket.Superseded)
	d.is(b, ticket.Waiting)
	d.must(d.of(b).Disown())
	d.must(d.of(b).Refuse(grace, "phishing"))
	d.refuses(d.of(b).Claim(grace), ticket.CodeRefused)
}

func TestWordsThatAreOff(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	d.refuses(d.of(a).TakeOver(grace, ""), ticket.CodeNotClaimed)
	d.refuses(d.of(a).Renew(ada, 1), ticket.CodeNotHolder)
	d.refuses(d.of(a).Claim(ticket.Technician{Name: "eve", Role: ticket.RoleViewer}), ticket.CodeForbidden)
	d.must(d.of(a).Claim(ada))
	d.refuses(d.of(a).Renew(ada, 0), ticket.CodeBadRequest)
	d.refuses(d.of(a).Release(ada, 1, "bored", ""), ticket.CodeBadRequest)
	d.refuses(d.of(a).Close(ada, 1, "", ""), ticket.CodeBadRequest)
	d.refuses(d.of(a).Transfer(ada, 1, ticket.Technician{Name: "eve", Role: ticket.RoleViewer}), ticket.CodeForbidden)
	d.refuses(d.of(a).Close(grace, 7, ticket.Solved, ""), ticket.CodeNotHolder)
	d.must(d.of(a).Close(grace, 0, ticket.Misuse, "")) // a lead may leave it out
	d.refuses(d.of(a).Withdraw(), ticket.CodeClosed)
}

func TestUsersWithoutKeyAreStrangers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	a.User.Key = ""
	b := &ticket.Ticket{ID: 9, State: ticket.Waiting, Start: d.now.Add(time.Hour), Expires: d.now.Add(6 * time.Hour), Deliveries: a.Deliveries}
	c := d.of(b)
	c.Submit()
	d.is(a, ticket.Waiting)
	d.is(b, ticket.Waiting)
}

func TestEventsTellTheStory(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.submit(d.now)
	d.must(d.of(a).Claim(ada))
	b := d.submit(d.now.Add(time.Second))
	c := d.of(b)
	d.must(c.Claim(ada))
	want := []ticket.Event{
		{Ticket: 1, At: d.now, Kind: ticket.EventSuperseded, Claim: 1, Other: "2"},
		{Ticket: 2, At: d.now, Kind: ticket.EventClaimed, By: "ada", Claim: 1},
	}
	if len(c.Events) != 2 || c.Events[0] != want[0] || c.Events[1] != want[1] {
		t.Errorf("events %+v", c.Events)
	}
}
