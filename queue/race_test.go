package queue_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
	"inviter/queue"
	"inviter/ticket"
)

// Tests that need more processes start this test program again, with the part
// it has to play in this variable.
const partVariable = "INVITER_TEST_PART"

func TestMain(m *testing.M) {
	if part := os.Getenv(partVariable); part != "" {
		if err := play(part, os.Args[1]); err != nil {
			fmt.Println("fault", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// play opens the queue in dir, says "ready", and plays its part once it reads
// a line.
func play(part, dir string) error {
	ctx := context.Background()
	db, err := database.Open(ctx, databasetest.Options(dir))
	if err != nil {
		return err
	}
	defer db.Close()
	q, err := queue.Open(ctx, queue.Options{DB: db, KeyFile: filepath.Join(dir, "inviter.key"), Rules: ticket.DefaultRules()})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	if !bufio.NewScanner(os.Stdin).Scan() {
		return nil
	}
	switch part {
	case "claim":
		for i := range 20 {
			by := ticket.Technician{Name: fmt.Sprintf("%d-%d", os.Getpid(), i), Role: ticket.RoleTechnician}
			fmt.Println(outcome(q.Claim(ctx, 1, by)))
		}
	case "work": // claims, closes and submits until it is killed
		return work(ctx, q)
	}
	return nil
}

// outcome is one word on how a claim went, and whose the ticket is.
func outcome(t ticket.Ticket, err error) string {
	var no *ticket.Refusal
	switch {
	case err == nil:
		return "won " + t.Claim.Holder
	case errors.As(err, &no):
		return string(no.Code) + " " + no.Holder
	}
	return "fault " + err.Error()
}

// work hands in, claims and closes one ticket after another, and says what was
// acknowledged.
func work(ctx context.Context, q *queue.Queue) error {
	me := ticket.Technician{Name: strconv.Itoa(os.Getpid()), Role: ticket.RoleTechnician}
	for i := 0; ; i++ {
		name := fmt.Sprintf("%s/%d", me.Name, i)
		r, err := q.Submit(ctx, []ticket.Delivery{{Source: "share:" + me.Name, Item: name,
			Invitations: invitations(name)}})
		if err != nil {
			return err
		}
		id := r[0].Tickets[0]
		fmt.Println("submitted", id)
		if _, err := q.Claim(ctx, id, me); err != nil {
			return err
		}
		fmt.Println("claimed", id)
		if i%2 == 0 {
			continue
		}
		if _, err := q.Close(ctx, id, me, 1, ticket.Solved, ""); err != nil {
			return err
		}
		fmt.Println("closed", id)
	}
}

// other is this program, started again.
type other struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// start starts part in a process of its own and waits until it is ready.
func start(t testing.TB, part, dir string) *other {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, dir)
	cmd.Env = append(os.Environ(), partVariable+"="+part)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	o := &other{cmd: cmd, in: in, out: bufio.NewScanner(out)}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	if !o.out.Scan() || o.out.Text() != "ready" {
		t.Fatalf("the other process says %q", o.out.Text())
	}
	return o
}

func (o *other) tell(t testing.TB) {
	t.Helper()
	if _, err := io.WriteString(o.in, "go\n"); err != nil {
		t.Fatal(err)
	}
}

// judge checks the outcomes of many claims of one ticket: one won, and the
// others were told who.
func judge(t *testing.T, outcomes []string) {
	t.Helper()
	winner := ""
	for _, o := range outcomes {
		if by, ok := strings.CutPrefix(o, "won "); ok {
			if winner != "" {
				t.Errorf("won by %s and %s", winner, by)
			}
			winner = by
		}
	}
	for _, o := range outcomes {
		if o != "won "+winner && o != "taken "+winner {
			t.Errorf("won by %q, but somebody was told %q", winner, o)
		}
	}
}

func TestOneOfManyGoroutinesWins(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.wait("", "a")
	outcomes := make([]string, 200)
	var all sync.WaitGroup
	for i := range outcomes {
		all.Go(func() {
			by := ticket.Technician{Name: fmt.Sprintf("t%d", i), Role: ticket.RoleTechnician}
			outcomes[i] = outcome(d.Claim(context.Background(), id, by))
		})
	}
	all.Wait()
	judge(t, outcomes)
	d.sound()
}

func TestOneOfManyProcessesWins(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.clock.pass(time.Since(d.clock.time())) // others go by the true time
	d.restart()
	d.wait("", "a")
	var others []*other
	for range 4 {
		others = append(others, start(t, "claim", d.dir))
	}
	for _, o := range others {
		o.tell(t)
	}
	var outcomes []string
	for _, o := range others {
		for o.out.Scan() {
			outcomes = append(outcomes, o.out.Text())
		}
		if err := o.cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if len(outcomes) != 80 {
		t.Errorf("%d answers", len(outcomes))
	}
	judge(t, outcomes)
	d.sound()
}

func TestTwoAtATicketEachGetTheirOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i := range 40 {
		d.wait("", fmt.Sprint(i))
	}
	var mu sync.Mutex
	got := map[ticket.ID]string{}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			by := ticket.Technician{Name: fmt.Sprintf("t%d", i), Role: ticket.RoleTechnician}
			for {
				c, ok, err := d.ClaimNext(context.Background(), by)
				if err != nil || !ok {
					if err != nil {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				if got[c.ID] != "" {
					t.Errorf("ticket %d to %s and %s", c.ID, got[c.ID], by.Name)
				}
				got[c.ID] = by.Name
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(got) != 40 {
		t.Errorf("%d given out", len(got))
	}
	d.sound()
}

// TestKilledWriter kills processes in the middle of their work, again and
// again: what they were told is done is done.
func TestKilledWriter(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	d.clock.pass(time.Since(d.clock.time()))
	d.restart()
	acknowledged := map[ticket.ID]string{}
	for round := range 6 {
		o := start(t, "work", d.dir)
		o.tell(t)
		for n := 0; o.out.Scan(); n++ {
			verb, id, _ := strings.Cut(o.out.Text(), " ")
			num, err := strconv.Atoi(id)
			if err != nil {
				t.Fatalf("the other process says %q", o.out.Text())
			}
			acknowledged[ticket.ID(num)] = verb
			if n == 5+7*round {
				_ = o.cmd.Process.Kill() // what it still says was acknowledged too
			}
		}
		_ = o.cmd.Wait()
		d.sound()
	}
	after := map[string][]ticket.State{
		"submitted": {ticket.Waiting, ticket.Claimed, ticket.Closed},
		"claimed":   {ticket.Claimed, ticket.Closed},
		"closed":    {ticket.Closed},
	}
	for id, verb := range acknowledged {
		tk, err := d.Ticket(ctx, id)
		if err != nil {
			t.Errorf("ticket %d, %s: %v", id, verb, err)
			continue
		}
		ok := false
		for _, s := range after[verb] {
			ok = ok || s == tk.State
		}
		if !ok {
			t.Errorf("ticket %d was %s, is %s", id, verb, tk.State)
		}
	}
	if len(acknowledged) < 30 {
		t.Errorf("only %d tickets", len(acknowledged))
	}
}
