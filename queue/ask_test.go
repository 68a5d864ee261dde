package queue_test

import (
	"sync"
	"testing"
	"time"

	"inviter/ticket"
)

func offer(item, computer string) ticket.Request {
	return ticket.Request{Kind: ticket.Offer, Source: "upload", Item: item, From: ticket.User{Name: "Jane"}, Computer: computer}
}

// TestRequestsWithoutAFile stand in the same line under the same rules.
func TestRequestsWithoutAFile(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	first, known, err := d.Ask(ctx, offer("1", "PC-17"))
	if err != nil || known || first.State != ticket.Waiting || first.ID == 0 {
		t.Fatalf("%+v %v %v", first, known, err)
	}
	if again, known, err := d.Ask(ctx, offer("1", "PC-17")); err != nil || !known || again.ID != first.ID {
		t.Errorf("the same once more: %+v %v %v", again, known, err)
	}
	if _, err := d.Status(ctx, first.ID); err != nil {
		t.Errorf("no status page: %v", err)
	}
	_, _, err = d.Ask(ctx, offer("2", "PC 17"))
	refused(t, err, ticket.CodeBadComputer)
	claimed := d.must(d.Claim(ctx, first.ID, ada))
	_, err = d.Claim(ctx, first.ID, grace)
	refused(t, err, ticket.CodeTaken)
	_, err = d.File(ctx, first.ID, ada, claimed.Claim.Number, "")
	refused(t, err, ticket.CodeBadRequest)
	_, _, err = d.Unlock(ctx, first.ID, ada, claimed.Claim.Number, "x")
	refused(t, err, ticket.CodeBadRequest)

	d.clock.pass(time.Minute)
	second, _, err := d.Ask(ctx, offer("3", "pc-17")) // the same computer: never two connectors
	if err != nil || second.ID == first.ID {
		t.Fatalf("%+v %v", second, err)
	}
	_, err = d.Claim(ctx, second.ID, grace)
	refused(t, err, ticket.CodeFirstRefusal)
	d.must(d.Claim(ctx, second.ID, ada))
	if got := d.get(first.ID); got.State != ticket.Superseded {
		t.Errorf("the older one is %s", got.State)
	}
	easy, _, err := d.Ask(ctx, ticket.Request{Kind: ticket.EasyConnect, Source: "upload", Item: "4", From: ticket.User{Name: "Tom", Phone: "318"}})
	if err != nil {
		t.Fatal(err)
	}
	d.clock.pass(30 * time.Minute)
	_, err = d.Claim(ctx, easy.ID, ada)
	refused(t, err, ticket.CodeExpired)
	d.sound()
}

// TestSameRequestPressedTwice at the same moment is one ticket.
func TestSameRequestPressedTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := make([]ticket.ID, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			got, _, err := d.Ask(t.Context(), offer("twice", "PC-17"))
			if err != nil {
				t.Error(err)
			}
			ids[i] = got.ID
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] || id == 0 {
			t.Errorf("%v", ids)
		}
	}
	d.sound()
}
