package queue_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/ticket"
)

// What a batch of deliveries comes to is what they come to one by one, however
// they touch each other: the same item, invitation, user, or address twice.
func TestBatchIsAsOneByOne(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			whole, single := newDesk(t), newDesk(t)
			r := rand.New(rand.NewPCG(seed, 1))
			for range 3 {
				mixed := mixture(r, whole.clock.time(), 80)
				got, err := whole.Submit(t.Context(), mixed)
				if err != nil {
					t.Fatal(err)
				}
				var want []ticket.Receipt
				for _, d := range mixed {
					want = append(want, single.submit(d))
				}
				same(t, got, want)
				whole.moveOn()
				single.moveOn()
			}
			for id := ticket.ID(1); id <= ticket.ID(single.number("SELECT tickets FROM meta")); id++ {
				a, b := whole.get(id), single.get(id)
				a.Revision, b.Revision = 0, 0
				if !reflect.DeepEqual(a, b) {
					t.Errorf("ticket %d:\n%+v, one by one\n%+v", id, a, b)
				}
			}
			whole.sound()
		})
	}
}

// moveOn has some tickets held, and others come to their end.
func (d *desk) moveOn() {
	d.clock.pass(40 * time.Minute)
	for id := ticket.ID(1); id < 40; id += 7 {
		_, _ = d.Claim(d.t.Context(), id, ada) // many can't be
	}
}

func same(t *testing.T, got, want []ticket.Receipt) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || fmt.Sprintf("%+v", got[i]) != fmt.Sprintf("%+v", want[i]) {
			t.Fatalf("delivery %d of a batch: %+v, one by one %+v", i, got[i:], want[i:])
		}
	}
}

// mixture is n deliveries of few users, addresses and invitations, so that many meet.
func mixture(r *rand.Rand, now time.Time, n int) (out []ticket.Delivery) {
	users := []string{"", "login:jane", "mail:jane@example.org proven", "mail:jane@example.org unproven",
		"mail:jane@example.org unproven via eve@example.com", "mail:janet@example.org proven", "mail:bob@example.org unproven"}
	for i := range 12 {
		users = append(users, fmt.Sprintf("mail:user%d@example.org %s", i, []ticket.Proof{ticket.Proven, ticket.Unproven}[i%2]))
	}
	for range n {
		user := users[r.IntN(len(users))]
		d := ticket.Delivery{
			Source: []string{"mailbox:helpdesk", "share:support"}[r.IntN(2)], Item: fmt.Sprint("1/", r.IntN(3*n)),
			From:     ticket.User{Key: user, Name: "N", Address: user},
			Received: now.Add(-time.Duration(r.IntN(60)) * time.Minute), Quarantine: r.IntN(6) == 0,
		}
		for range []int{0, 1, 1, 1, 1, 2}[r.IntN(6)] {
			inv := invite(fmt.Sprint("invitation ", r.IntN(3*n)), d.Received, time.Duration(30+r.IntN(60))*time.Minute)
			if r.IntN(5) == 0 {
				inv.Format = "zoom"
			}
			d.Invitations = append(d.Invitations, inv)
		}
		if len(d.Invitations) == 0 && r.IntN(2) == 0 {
			d.Refusal = &invitation.Refusal{Code: invitation.Damaged, Detail: "cut off"}
		}
		out = append(out, d)
	}
	return slices.Clip(out)
}
