package queue_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"inviter/queue"
	"inviter/ticket"
)

func TestEndedListsTheLatestFirst(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	var want []ticket.ID
	for i := range 7 {
		id := d.wait(fmt.Sprintf("user%d@example.org", i), fmt.Sprint(i))
		if i == 3 {
			continue // still open
		}
		d.clock.pass(time.Minute)
		d.must(d.Withdraw(ctx, id))
		want = append([]ticket.ID{id}, want...)
	}
	var got []ticket.ID
	after := ""
	for {
		p, err := d.Ended(ctx, queue.Past{After: after, Limit: 4})
		if err != nil {
			t.Fatal(err)
		}
		if p.Revision == 0 || len(p.Tickets) > 4 {
			t.Fatalf("a page of %d at revision %d", len(p.Tickets), p.Revision)
		}
		for _, one := range p.Tickets {
			got = append(got, one.ID)
		}
		if after = p.Next; after == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("ended: %v, want %v", got, want)
	}
	_, err := d.Ended(ctx, queue.Past{After: "nonsense"})
	refused(t, err, ticket.CodeBadRequest)
}

func TestEndedOfAnEmptyQueue(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if p, err := d.Ended(t.Context(), queue.Past{}); err != nil || len(p.Tickets) != 0 || p.Next != "" {
		t.Errorf("an empty history: %+v, %v", p, err)
	}
}
