package queue_test

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"inviter/ticket"
)

const folder = "share:support"

// leave records one trace.
func (d *desk) leave(place, home string, told int64, of ...ticket.ID) {
	d.t.Helper()
	if err := d.Leave(context.Background(), folder, []ticket.Trace{{Place: place, Home: home, Tickets: of, Told: told}}); err != nil {
		d.t.Fatal(err)
	}
}

// places lists what is left in the folder.
func (d *desk) places() []string {
	d.t.Helper()
	left, err := d.Left(context.Background(), folder)
	if err != nil {
		d.t.Fatal(err)
	}
	var out []string
	for _, t := range left {
		out = append(out, t.Place)
	}
	return out
}

// moved asks what moved, and returns the revision to go on from.
func (d *desk) moved(since int64, want ...ticket.ID) int64 {
	d.t.Helper()
	got, next, err := d.Moved(context.Background(), folder, since)
	if slices.Sort(got); err != nil || !slices.Equal(got, want) {
		d.t.Errorf("moved since %d: %v, %v, want %v", since, got, err, want)
	}
	return next
}

func (d *desk) removed(place string, want ...ticket.ID) {
	d.t.Helper()
	got, err := d.Removed(context.Background(), folder, place)
	if err != nil || !slices.Equal(got, want) {
		d.t.Errorf("removed %q: withdrew %v, %v, want %v", place, got, err, want)
	}
}

func TestTracesAreKeptAsLeft(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, b := d.wait("jane", "a"), d.wait("joe", "b")
	odd := string([]byte{'x', 0xff, '\n', 0x80, '/', '"'}) // names may be any bytes
	d.leave("jane/a", "h1", 3, a)
	d.leave(odd, "h2", 0, b, a)
	d.restart()
	got, err := d.Left(t.Context(), folder)
	want := []ticket.Trace{{Place: "jane/a", Home: "h1", Tickets: []ticket.ID{a}, Told: 3}, {Place: odd, Home: "h2", Tickets: []ticket.ID{a, b}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("left %v, %v, want %v", got, err, want)
	}
	d.leave("jane/a", "h3", 9, b) // in its stead
	got, _ = d.Left(t.Context(), folder)
	if want := (ticket.Trace{Place: "jane/a", Home: "h3", Tickets: []ticket.ID{b}, Told: 9}); !reflect.DeepEqual(got[0], want) {
		t.Errorf("left anew %v, want %v", got[0], want)
	}
	if other, err := d.Left(t.Context(), "share:other"); err != nil || len(other) > 0 {
		t.Errorf("another source has %v, %v", other, err)
	}
	if err := d.Forget(t.Context(), folder, []string{odd, "never there"}); err != nil || !slices.Equal(d.places(), []string{"jane/a"}) {
		t.Errorf("forgotten: %v, left %q", err, d.places())
	}
	d.sound()
}

func TestMovedTellsWhatATraceDoesNot(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, b, unseen := d.wait("jane", "a"), d.wait("joe", "b"), d.wait("jim", "c")
	told := d.moved(0)
	d.leave("a", "h", told, a)
	d.leave("b", "h", 0, b)
	since := d.moved(0, b)
	if d.moved(since) != since {
		t.Error("nothing moved, but the revision")
	}
	d.must(d.Claim(t.Context(), a, ada))
	d.must(d.Claim(t.Context(), unseen, ada))
	since = d.moved(since, a)
	if of, _, err := d.Moved(t.Context(), "share:other", 0); err != nil || len(of) > 0 {
		t.Errorf("another source: %v, %v", of, err)
	}
	d.leave("a", "h", since, a)
	d.moved(0, b)
}

func TestNewsFollowsATicketThroughItsLife(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	id := d.wait("jane", "a")
	news := func() ticket.News {
		t.Helper()
		all, err := d.News(ctx, []ticket.ID{id, 4711})
		if err != nil || len(all) != 1 {
			t.Fatalf("news %v, %v", all, err)
		}
		return all[id]
	}
	n := news()
	status, err := d.Status(ctx, id)
	if err != nil || n.State != ticket.Waiting || n.Secret == "" || n.Secret != status.Secret || n.Revision != d.get(id).Revision || n.Dead() {
		t.Errorf("waiting: %+v, %v", n, err)
	}
	d.must(d.Claim(ctx, id, ada))
	d.must(d.Connected(ctx, id, ada, 1))
	if n = news(); n.State != ticket.Claimed || n.Holder != "ada" || !n.Connected {
		t.Errorf("claimed: %+v", n)
	}
	d.must(d.Release(ctx, id, ada, 1, ticket.ReasonOther, ""))
	if n = news(); n.State != ticket.Waiting || n.Claims != 1 || n.Holder != "" {
		t.Errorf("handed back: %+v", n)
	}
	newer := d.wait("jane", "b")
	if n = news(); n.State != ticket.Superseded || n.NewerOne != newer || n.EndedAt.IsZero() {
		t.Errorf("superseded: %+v", n)
	}
	id = newer
	d.clock.pass(2 * time.Hour) // no sweep has run
	if n = news(); n.State != ticket.Expired || n.EndedAt != n.Expires || n.Dead() {
		t.Errorf("expired: %+v", n)
	}
	id = d.submit(d.delivery("joe", invite("late", d.clock.time().Add(-2*time.Hour), time.Hour))).Tickets[0]
	if n = news(); !n.Dead() {
		t.Errorf("dead on arrival: %+v", n)
	}
}

func TestRemovingATraceWithdraws(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, b, c := d.wait("jane", "a"), d.wait("joe", "b"), d.wait("jim", "c")
	d.leave("zip", "h", 0, a, b, c)
	d.leave("again", "h", 0, b)
	d.must(d.Withdraw(t.Context(), c))
	d.removed("zip", a) // c has ended, and b stands elsewhere
	if s := d.get(a).State; s != ticket.Withdrawn {
		t.Errorf("ticket %d is %s", a, s)
	}
	d.removed("zip")
	d.removed("never there")
	d.must(d.Claim(t.Context(), b, ada))
	d.removed("again", b) // whoever holds it
	if events, _ := d.History(t.Context(), b); events[len(events)-1].By != ticket.ByUser {
		t.Errorf("ended by %+v", events[len(events)-1])
	}
	if left := d.places(); len(left) > 0 {
		t.Errorf("left %q", left)
	}
	d.sound()
}

// Whatever is left, removed and forgotten in whatever order, a ticket ends with
// the removal of the last trace of it, and not before.
func TestTracesAgainstAModel(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rng := rand.New(rand.NewPCG(1, 2))
	const many = 6
	standing := map[string][]ticket.ID{}
	open := map[ticket.ID]bool{}
	var ids []ticket.ID
	for i := range many {
		ids = append(ids, d.wait("", string(rune('a'+i))))
		open[ids[i]] = true
	}
	for range 200 {
		place, id := string(rune('p'+rng.IntN(5))), ids[rng.IntN(many)]
		switch rng.IntN(3) {
		case 0:
			d.leave(place, "h", 0, id)
			standing[place] = []ticket.ID{id}
		case 1:
			if err := d.Forget(t.Context(), folder, []string{place}); err != nil {
				t.Fatal(err)
			}
			delete(standing, place)
		case 2:
			var want []ticket.ID
			for _, of := range standing[place] {
				if copies(standing, of) == 1 && open[of] {
					want, open[of] = append(want, of), false
				}
			}
			d.removed(place, want...)
			delete(standing, place)
		}
	}
	for _, id := range ids {
		if d.get(id).State.Ended() == open[id] {
			t.Errorf("ticket %d is %s, the model says open: %t", id, d.get(id).State, open[id])
		}
	}
	d.sound()
}

func copies(standing map[string][]ticket.ID, id ticket.ID) (n int) {
	for _, of := range standing {
		if slices.Contains(of, id) {
			n++
		}
	}
	return n
}
