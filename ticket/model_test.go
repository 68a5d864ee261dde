package ticket_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"inviter/ticket"
)

// The model: two invitations of one user (B made after A), a technician and a
// lead, and a clock that moves in steps of a minute. Every state that any
// sequence of verbs can reach is visited and checked.

const (
	lifetime   = 3 // minutes
	lastMinute = 6 // past every expiry, lease and grace
)

var (
	epoch = time.UnixMilli(1_800_000_000_000)
	ada   = ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}
	grace = ticket.Technician{Name: "grace", Role: ticket.RoleLead}
	rules = ticket.Rules{Lease: time.Minute, Grace: time.Minute, FirstRefusal: time.Minute}
)

func minute(n int) time.Time { return epoch.Add(time.Duration(n) * time.Minute) }

// world is one state of the model. An invitation that has not arrived is nil.
type world struct {
	now int
	t   [2]*ticket.Ticket
}

func (w world) clone() world {
	for i, t := range w.t {
		w.t[i] = copyOf(t)
	}
	return w
}

func copyOf(t *ticket.Ticket) *ticket.Ticket {
	if t == nil {
		return nil
	}
	c := *t
	c.Flags, c.Deliveries = slices.Clone(t.Flags), slices.Clone(t.Deliveries)
	if t.Claim != nil {
		claim := *t.Claim
		c.Claim = &claim
	}
	if t.Reserved != nil {
		r := *t.Reserved
		c.Reserved = &r
	}
	return &c
}

// key tells states apart by all that can decide what happens next.
type key struct {
	now int
	t   [2]ticketKey
}

type ticketKey struct {
	state                 ticket.State
	claims                int
	waitingSince, reserve int64
	superseded            bool
	holder, reservedFor   string
	lease                 int64
	touched               bool // fetched or connected: the clock asks for nothing else
}

func (w world) key() key {
	k := key{now: w.now}
	for i, t := range w.t {
		if t == nil {
			continue
		}
		k.t[i] = ticketKey{state: t.State, claims: t.Claims, waitingSince: t.WaitingSince.UnixMilli(), superseded: t.SupersededBy != 0}
		if c := t.Claim; c != nil {
			k.t[i].holder, k.t[i].lease = c.Holder, c.LeaseUntil.UnixMilli()
			k.t[i].touched = !c.Fetched.IsZero() || !c.Connected.IsZero()
		}
		if r := t.Reserved; r != nil {
			k.t[i].reservedFor, k.t[i].reserve = r.Holder, r.Until.UnixMilli()
		}
	}
	return k
}

// of is the case of invitation i: its kin is the other one while that is open.
func (w world) of(i int) *ticket.Case {
	c := &ticket.Case{Ticket: w.t[i], Now: minute(w.now), Rules: rules}
	if o := w.t[1-i]; o != nil && !o.State.Ended() {
		c.Kin = []*ticket.Ticket{o}
	}
	return c
}

// arriving is invitation i as it comes in: A is made in minute 0, B in 1.
func arriving(i, now int, quarantined bool) *ticket.Ticket {
	t := &ticket.Ticket{
		ID: ticket.ID(i + 1), State: ticket.Waiting, Kind: ticket.File, User: ticket.User{Key: "jane"},
		Start: minute(i), Expires: minute(i + lifetime), WaitingSince: minute(now), QueuedAt: minute(now),
		Deliveries: []ticket.Arrival{{Source: "mailbox:helpdesk"}},
	}
	if quarantined {
		t.State = ticket.Quarantined
	}
	return t
}

// verb is one thing that can happen in a world. on is the invitation it is
// said to; number the claim it names, by whom (for checking the fence).
type verb struct {
	name   string
	on     int
	by     string
	number int
	do     func(w *world) error
}

// shape is what decides which verbs there are; they are made once for each.
type shape struct {
	late    bool
	arrived [2]bool
	claims  [2]int
}

func (w world) shape() shape {
	s := shape{late: w.now >= lastMinute}
	for i, t := range w.t {
		if t != nil {
			s.arrived[i], s.claims[i] = true, t.Claims
		}
	}
	return s
}

// verbs are all that can happen in such a world, by anyone, with the present and the last claim number.
func verbs(s shape) []verb {
	out := []verb{}
	if !s.late {
		out = append(out, verb{name: "minute", on: -1, do: func(w *world) error { w.now++; return nil }})
	}
	for i, arrived := range s.arrived {
		if !arrived {
			out = append(out, arrivals(i)...)
			continue
		}
		out = append(out, userVerbs(i)...)
		for _, by := range []ticket.Technician{ada, grace} {
			out = append(out, freeVerbs(i, by)...)
			for n := max(0, s.claims[i]-1); n <= s.claims[i]; n++ {
				out = append(out, heldVerbs(i, by, n)...)
			}
		}
	}
	return out
}

func arrivals(i int) []verb {
	submit := func(quarantined bool) func(w *world) error {
		return func(w *world) error {
			w.t[i] = arriving(i, w.now, quarantined)
			w.of(i).Submit()
			return nil
		}
	}
	return []verb{
		{name: "submit", on: -1, do: submit(false)},
		{name: "submit doubtful", on: -1, do: submit(true)},
	}
}

func userVerbs(i int) []verb {
	return []verb{
		{name: "tick", on: i, do: func(w *world) error { w.of(i).Tick(); return nil }},
		{name: "withdraw", on: i, do: func(w *world) error { return w.of(i).Withdraw() }},
		{name: "disown", on: i, do: func(w *world) error { return w.of(i).Disown() }},
		{name: "repeat", on: i, do: func(w *world) error {
			before := len(w.t[i].Deliveries)
			w.of(i).Repeat(ticket.Delivery{Source: "share:support"})
			w.t[i].Deliveries = w.t[i].Deliveries[:before] // not part of the state
			return nil
		}},
	}
}

func freeVerbs(i int, by ticket.Technician) []verb {
	v := func(name string, do func(c *ticket.Case) error) verb {
		return verb{name: name, on: i, by: by.Name, do: func(w *world) error { return do(w.of(i)) }}
	}
	return []verb{
		v("claim", func(c *ticket.Case) error { return c.Claim(by) }),
		v("take over", func(c *ticket.Case) error { return c.TakeOver(by, "") }),
		v("dismiss", func(c *ticket.Case) error { return c.Dismiss(by.Name, "boss") }),
		v("approve", func(c *ticket.Case) error { return c.Approve(by) }),
		v("refuse", func(c *ticket.Case) error { return c.Refuse(by, "") }),
	}
}

func heldVerbs(i int, by ticket.Technician, n int) []verb {
	v := func(name string, do func(c *ticket.Case) error) verb {
		return verb{name: name, on: i, by: by.Name, number: n, do: func(w *world) error { return do(w.of(i)) }}
	}
	other := ada
	if by == ada {
		other = grace
	}
	return []verb{
		v("renew", func(c *ticket.Case) error { return c.Renew(by, n) }),
		v("fetch", func(c *ticket.Case) error { return c.Fetch(by, n) }),
		v("connect", func(c *ticket.Case) error { return c.Connect(by, n) }),
		v("unlock", func(c *ticket.Case) error { return c.Unlock(by, n, &lock{}) }),
		v("undo", func(c *ticket.Case) error { return c.Undo(by, n) }),
		v("release", func(c *ticket.Case) error { return c.Release(by, n, ticket.ReasonOther, "") }),
		v("transfer", func(c *ticket.Case) error { return c.Transfer(by, n, other) }),
		v("close", func(c *ticket.Case) error { return c.Close(by, n, ticket.Solved, "") }),
	}
}

// explore visits every state and checks every step. It stops at the first
// broken invariant; change, if not nil, breaks the verbs on purpose.
func explore(change func(verb) verb) (states int, err error) {
	const maxClaims = 2 // more claims of one ticket repeat the same states
	seen, known := map[key]bool{}, map[shape][]verb{}
	todo := []world{{}}
	for len(todo) > 0 {
		w := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[w.key()] {
			continue
		}
		seen[w.key()] = true
		if err := checkState(w); err != nil {
			return len(seen), err
		}
		if known[w.shape()] == nil {
			known[w.shape()] = changed(verbs(w.shape()), change)
		}
		alone := w.alone()
		for _, v := range known[w.shape()] {
			next := w.clone()
			refused := v.do(&next)
			if err := checkStep(step{w, next, v, refused, alone}); err != nil {
				return len(seen), fmt.Errorf("%s by %q #%d on %d in\n%+v: %w", v.name, v.by, v.number, v.on, w.key(), err)
			}
			if refused == nil && !seen[next.key()] && claims(next) <= maxClaims {
				todo = append(todo, next)
			}
		}
	}
	return len(seen), nil
}

func changed(all []verb, change func(verb) verb) []verb {
	for i := range all {
		if change != nil {
			all[i] = change(all[i])
		}
	}
	return all
}

// alone is what the clock makes of w when it is asked about either invitation.
func (w world) alone() (keys [2]key) {
	for i, t := range w.t {
		if t != nil {
			c := w.clone()
			c.of(i).Tick()
			keys[i] = c.key()
		}
	}
	return keys
}

func claims(w world) int {
	n := 0
	for _, t := range w.t {
		if t != nil {
			n = max(n, t.Claims)
		}
	}
	return n
}

func TestEveryReachableState(t *testing.T) {
	t.Parallel()
	states, err := explore(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d states", states)
	if states < 10_000 {
		t.Errorf("only %d states visited: the model has shrunk", states)
	}
}

// The checker must be able to fail: queues with a rule left out are caught.
func TestBrokenQueuesAreCaught(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(verb) verb{
		"claim without asking who holds it": func(v verb) verb {
			return replace(v, "claim", func(w *world) error {
				if c := w.t[v.on].Claim; c != nil {
					c.Holder = v.by
					return nil
				}
				return v.do(w)
			})
		},
		"no claim number": func(v verb) verb {
			return replace(v, "release", func(w *world) error {
				if t := w.t[v.on]; t.Claim != nil && t.Claim.Holder == v.by {
					t.State, t.Claim = ticket.Waiting, nil
					return nil
				}
				return v.do(w)
			})
		},
		"claim past expiry": func(v verb) verb {
			return replace(v, "claim", func(w *world) error {
				late := *w
				late.now = 0
				return late.of(v.on).Claim(ticket.Technician{Name: v.by, Role: ticket.RoleLead})
			})
		},
		"an end that can be left": func(v verb) verb {
			return replace(v, "approve", func(w *world) error {
				if t := w.t[v.on]; t.State == ticket.Closed {
					t.State = ticket.Waiting
					return nil
				}
				return v.do(w)
			})
		},
		"claims that the clock never ends": func(v verb) verb {
			return replace(v, "fetch", func(w *world) error {
				err := v.do(w)
				if err == nil {
					w.t[v.on].Claim.LeaseUntil = minute(1000)
				}
				return err
			})
		},
		"nothing superseded": func(v verb) verb {
			return replace(v, "submit", func(w *world) error {
				err := v.do(w)
				for _, t := range w.t {
					if t != nil && t.State == ticket.Superseded {
						t.State = ticket.Waiting
					}
				}
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if states, err := explore(change); err == nil {
				t.Errorf("not caught in %d states", states)
			}
		})
	}
}

func replace(v verb, name string, do func(w *world) error) verb {
	if v.name == name {
		v.do = do
	}
	return v
}

func refusal(err error) *ticket.Refusal {
	var r *ticket.Refusal
	errors.As(err, &r)
	return r
}
