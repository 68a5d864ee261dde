//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"inviter/account"
	"inviter/database"
	"inviter/invitation"
	"inviter/invitation/sample"
	"inviter/queue"
	"inviter/ticket"
)

// The people of the script.
var (
	ada   = ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}
	grace = ticket.Technician{Name: "grace", Role: ticket.RoleTechnician}
	lena  = ticket.Technician{Name: "lena", Role: ticket.RoleLead}
)

// desk is a queue in a folder, at a time that only moves when told: the same
// script leaves the same database.
type desk struct {
	*queue.Queue
	dir string
	db  *database.DB

	mu  sync.Mutex
	now time.Time
}

func epoch() time.Time { return time.UnixMilli(1_800_000_000_000).UTC() }

// open opens the desk at a time: a clock that stood before what the queue knows
// would be doubted.
func open(ctx context.Context, dir string, now time.Time) (*desk, error) {
	db, err := database.Open(ctx, database.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	d := &desk{dir: dir, db: db, now: now}
	d.Queue, err = queue.Open(ctx, queue.Options{
		DB: db, KeyFile: filepath.Join(dir, "inviter.key"), Rules: ticket.DefaultRules(), Keep: 24 * time.Hour, Clock: d.clock,
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return d, nil
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) set(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = now
}

// timeOf is when step n is done, also when it is done again.
func timeOf(steps []step, n int) time.Time {
	t := epoch().Add(time.Duration(n) * time.Second)
	for _, s := range steps[:min(n+1, len(steps))] {
		t = t.Add(s.later)
	}
	return t
}

// step is one thing done to the desk that is acknowledged or not.
type step struct {
	name string
	do   func(context.Context, *desk) error
	// loose marks what takes several commits: after a crash the desk may stand
	// between before and after.
	loose bool
	later time.Duration // how much later than the step before it is, and all after it
}

func invite(n int) invitation.Invitation {
	file := sample.Invitation{User: fmt.Sprint("user", n), Password: "ABCDEF", Start: epoch(), Minutes: 60, Seed: int64(n)}.RA2()
	inv, err := invitation.Parse(file)
	if err != nil {
		panic(err)
	}
	inv.Start = epoch().Add(time.Duration(n) * time.Second) // the file tells whole minutes
	return inv
}

// delivers hands in one batch: each number is one delivery of that user's.
func delivers(quarantine bool, users string, numbers ...int) func(context.Context, *desk) error {
	return func(ctx context.Context, d *desk) error {
		var batch []ticket.Delivery
		for i, n := range numbers {
			batch = append(batch, ticket.Delivery{
				Source: "mailbox:helpdesk", Item: fmt.Sprintf("1/%d", n), Received: epoch(), Quarantine: quarantine,
				From: ticket.User{Key: "mail:" + users[i:i+1] + "@example.org proven", Name: users[i : i+1]}, Invitations: []invitation.Invitation{invite(n)},
			})
		}
		_, err := d.Submit(ctx, batch)
		return err
	}
}

func second(_ ticket.Ticket, err error) error { return err }

// script is the life of some tickets, with every verb in it.
func script() []step {
	type c = context.Context
	say := func(name string, verb func(c, *desk) (ticket.Ticket, error)) step {
		return step{name: name, do: func(ctx c, d *desk) error { return second(verb(ctx, d)) }}
	}
	file := func(ctx c, d *desk) error {
		got, err := d.File(ctx, 1, ada, 1, "10.0.0.1")
		if err == nil && string(got) != string(invite(1).File) {
			return errors.New("another file")
		}
		return err
	}
	return []step{
		{name: "submit three", do: delivers(false, "abc", 1, 2, 3)},
		say("claim", func(ctx c, d *desk) (ticket.Ticket, error) { return d.Claim(ctx, 1, ada) }),
		{name: "file", do: file},
		say("connected", func(ctx c, d *desk) (ticket.Ticket, error) { return d.Connected(ctx, 1, ada, 1) }),
		say("renew", func(ctx c, d *desk) (ticket.Ticket, error) { return d.Renew(ctx, 1, ada, 1) }),
		say("claim second", func(ctx c, d *desk) (ticket.Ticket, error) { return d.Claim(ctx, 2, grace) }),
		say("release", func(ctx c, d *desk) (ticket.Ticket, error) {
			return d.Release(ctx, 2, grace, 1, ticket.Reason("no-answer"), "rang twice")
		}),
		{name: "newer while claimed", do: delivers(false, "a", 4)},
		say("transfer", func(ctx c, d *desk) (ticket.Ticket, error) { return d.Transfer(ctx, 1, ada, 1, grace) }),
		say("take over", func(ctx c, d *desk) (ticket.Ticket, error) { return d.TakeOver(ctx, 1, lena, "urgent") }),
		say("claim newer", func(ctx c, d *desk) (ticket.Ticket, error) { return d.Claim(ctx, 4, lena) }),
		{name: "submit doubtful", do: delivers(true, "de", 5, 6)},
		say("approve", func(ctx c, d *desk) (ticket.Ticket, error) { return d.Approve(ctx, 5, lena) }),
		say("refuse", func(ctx c, d *desk) (ticket.Ticket, error) { return d.Refuse(ctx, 6, lena, "forged") }),
		say("disown", func(ctx c, d *desk) (ticket.Ticket, error) { return d.Disown(ctx, 5) }),
		say("withdraw", func(ctx c, d *desk) (ticket.Ticket, error) { return d.Withdraw(ctx, 3) }),
		{name: "the same again", do: delivers(false, "b", 2)},
		{name: "newer while waiting", do: delivers(false, "b", 7)},
		{name: "a refusal", do: refusal},
		{name: "let go", do: func(ctx c, d *desk) error { return d.LetGo(ctx, "mailbox:helpdesk", []string{"1/1", "1/2"}) }},
		{name: "advance", do: func(ctx c, d *desk) error { return d.Advance(ctx, "mailbox:helpdesk", "1:9") }},
		{name: "source", do: func(ctx c, d *desk) error {
			return d.SetSource(ctx, ticket.SourceState{Name: "mailbox:helpdesk", State: ticket.SourceOK, Since: epoch(), LastSuccess: epoch()})
		}},
		{name: "claim next, once", do: once},
		say("close", func(ctx c, d *desk) (ticket.Ticket, error) { return d.Close(ctx, 4, lena, 1, ticket.Solved, "done") }),
		{name: "account", do: func(ctx c, d *desk) error {
			err := account.New(d.db, d.clock).Add(ctx, "ada", ticket.RoleTechnician, "")
			if errors.Is(err, account.ErrExists) {
				return nil
			}
			return err
		}},
		{name: "clock", do: ticks, loose: true, later: 2 * time.Hour},
		{name: "submit later", do: delivers(false, "f", 8)},
		{name: "link", do: invites},
		linked("confirm", func(ctx c, d *desk) (ticket.Link, error) { return d.Confirm(ctx, 1, laptop) }),
		{name: "hand in", do: handsIn},
		linked("ask again", func(ctx c, d *desk) (ticket.Link, error) { return d.AskAgain(ctx, 1, ada) }),
		linked("close link", func(ctx c, d *desk) (ticket.Link, error) { return d.CloseLink(ctx, 1, ada, ticket.Solved, "") }),
		{name: "purge", do: ticks, loose: true, later: 48 * time.Hour},
	}
}

// laptop is the computer of the script's support link.
var laptop = ticket.Computer{7}

func linked(name string, verb func(context.Context, *desk) (ticket.Link, error)) step {
	return step{name: name, do: func(ctx context.Context, d *desk) error { _, err := verb(ctx, d); return err }}
}

func invites(ctx context.Context, d *desk) error {
	o := queue.Once{Account: "account ada", Key: "link", Print: [32]byte{2}}
	_, err := d.MakeLink(d.Marked(ctx, o), ada, time.Hour, "for Jane")
	return err
}

func handsIn(ctx context.Context, d *desk) error {
	inv := invite(9)
	inv.Start = d.clock()
	_, err := d.HandIn(ctx, 1, laptop, ticket.Delivery{Source: "link", Item: "9", Received: d.clock(), Invitations: []invitation.Invitation{inv}}, ada)
	return err
}

func refusal(ctx context.Context, d *desk) error {
	_, err := d.Submit(ctx, []ticket.Delivery{{Source: "share:support", Item: "x", Received: epoch(),
		Refusal: &invitation.Refusal{Code: "damaged", Detail: "half"}}})
	return err
}

func once(ctx context.Context, d *desk) error {
	o := queue.Once{Account: "account grace", Key: "k", Print: [32]byte{1}}
	if _, found, err := d.Asked(ctx, o); err != nil || found {
		return err
	}
	_, _, err := d.ClaimNext(d.Marked(ctx, o), grace)
	return err
}

// patience is how long the clock's work may take; on a failing disk it never ends.
const patience = 5 * time.Second

// ticks lets the clock do all that is due: expire, empty the journal, purge,
// note the time.
func ticks(ctx context.Context, d *desk) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hints, late := d.Notify(ctx), time.After(patience)
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx) }()
	for {
		var high, due, now int64 = 0, 0, d.clock().UnixMilli()
		err := d.db.Read(ctx, func(tx *database.Tx) error {
			return tx.Row("SELECT high, (SELECT count(*) FROM ticket WHERE due_at <= ?) FROM clock", now).Scan(&high, &due)
		})
		if err != nil || high == now && due == 0 {
			cancel()
			<-done
			return err
		}
		select {
		case <-hints:
		case <-late:
			return errors.New("the clock stands still")
		}
	}
}

// play does the steps from first on, one after another, and acknowledges each.
// What fails is tried once more; if that fails too the script ends.
func (d *desk) play(ctx context.Context, steps []step, acknowledge func(int)) error {
	for i, s := range steps {
		d.set(timeOf(steps, i))
		err := s.do(ctx, d)
		if err != nil && !s.loose {
			err = s.do(ctx, d)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		acknowledge(i)
	}
	return nil
}
