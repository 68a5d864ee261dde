package queue_test

import (
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
	if _, err := d.Claim(ctx, second, ada); err == nil {
		t.Error("carried out twice")
	}
	if got := d.get(second); got.State != ticket.Waiting {
		t.Errorf("it is %s", got.State)
	}
	if err := d.Keep(ctx, o, queue.Answered{Status: 200, Type: "a/b", Body: []byte("yes")}); err != nil {
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
	d.must(d.Claim(ctx, third, ada)) // the key is free again
	d.sound()
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	large := queue.Once{Account: "ada", Key: "large"}
	if err := d.Keep(ctx, large, queue.Answered{Status: 200, Body: make([]byte, 1<<20)}); err != nil {
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
		if err := d.Keep(ctx, queue.Once{Account: "ada", Key: fmt.Sprintf("new%d", i)}, queue.Answered{Status: 200}); err != nil {
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
		if err := d.Keep(ctx, queue.Once{Account: "ada", Key: fmt.Sprintf("later%d", i)}, queue.Answered{Status: 200}); err != nil {
			t.Fatal(err)
		}
	}
	if n := counted("ada") + counted("grace"); n > 700 {
		t.Errorf("%d left after a day", n)
	}
}
