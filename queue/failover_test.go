package queue_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
	"inviter/e2e/private"
	"inviter/queue"
	"inviter/ticket"
)

// claimed is a claim that was answered with yes.
type claimed struct {
	id ticket.ID
	by string
}

// TestFailOverLosesNoClaim kills a primary in the middle of claims and promotes
// its synchronous standby: every claim that was answered is there, and no
// ticket has two holders, whatever was answered to whom.
func TestFailOverLosesNoClaim(t *testing.T) {
	t.Parallel()
	if databasetest.OnPostgres() {
		t.Skip("starts servers of its own")
	}
	primary := private.StartPostgreSQL(t)
	standby := primary.StandbyOf()
	url := fmt.Sprintf("postgres://inviter@%s,%s/postgres?sslmode=disable&target_session_attrs=read-write&connect_timeout=2",
		primary.Address(), standby.Address())
	key := t.TempDir() + "/inviter.key"
	desks := []*queue.Queue{deskAt(t, url, key), deskAt(t, url, key)}
	const tickets = 400
	for i := range tickets {
		name := fmt.Sprint("user", i)
		if _, err := desks[0].Submit(t.Context(), []ticket.Delivery{{Source: "share:a", Item: name, Invitations: invitations(name)}}); err != nil {
			t.Fatal(err)
		}
	}
	answered := make(chan claimed, 2*tickets)
	half := make(chan struct{})
	go func() {
		for len(answered) < tickets/4 {
			time.Sleep(time.Millisecond)
		}
		primary.Crash()
		standby.Promote()
		close(half)
	}()
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() { claimAll(desks[i%2], fmt.Sprint("t", i), rand.Perm(tickets), answered) })
	}
	all.Wait()
	<-half
	close(answered)
	judgeClaims(t, desks[1], answered, tickets)
}

func deskAt(t *testing.T, url, key string) *queue.Queue {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	q, err := queue.Open(t.Context(), queue.Options{DB: db, KeyFile: key, Rules: ticket.DefaultRules()})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// claimAll claims one ticket after another, again where the answer was a fault.
func claimAll(q *queue.Queue, name string, order []int, answered chan<- claimed) {
	by := ticket.Technician{Name: name, Role: ticket.RoleTechnician}
	for _, i := range order {
		id := ticket.ID(i + 1)
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
			_, err := q.Claim(context.Background(), id, by)
			if err == nil {
				answered <- claimed{id, name}
			}
			var no *ticket.Refusal
			if err == nil || errors.As(err, &no) || time.Now().After(deadline) {
				break
			}
		}
	}
}

func judgeClaims(t *testing.T, q *queue.Queue, answered <-chan claimed, tickets int) {
	t.Helper()
	holder := map[ticket.ID]string{}
	for c := range answered {
		if was := holder[c.id]; was != "" && was != c.by {
			t.Errorf("ticket %d was given to %s and %s", c.id, was, c.by)
		}
		holder[c.id] = c.by
	}
	for id, by := range holder {
		tk, err := q.Ticket(t.Context(), id)
		if err != nil || tk.Claim == nil || tk.Claim.Holder != by || tk.Claims != 1 {
			t.Errorf("ticket %d was given to %s, is %+v, %v", id, by, tk.Claim, err)
		}
	}
	if len(holder) != tickets {
		t.Errorf("%d of %d claimed", len(holder), tickets)
	}
	if found, err := q.Verify(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("verify: %v, %v", found, err)
	}
}

// TestCutsWhileManyClaim cuts connections at the worst moments while several
// race for each ticket.
func TestCutsWhileManyClaim(t *testing.T) {
	t.Parallel()
	if databasetest.OnPostgres() {
		t.Skip("starts a server of its own")
	}
	server := private.StartPostgreSQL(t)
	relay := private.NewRelay(t, server.Address())
	url := "postgres://inviter@" + relay.Addr + "/postgres?sslmode=disable"
	key := t.TempDir() + "/inviter.key"
	desks := []*queue.Queue{deskAt(t, url, key), deskAt(t, url, key)}
	const tickets = 40
	for i := range tickets {
		name := fmt.Sprint("user", i)
		if _, err := desks[0].Submit(t.Context(), []ticket.Delivery{{Source: "share:a", Item: name, Invitations: invitations(name)}}); err != nil {
			t.Fatal(err)
		}
	}
	answered := make(chan claimed, 2*tickets)
	done, ended := make(chan struct{}), make(chan int)
	go func() {
		cuts := 0
		for ; ; cuts++ {
			select {
			case <-done:
				ended <- cuts
				return
			default:
			}
			relay.CutWhen("COMMIT\x00", private.CutAt(cuts%3))
			for relay.Pending() {
				select {
				case <-done:
					ended <- cuts
					return
				case <-time.After(time.Millisecond):
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { claimAll(desks[i%2], fmt.Sprint("t", i), rand.Perm(tickets), answered) })
	}
	all.Wait()
	close(done)
	cuts := <-ended
	close(answered)
	t.Logf("%d cuts", cuts)
	if cuts < 5 {
		t.Errorf("only %d cuts", cuts)
	}
	judgeClaims(t, desks[0], answered, tickets)
}
