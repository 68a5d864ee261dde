package ticket_test

import (
	"testing"
	"time"

	"inviter/ticket"
)

var bob = ticket.Technician{Name: "bob", Role: ticket.RoleTechnician}

// hand submits an invitation and gives it into a technician's hands.
func (d *desk) hand(to ticket.Technician) *ticket.Ticket {
	t := d.submit(d.now)
	d.of(t).Hand(to)
	return t
}

func TestHandGoesStraightToTheTechnician(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.hand(ada)
	if a.State != ticket.Claimed || a.Claim.Holder != "ada" || a.Claim.Number != 1 {
		t.Fatalf("%+v %+v", a, a.Claim)
	}
	d.of(a).Hand(bob)
	if a.Claim.Holder != "ada" {
		t.Error("it was torn from its holder")
	}
}

func TestHandStaysWithTheHolder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	old := d.hand(ada)
	d.must(d.of(old).Transfer(ada, 1, bob))
	fresh := d.after(time.Second).hand(ada)
	if old.State != ticket.Superseded || old.SupersededBy != fresh.ID || fresh.State != ticket.Claimed || fresh.Claim.Holder != "bob" {
		t.Errorf("%s %+v, %s %+v", old.State, old.Claim, fresh.State, fresh.Claim)
	}
	d.must(d.of(fresh).Release(bob, 1, ticket.ReasonInterrupted, ""))
	third := d.after(time.Second).hand(ada)
	if fresh.State != ticket.Superseded || third.Claim == nil || third.Claim.Holder != "ada" {
		t.Errorf("%s, %s %+v: nobody held the older one, so it goes to who asked", fresh.State, third.State, third.Claim)
	}
}

func TestHandChangesNothingElse(t *testing.T) {
	t.Parallel()
	for name, to := range map[string]ticket.Technician{"nobody": {}, "who may not claim": {Name: "ada", Role: ticket.RoleViewer}} {
		if a := newDesk(t).hand(to); a.State != ticket.Waiting {
			t.Errorf("%s: %s", name, a.State)
		}
	}
	d := newDesk(t)
	newer := d.hand(ada)
	older := d.submit(d.now.Add(-time.Hour))
	d.of(older).Hand(ada)
	if older.State != ticket.Superseded || newer.State != ticket.Claimed {
		t.Errorf("older %s, newer %s", older.State, newer.State)
	}
	d.must(d.of(newer).Close(ada, 1, ticket.Solved, ""))
	d.of(newer).Hand(ada)
	if newer.State != ticket.Closed {
		t.Error("a closed ticket was opened again")
	}
}
