package queue_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"inviter/queue"
	"inviter/ticket"
)

func TestListIsLongestInLineFirst(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	var want []ticket.ID
	for i := range 25 {
		if i%3 == 0 { // several of the same instant
			d.clock.pass(time.Second)
		}
		want = append(want, d.wait("", fmt.Sprint(i)))
	}
	d.must(d.Claim(ctx, want[3], ada))
	d.must(d.Withdraw(ctx, want[5]))
	want = slices.Delete(want, 5, 6)
	var got []ticket.ID
	pages := 0
	for after := ""; ; pages++ {
		p, err := d.List(ctx, queue.Filter{After: after, Limit: 7})
		if err != nil {
			t.Fatal(err)
		}
		for _, tk := range p.Tickets {
			got = append(got, tk.ID)
			if len(tk.Deliveries) != 1 {
				t.Errorf("ticket %d has deliveries %v", tk.ID, tk.Deliveries)
			}
		}
		if p.Revision != 27 {
			t.Errorf("revision %d", p.Revision)
		}
		if after = p.Next; after == "" {
			break
		}
	}
	if !slices.Equal(got, want) || pages != 3 {
		t.Errorf("%d pages of %v, want %v", pages+1, got, want)
	}
	only, err := d.List(ctx, queue.Filter{States: []ticket.State{ticket.Claimed, ticket.Withdrawn}})
	if err != nil || len(only.Tickets) != 2 || only.Tickets[0].Claim.Holder != "ada" {
		t.Errorf("claimed and withdrawn: %+v, %v", only, err)
	}
	none, err := d.List(ctx, queue.Filter{States: []ticket.State{"no such state"}})
	if err != nil || len(none.Tickets) != 0 {
		t.Errorf("no state: %+v, %v", none, err)
	}
	for _, bad := range []string{"x", "1.", ".1", "1.2.3", "'; DROP TABLE ticket"} {
		refused(t, second(d.List(ctx, queue.Filter{After: bad})), ticket.CodeBadRequest)
	}
}

// All open tickets at once are those that the pages of the list have.
func TestEachOpenTicket(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	d.wait("", "past its time")
	d.clock.pass(time.Hour - time.Second)
	for i := range 5 {
		d.wait("", fmt.Sprint(i))
	}
	again := d.delivery("jane@example.org", invite("again", d.clock.time(), time.Hour))
	twice := d.submit(again).Tickets[0]
	again.Source = "share:support"
	d.submit(again)
	doubtful := d.delivery("joe@example.org", invite("doubtful", d.clock.time(), time.Hour))
	doubtful.Quarantine = true
	d.submit(doubtful)
	d.must(d.Claim(ctx, 3, ada))
	d.must(d.Withdraw(ctx, 4))
	d.clock.pass(time.Second)
	want, err := d.List(ctx, queue.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var got []ticket.Ticket
	revision, err := d.EachOpen(ctx, func(tk ticket.Ticket) { got = append(got, tk) })
	slices.SortFunc(got, func(a, b ticket.Ticket) int { return cmp.Compare(a.ID, b.ID) })
	if err != nil || revision != want.Revision || !reflect.DeepEqual(got, want.Tickets) {
		t.Errorf("revision %d: %+v, %v\nwant %d: %+v", revision, got, err, want.Revision, want.Tickets)
	}
	if i := slices.IndexFunc(got, func(tk ticket.Ticket) bool { return tk.ID == twice }); len(got) != 6 || len(got[i].Deliveries) != 2 {
		t.Errorf("%d tickets: %+v", len(got), got)
	}
}

func TestReadingShowsWhatHasExpired(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	short := d.wait("", "short")
	d.clock.pass(30 * time.Minute)
	long := d.wait("", "long")
	held := d.wait("", "held")
	d.must(d.Claim(ctx, held, ada))
	d.clock.pass(30 * time.Minute) // to the very instant
	if got := d.get(short); got.State != ticket.Expired || !got.EndedAt.Equal(got.Expires) {
		t.Errorf("short: %+v", got)
	}
	refused(t, second(d.Claim(ctx, short, ada)), ticket.CodeExpired)
	lists := map[ticket.State][]ticket.ID{
		ticket.Waiting: {long}, ticket.Expired: {short}, ticket.Claimed: {held}, ticket.Quarantined: nil,
	}
	n, err := d.Counts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for state, want := range lists {
		p, err := d.List(ctx, queue.Filter{States: []ticket.State{state}})
		if err != nil || len(p.Tickets) != len(want) || n[state] != len(want) {
			t.Errorf("%s: %+v, counted %d, %v", state, p.Tickets, n[state], err)
			continue
		}
		for i, tk := range p.Tickets {
			if tk.ID != want[i] || tk.State != state {
				t.Errorf("%s: %+v", state, tk)
			}
		}
	}
	if c, ok, err := d.ClaimNext(ctx, grace); !ok || c.ID != long || err != nil {
		t.Errorf("next %v, %v, %v", c.ID, ok, err)
	}
}

func TestChangedMissesNothing(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	for i := range 10 {
		d.wait("jane@example.org", fmt.Sprint(i)) // each supersedes the one before: two changes a commit
		d.clock.pass(time.Second)
	}
	seen := map[ticket.ID]ticket.State{}
	since, calls := int64(0), 0
	for {
		got, next, err := d.Changed(ctx, since, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, tk := range got {
			if tk.Revision <= since {
				t.Errorf("revision %d after %d", tk.Revision, since)
			}
			since = tk.Revision
			seen[tk.ID] = tk.State
		}
		since = next
		if calls++; len(got) == 0 {
			break
		}
	}
	if len(seen) != 10 || seen[10] != ticket.Waiting || seen[9] != ticket.Superseded || calls != 5 {
		t.Errorf("%d calls, seen %v", calls, seen)
	}
	if rev, err := d.Revision(ctx); err != nil || rev != since {
		t.Errorf("revision %d, went to %d, %v", rev, since, err)
	}
	if got, next, err := d.Changed(ctx, since+100, 3); err != nil || len(got) != 0 || next != since+100 {
		t.Errorf("from the future: %v, %d, %v", got, next, err)
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	s := ticket.SourceState{
		Name: "share:support", State: ticket.SourceOK, Mode: "events", Since: epoch(), LastSuccess: epoch(),
		NextTry: epoch().Add(time.Minute), Period: time.Minute, Total: ticket.Pass{Seen: 1, Queued: 2, Repeated: 3, Refused: 4, Ignored: 5, Pending: 6},
	}
	if err := d.SetSource(ctx, s); err != nil {
		t.Fatal(err)
	}
	failing := ticket.SourceState{Name: "mailbox:helpdesk", State: ticket.SourceFailing, Since: epoch(), LastError: "wrong password"}
	if err := d.SetSource(ctx, failing); err != nil {
		t.Fatal(err)
	}
	s.Total.Seen = 100
	if err := d.SetSource(ctx, s); err != nil {
		t.Fatal(err)
	}
	got, err := d.Sources(ctx)
	if err != nil || !slices.Equal(got, []ticket.SourceState{failing, s}) {
		t.Errorf("got %+v, %v", got, err)
	}
	d.clock.pass(3*time.Minute + time.Millisecond)
	got, err = d.Sources(ctx)
	if err != nil || got[1].State != ticket.SourceLate || !got[1].Since.Equal(epoch().Add(3*time.Minute)) || got[0].State != ticket.SourceFailing {
		t.Errorf("silent: %+v, %v", got, err)
	}
	if err := d.SetSource(ctx, ticket.SourceState{Name: "x", State: "nonsense"}); err == nil {
		t.Error("stored a state that is none")
	}
}
