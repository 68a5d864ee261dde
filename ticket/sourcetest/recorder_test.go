package sourcetest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"inviter/invitation"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

const here = "shelf:test"

func delivery(item string, keys ...byte) ticket.Delivery {
	d := ticket.Delivery{Source: here, Item: item}
	for _, k := range keys {
		d.Invitations = append(d.Invitations, invitation.Invitation{Key: invitation.Key{k}})
	}
	return d
}

func TestSubmitIsIdempotentByItemAndKey(t *testing.T) {
	t.Parallel()
	r := sourcetest.NewRecorder(nil)
	refused := ticket.Delivery{Source: here, Item: "r", Refusal: &invitation.Refusal{Code: invitation.Damaged}}
	steps := []struct {
		d    ticket.Delivery
		want ticket.Outcome
		ids  int
	}{
		{delivery("a", 1), ticket.Queued, 1},
		{delivery("a", 1), ticket.Queued, 1}, // the first answer again
		{delivery("b", 1), ticket.Repeated, 1},
		{delivery("c", 1, 2), ticket.Queued, 2},
		{delivery("d"), ticket.Ignored, 0},
		{refused, ticket.Rejected, 0},
	}
	for i, s := range steps {
		got, err := r.Submit(t.Context(), []ticket.Delivery{s.d})
		if err != nil || got[0].Outcome != s.want || len(got[0].Tickets) != s.ids || got[0].Item != s.d.Item {
			t.Errorf("step %d: %+v, %v; want %s with %d tickets", i, got, err, s.want, s.ids)
		}
	}
	if r.Tickets() != 2 || len(r.Deliveries()) != 5 {
		t.Errorf("%d tickets of %d deliveries, want 2 of 5", r.Tickets(), len(r.Deliveries()))
	}
	known, err := r.Recorded(t.Context(), here, []string{"r", "nowhere"})
	if err != nil || len(known) != 1 || known["r"].Refusal != invitation.Damaged {
		t.Errorf("Recorded: %v, %v", known, err)
	}
}

func TestHeldUntilLetGo(t *testing.T) {
	t.Parallel()
	r := sourcetest.NewRecorder(nil)
	ctx := t.Context()
	if _, err := r.Submit(ctx, []ticket.Delivery{delivery("a", 1), delivery("b", 2), delivery("c")}); err != nil {
		t.Fatal(err)
	}
	if err := r.LetGo(ctx, here, []string{"a", "never"}); err == nil {
		t.Error("let go of an item that was never submitted")
	}
	if err := r.LetGo(ctx, here, []string{"a"}); err != nil {
		t.Fatal(err)
	}
	held, err := r.Held(ctx, here, 1)
	if err != nil || len(held) != 1 || held[0].Item != "b" {
		t.Errorf("Held: %v, %v; want b, the oldest", held, err)
	}
	if err := r.Advance(ctx, here, "mark"); err != nil {
		t.Fatal(err)
	}
	if m, err := r.Position(ctx, here); m != "mark" || err != nil {
		t.Errorf("Position: %q, %v", m, err)
	}
	if m, err := r.Position(ctx, "elsewhere"); m != "" || err != nil {
		t.Errorf("Position of another source: %q, %v", m, err)
	}
}

func TestFaultRecordsNothing(t *testing.T) {
	t.Parallel()
	r := sourcetest.NewRecorder(nil)
	r.FailSubmits(1)
	batch := []ticket.Delivery{delivery("a", 1)}
	if _, err := r.Submit(t.Context(), batch); !errors.Is(err, sourcetest.ErrFault) || r.Tickets() != 0 {
		t.Errorf("Submit: %v, %d tickets", err, r.Tickets())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Submit(ctx, batch); !errors.Is(err, context.Canceled) || r.Tickets() != 0 {
		t.Errorf("Submit: %v, %d tickets", err, r.Tickets())
	}
	if _, err := r.Submit(t.Context(), batch); err != nil || r.Tickets() != 1 || r.Submits() != 2 {
		t.Errorf("Submit: %v, %d tickets, %d submits", err, r.Tickets(), r.Submits())
	}
}

func TestCrashKeepsWhatWasDurable(t *testing.T) {
	t.Parallel()
	for at, durable := range map[sourcetest.Step]int{sourcetest.BeforeSubmit: 0, sourcetest.AfterSubmit: 1} {
		r := sourcetest.NewRecorder(nil)
		r.CrashAt(at)
		_, err := r.Submit(t.Context(), []ticket.Delivery{delivery("a", 1)})
		_, later := r.Held(t.Context(), here, 1)
		if !errors.Is(err, sourcetest.ErrCrashed) || !errors.Is(later, sourcetest.ErrCrashed) || !r.Crashed() {
			t.Errorf("%s: %v, then %v", at, err, later)
		}
		r.Restart()
		if _, err := r.Held(t.Context(), here, 1); err != nil || len(r.Open(here)) != durable {
			t.Errorf("%s: %v, %d recorded, want %d", at, err, len(r.Open(here)), durable)
		}
	}
}

func TestRecorderIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	r := sourcetest.NewRecorder(nil)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				item := fmt.Sprint(i, "/", j)
				if _, err := r.Submit(t.Context(), []ticket.Delivery{delivery(item, byte(j+1))}); err != nil {
					t.Error(err)
				}
				if err := r.LetGo(t.Context(), here, []string{item}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if r.Tickets() != 20 || len(r.Deliveries()) != 160 {
		t.Errorf("%d tickets of %d deliveries, want 20 of 160", r.Tickets(), len(r.Deliveries()))
	}
}
