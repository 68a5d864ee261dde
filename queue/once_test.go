package queue_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"inviter/queue"
	"inviter/ticket"
)

func TestMarkedRequestIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, second := d.wait("jane", "one"), d.wait("john", "two")
	o := queue.Once{Account: "ada", Key: "k", Print: [32]byte{7}}
	ctx := d.Marked(t.Context(), o)
	_, err := d.Claim(ctx, 77, ada)
	refused(t, err, ticket.CodeUnknown)
	if _, found, err := d.Asked(ctx, o); found || err != nil {
		t.Errorf("a refusal left a mark: %v, %v", found, err)
	}
	d.must(d.Claim(ctx, first, ada))
	d.restart()
	a, found, err := d.Asked(ctx, o)
	if err != nil || !found || a.Ticket != first || a.Status != 0 || a.Print != o.Print {
		t.Errorf("%+v, %v, %v", a, found, err)
	}
	if _, err := d.Claim(d.Marked(t.Context(), o), second, ada); !errors.Is(err, ticket.ErrCarriedOut) {
		t.Error("carried out twice")
	}
	if got := d.get(second); got.State != ticket.Waiting {
		t.Errorf("it is %s", got.State)
	}
	if _, err := d.Keep(ctx, o, queue.Answered{Status: 200, Type: "a/b", Body: []byte("yes")}); err != nil {
		t.Fatal(err)
	}
	d.restart()
	if a, found, err = d.Asked(ctx, o); err != nil || !found || a.Status != 200 || string(a.Body) != "yes" || a.Ticket != first {
		t.Errorf("%+v, %v, %v", a, found, err)
	}
	d.clock.pass(24 * time.Hour)
	if _, found, _ := d.Asked(ctx, o); found {
		t.Error("found after a day")
	}
	third := d.wait("joan", "three")
	d.must(d.Claim(d.Marked(t.Context(), o), third, ada)) // the key is free again
	d.sound()
}

// The same request at two servers that both found no answer yet, in every order
// of what they do: one carries it out, and its answer is both's.
func TestSameRequestElsewhere(t *testing.T) {
	t.Parallel()
	o := queue.Once{Account: "ada", Key: "k", Print: [32]byte{7}}
	yes, none := queue.Answered{Status: 200, Body: []byte("yes")}, queue.Answered{Status: 204}
	for name, test := range map[string]func(t *testing.T, d, other *desk, mine, theirs context.Context, id ticket.ID){
		"theirs while mine is done": func(t *testing.T, d, other *desk, mine, theirs context.Context, id ticket.ID) {
			d.must(d.Claim(mine, id, ada))
			if _, err := other.Claim(theirs, id+1, ada); !errors.Is(err, ticket.ErrCarriedOut) {
				t.Errorf("carried out twice: %v", err)
			}
			other.stands(theirs, o, none, 0)
			d.stands(mine, o, yes, 200)
			other.stands(theirs, o, none, 200)
		},
		"theirs did nothing, and says so first": func(t *testing.T, d, other *desk, mine, theirs context.Context, id ticket.ID) {
			other.stands(theirs, o, none, 204)
			if _, err := d.Claim(mine, id, ada); !errors.Is(err, ticket.ErrCarriedOut) {
				t.Errorf("carried out after an answer: %v", err)
			}
		},
		"theirs stands in for mine, which comes late": func(t *testing.T, d, other *desk, mine, _ context.Context, id ticket.ID) {
			d.must(d.Claim(mine, id, ada))
			other.stands(t.Context(), o, queue.Answered{Status: 201, Ticket: id}, 201)
			d.stands(mine, o, yes, 201)
		},
		"a request of two steps": func(t *testing.T, d, _ *desk, mine, _ context.Context, id ticket.ID) {
			d.must(d.Claim(mine, id, ada))
			d.must(d.Close(mine, id, ada, 1, ticket.Solved, ""))
			d.stands(mine, o, yes, 200)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			other := d.beside()
			id := d.wait("jane", "one")
			d.wait("john", "two")
			test(t, d, other, d.Marked(t.Context(), o), other.Marked(t.Context(), o), id)
			d.sound()
		})
	}
}

// stands keeps an answer and checks the status of the one that stands then.
func (d *desk) stands(ctx context.Context, o queue.Once, a queue.Answered, status int) {
	d.t.Helper()
	if got, err := d.Keep(ctx, o, a); err != nil || got.Status != status {
		d.t.Errorf("%d stands, want %d, %v", got.Status, status, err)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	large := queue.Once{Account: "ada", Key: "large"}
	if _, err := d.Keep(ctx, large, queue.Answered{Status: 200, Body: make([]byte, 1<<20)}); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := d.Asked(ctx, large); found {
		t.Error("a large one was kept")
	}
	db := d.raw()
	for who, n := range map[string]int{"ada": 10_300, "grace": 5} {
		if _, err := db.Exec(`WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?2)
			INSERT INTO answer (account, key, print, at, status) SELECT ?1, 'old' || n, zeroblob(32), ?3, 200 FROM c`,
			who, n, d.clock.time().UnixMilli()); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 200 {
		if _, err := d.Keep(ctx, queue.Once{Account: "ada", Key: fmt.Sprintf("new%d", i)}, queue.Answered{Status: 200}); err != nil {
			t.Fatal(err)
		}
	}
	counted := func(who string) (n int) {
		if err := db.QueryRow("SELECT count(*) FROM answer WHERE account = ?", who).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := counted("ada"); n < 9_900 || n > 10_100 {
		t.Errorf("%d kept", n)
	}
	if n := counted("grace"); n != 5 {
		t.Errorf("%d of another account's left", n)
	}
	d.clock.pass(25 * time.Hour)
	for i := range 600 {
		if _, err := d.Keep(ctx, queue.Once{Account: "ada", Key: fmt.Sprintf("later%d", i)}, queue.Answered{Status: 200}); err != nil {
			t.Fatal(err)
		}
	}
	if n := counted("ada") + counted("grace"); n > 700 {
		t.Errorf("%d left after a day", n)
	}
}
