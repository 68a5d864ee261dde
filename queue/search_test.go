package queue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/queue"
	"inviter/ticket"
)

// having finds tickets with all these words.
func having(words ...string) func(string, ticket.State, ticket.End) bool {
	return func(text string, _ ticket.State, _ ticket.End) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
	}
}

// TestEndedIsSearched by words of people, holders and ways, in a time, page by page.
func TestEndedIsSearched(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	begin := d.clock.now
	for i := range 9 {
		id := d.wait(fmt.Sprintf("müller%d@example.org", i%3), fmt.Sprint(i))
		d.clock.pass(time.Minute)
		if i == 4 {
			d.must(d.Claim(ctx, id, ada))
			d.must(d.Close(ctx, id, ada, 1, ticket.Unsolved, "Der DRUCKER war aus"))
			continue
		}
		d.must(d.Withdraw(ctx, id))
	}
	for _, c := range []struct {
		name string
		past queue.Past
		want string
	}{
		{"an address", queue.Past{Match: having("müller1@")}, "[8 5 2]"},
		{"two words", queue.Past{Match: having("müller1@", "drucker")}, "[5]"},
		{"who held it", queue.Past{Match: having(ada.Name)}, "[5]"},
		{"how it ended", queue.Past{Match: func(_ string, s ticket.State, o ticket.End) bool { return s == ticket.Closed && o == ticket.Unsolved }}, "[5]"},
		{"in a time", queue.Past{Match: having("müller1@"), Since: begin.Add(2 * time.Minute), Until: begin.Add(6 * time.Minute)}, "[5 2]"},
		{"in a time, without words", queue.Past{Since: begin.Add(2 * time.Minute), Until: begin.Add(4 * time.Minute)}, "[3 2]"},
		{"nothing", queue.Past{Match: having("nobody")}, "[]"},
	} {
		p, err := d.Ended(ctx, c.past)
		if got := fmt.Sprint(numbers(p.Tickets)); err != nil || got != c.want || p.Next != "" {
			t.Errorf("%s: %s, next %q, %v; want %s", c.name, got, p.Next, err, c.want)
		}
	}
	var pages []string
	for after := ""; ; {
		p, err := d.Ended(ctx, queue.Past{Match: having("example.org"), Limit: 4, After: after})
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, fmt.Sprint(numbers(p.Tickets)))
		if after = p.Next; after == "" {
			break
		}
	}
	if got := strings.Join(pages, ""); got != "[9 8 7 6][5 4 3 2][1]" {
		t.Errorf("page by page: %s", got)
	}
	p, err := d.Ended(ctx, queue.Past{Match: having("müller1@")})
	if err != nil || len(p.Tickets[0].Deliveries) != 1 {
		t.Errorf("without its way: %+v, %v", p.Tickets, err)
	}
}

func numbers(list []ticket.Ticket) []ticket.ID {
	var ids []ticket.ID
	for _, t := range list {
		ids = append(ids, t.ID)
	}
	return ids
}
