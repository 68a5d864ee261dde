package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"inviter/database"
	"inviter/queue"
	"inviter/ticket"
)

type operation = porcupine.Operation

// clerkVariable makes this test program a clerk where it says, a clerkPlace.
const clerkVariable = "INVITER_TEST_CLERK"

// errand is one verb on its way to a clerk, or what came of it.
type errand struct {
	N     int64
	Said  said
	Heard heard
}

// clerkPlace is the database that a clerk works on, as JSON.
type clerkPlace struct{ Dir, URL, KeyFile string }

// beClerk carries out errands on the queue itself, side by side, beside the
// server and other clerks.
func beClerk(where string) error {
	ctx := context.Background()
	var at clerkPlace
	if err := json.Unmarshal([]byte(where), &at); err != nil {
		return err
	}
	db, err := database.Open(ctx, database.Options{Dir: at.Dir, URL: at.URL})
	if err != nil {
		return err
	}
	defer db.Close()
	q, err := queue.Open(ctx, queue.Options{DB: db, KeyFile: at.KeyFile, Rules: ticket.DefaultRules(), Clock: time.Now})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	out := json.NewEncoder(os.Stdout)
	for in := json.NewDecoder(bufio.NewReader(os.Stdin)); ; {
		var e errand
		if err := in.Decode(&e); err != nil {
			return nil
		}
		go func() {
			e.Heard = carryOut(ctx, q, e.Said)
			mu.Lock()
			defer mu.Unlock()
			_ = out.Encode(e)
		}()
	}
}

func carryOut(ctx context.Context, q *queue.Queue, in said) heard {
	by := technicianOf(in.By)
	id := ticket.ID(in.Ticket)
	var t ticket.Ticket
	var err error
	switch in.Verb {
	case "claim":
		t, err = q.Claim(ctx, id, by)
	case "release":
		t, err = q.Release(ctx, id, by, in.Claim, "other", "")
	case "renew":
		t, err = q.Renew(ctx, id, by, in.Claim)
	case "connected":
		t, err = q.Connected(ctx, id, by, in.Claim)
	case "invitation":
		_, err = q.File(ctx, id, by, in.Claim, "")
	case "transfer":
		t, err = q.Transfer(ctx, id, by, in.Claim, technicianOf(in.To))
	case "take-over":
		t, err = q.TakeOver(ctx, id, by, "away")
	case "close":
		t, err = q.Close(ctx, id, by, in.Claim, ticket.Solved, "")
	case "withdraw":
		t, err = q.Withdraw(ctx, id)
	default:
		t, err = q.Ticket(ctx, id)
	}
	var no *ticket.Refusal
	switch {
	case errors.As(err, &no):
		return heard{Code: string(no.Code), Holder: no.Holder}
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return heard{Code: lost}
	}
	h := heard{Code: "ok", State: string(t.State)}
	if t.Claim != nil {
		h.Number, h.Holder = t.Claim.Number, t.Claim.Holder
	}
	return h
}

func technicianOf(name string) ticket.Technician {
	if isLead(name) {
		return ticket.Technician{Name: name, Role: ticket.RoleLead}
	}
	return ticket.Technician{Name: name, Role: ticket.RoleTechnician}
}

// clerk is a process that writes to the database itself.
type clerk struct {
	t  *testing.T
	at clerkPlace

	mu   sync.Mutex
	cmd  *exec.Cmd
	wire *wire
	last int64
}

// wire is the connection to one life of a clerk.
type wire struct {
	in      io.WriteCloser
	waiting map[int64]chan heard
	cut     bool // it says nothing more; what is sent may still seem to arrive
}

func newClerk(t *testing.T, at clerkPlace) *clerk {
	t.Helper()
	c := &clerk{t: t, at: at}
	c.start()
	t.Cleanup(func() { c.wire.in.Close(); _ = c.cmd.Wait() })
	return c
}

func (c *clerk) start() {
	exe, err := os.Executable()
	where, _ := json.Marshal(c.at) // three texts
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), clerkVariable+"="+string(where))
	cmd.Stderr = os.Stderr
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cmd, c.wire = cmd, &wire{in: in, waiting: map[int64]chan heard{}}
	go c.listen(out, c.wire)
}

// listen hands answers on; those that a dead clerk owes are lost.
func (c *clerk) listen(out io.Reader, from *wire) {
	for d := json.NewDecoder(out); ; {
		var e errand
		err := d.Decode(&e)
		c.mu.Lock()
		if err != nil {
			for n, ch := range from.waiting {
				ch <- heard{Code: lost}
				delete(from.waiting, n)
			}
			from.cut = true
			c.mu.Unlock()
			return
		}
		if ch := from.waiting[e.N]; ch != nil {
			ch <- e.Heard
			delete(from.waiting, e.N)
		}
		c.mu.Unlock()
	}
}

func (c *clerk) say(in said) heard {
	c.mu.Lock()
	c.last++
	answer := make(chan heard, 1)
	line, err := json.Marshal(errand{N: c.last, Said: in})
	to := c.wire
	if err == nil && !to.cut {
		to.waiting[c.last] = answer
		_, err = to.in.Write(append(line, '\n'))
	}
	if err != nil || to.cut { // it has been killed just now
		delete(to.waiting, c.last)
		c.mu.Unlock()
		return heard{Code: never}
	}
	c.mu.Unlock()
	return <-answer
}

// restart kills the clerk in the middle of its work.
func (c *clerk) restart() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
	c.start()
}
