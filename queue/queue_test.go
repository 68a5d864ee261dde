package queue_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
	"inviter/invitation"
	"inviter/queue"
	"inviter/ticket"
)

var (
	ada   = ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}
	grace = ticket.Technician{Name: "grace", Role: ticket.RoleTechnician}
	lead  = ticket.Technician{Name: "lena", Role: ticket.RoleLead}
	guest = ticket.Technician{Name: "vic", Role: ticket.RoleViewer}
)

// epoch is when every test's clock begins.
func epoch() time.Time { return time.UnixMilli(1_800_000_000_000).UTC() }

// clock is set by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// desk is a queue under test.
type desk struct {
	*queue.Queue
	t     testing.TB
	db    *database.DB
	dir   string
	clock *clock // nil: the true time
	rules ticket.Rules
	items int
	url   string // of the database's server; "" for what all tests are on
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	return openDesk(t, &clock{now: epoch()}, ticket.DefaultRules())
}

// openDesk is a desk that goes by a clock, or by the true time, and by rules.
func openDesk(t testing.TB, c *clock, rules ticket.Rules) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), clock: c, rules: rules}
	d.open()
	t.Cleanup(func() { d.db.Close() })
	return d
}

// open opens the desk's database, again after a close.
func (d *desk) open() {
	d.t.Helper()
	var err error
	o := databasetest.Options(d.dir)
	o.URL = cmp.Or(d.url, o.URL)
	if d.db, err = database.Open(context.Background(), o); err != nil {
		d.t.Fatal(err)
	}
	d.Queue, err = queue.Open(context.Background(), queue.Options{
		DB: d.db, KeyFile: filepath.Join(d.dir, "inviter.key"), Rules: d.rules, Clock: d.now(),
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// now is the desk's clock.
func (d *desk) now() func() time.Time {
	if d.clock == nil {
		return time.Now
	}
	return d.clock.time
}

// beside is the same helpdesk in another program, by the same clock.
func (d *desk) beside() *desk {
	d.t.Helper()
	other := &desk{t: d.t, dir: d.dir, clock: d.clock, rules: d.rules}
	other.open()
	d.t.Cleanup(func() { other.db.Close() })
	return other
}

// run has the clock act until ok.
func (d *desk) run(ok func() bool) {
	d.t.Helper()
	defer setGoing(d.Queue)()
	d.until(ok)
}

// until waits until ok.
func (d *desk) until(ok func() bool) {
	d.t.Helper()
	for late := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			d.t.Error("not within 2 minutes")
			return
		}
	}
}

// setGoing runs the clock of a queue until stop, which waits for its end.
func setGoing(q *queue.Queue) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.Run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

func (d *desk) restart() {
	d.t.Helper()
	if err := d.db.Close(); err != nil {
		d.t.Fatal(err)
	}
	d.open()
}

// invite is an invitation that can be told from others by its name.
func invite(name string, start time.Time, life time.Duration) invitation.Invitation {
	return invitation.Invitation{
		Format: invitation.RA2, Key: sha256.Sum256([]byte(name)), User: name,
		Start: start, Minutes: int64(life / time.Minute), PasswordRequired: true,
		Endpoints: []invitation.Endpoint{{Host: "10.0.0.7", Port: 49152}},
		File:      []byte("the file of " + name),
	}
}

// delivery is a mail with invitations, of a user or, with "", of nobody known.
func (d *desk) delivery(user string, inv ...invitation.Invitation) ticket.Delivery {
	d.items++
	return ticket.Delivery{
		Source: "mailbox:helpdesk", Item: fmt.Sprintf("1/%d", d.items),
		From:     ticket.User{Key: user, Name: user, Address: user},
		Received: d.now()(), Invitations: inv,
	}
}

// submit hands in one delivery and returns its receipt.
func (d *desk) submit(del ticket.Delivery) ticket.Receipt {
	d.t.Helper()
	r, err := d.Submit(context.Background(), []ticket.Delivery{del})
	if err != nil {
		d.t.Fatal(err)
	}
	return r[0]
}

// wait puts a ticket into the line that lives for an hour.
func (d *desk) wait(user, name string) ticket.ID {
	d.t.Helper()
	r := d.submit(d.delivery(user, invite(name, d.now()(), time.Hour)))
	if r.Outcome != ticket.Queued || len(r.Tickets) != 1 {
		d.t.Fatalf("submitted %s: %+v", name, r)
	}
	return r.Tickets[0]
}

// must is a ticket that a verb was not refused.
func (d *desk) must(t ticket.Ticket, err error) ticket.Ticket {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	return t
}

// get reads a ticket.
func (d *desk) get(id ticket.ID) ticket.Ticket {
	d.t.Helper()
	return d.must(d.Ticket(context.Background(), id))
}

// number reads one from the database.
func (d *desk) number(query string) (n int64) {
	d.t.Helper()
	if err := d.db.Read(context.Background(), func(tx *database.Tx) error { return tx.Row(query).Scan(&n) }); err != nil {
		d.t.Fatal(err)
	}
	return n
}

// sound fails the test if the database breaks any rule.
func (d *desk) sound() {
	d.t.Helper()
	found, err := d.Verify(context.Background())
	if err != nil || len(found) > 0 {
		d.t.Errorf("verify: %v, %v", found, err)
	}
}

// raw opens the database as another program would.
func (d *desk) raw() databasetest.Program { return databasetest.Raw(d.t, d.dir) }

// refused checks a refusal's code and returns it.
func refused(t testing.TB, err error, want ticket.RefusalCode) *ticket.Refusal {
	t.Helper()
	var no *ticket.Refusal
	if !errors.As(err, &no) || no.Code != want {
		t.Fatalf("got %v, want refusal %s", err, want)
	}
	return no
}

// invitations is one that lives for an hour from now, by the true time.
func invitations(name string) []invitation.Invitation {
	return []invitation.Invitation{invite(name, time.Now(), time.Hour)}
}
