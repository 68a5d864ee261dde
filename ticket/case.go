package ticket

import (
	"net/netip"
	"slices"
	"time"
)

// Rules are the helpdesk's settings that decide over a ticket's life.
type Rules struct {
	Lifetime     time.Duration  // where the invitation names none
	MaxLifetime  time.Duration  // no invitation lives longer
	Lease        time.Duration  // how long a claim stands without a sign of life
	Grace        time.Duration  // after the lease, before an untouched claim lapses
	FirstRefusal time.Duration  // how long the older one's holder may claim the newer one alone
	Networks     []netip.Prefix // addresses outside them are flagged; empty is any
}

// DefaultRules are those of DESIGN.md section 3.
func DefaultRules() Rules {
	return Rules{
		Lifetime:     6 * time.Hour,
		MaxLifetime:  24 * time.Hour,
		Lease:        5 * time.Minute,
		Grace:        10 * time.Minute,
		FirstRefusal: time.Minute,
	}
}

// Case is a ticket with its user's other open tickets at one moment: all that a
// verb may see and change. A verb that returns a *Refusal may have applied what
// the clock had due; whoever stores tickets saves only after a nil.
type Case struct {
	Ticket *Ticket
	Kin    []*Ticket
	Rivals []*Ticket // at submit: open tickets of who claims the same address, see User.RivalKey
	Now    time.Time
	Rules  Rules
	Events []Event // what happened, in order, to be appended to the log
}

// Tick lets the clock act, on the ticket and its kin. Every verb begins with
// it, so what is due counts as done before any sweep reaches it.
//
// What waits ends at its expiry. A claim whose lease and grace are gone frees
// the ticket only if the holder neither fetched the file nor connected: we
// can't see the help session, so before expiry a colleague decides. After expiry
// it ends the ticket, so that with every technician gone every ticket still ends.
func (c *Case) Tick() {
	for _, t := range c.all() {
		past := !c.Now.Before(t.Expires)
		switch {
		case t.State.Ended():
		case t.State == Claimed && c.Now.Before(t.Claim.LeaseUntil.Add(c.Rules.Grace)):
		case past:
			c.note(t, Event{Kind: EventExpired})
			c.end(t, Expired)
		case t.State == Claimed && t.Claim.Fetched.IsZero() && t.Claim.Connected.IsZero():
			c.note(t, Event{Kind: EventLapsed, Other: t.Claim.Holder})
			c.free(t)
		}
	}
	c.settle()
}

// settle restores what must hold between one user's tickets. A newer invitation
// proves the older ones dead, so only the newest may wait, at the oldest's place
// in line; but what is claimed is not torn from its holder, who instead gets
// first refusal of the newer one. "Newer" goes by the invitation's own start.
func (c *Case) settle() {
	for _, t := range c.all() {
		if n := c.newer(t); t.State == Waiting && n != nil {
			c.supersede(t, n)
		}
	}
	holding := c.find(Claimed)
	for _, t := range c.all() {
		switch {
		case t.State != Waiting:
		case holding == nil:
			t.Reserved = nil
			t.unflag(WithHolder)
		case t.Reserved == nil:
			t.Reserved = &Reservation{Holder: holding.Claim.Holder, Until: c.Now.Add(c.Rules.FirstRefusal)}
			t.Flags = append(slices.Clip(t.Flags), WithHolder)
		default:
			t.Reserved = &Reservation{Holder: holding.Claim.Holder, Until: t.Reserved.Until}
		}
	}
}

// newer finds the newest open invitation of the same user that was made after
// t. Quarantined ones prove nothing yet.
func (c *Case) newer(t *Ticket) *Ticket {
	var newest *Ticket
	for _, k := range c.all() {
		if (k.State == Waiting || k.State == Claimed) && k.after(t) && (newest == nil || k.after(newest)) {
			newest = k
		}
	}
	return newest
}

// after orders invitations of one user by their own start, then by arrival.
func (t *Ticket) after(o *Ticket) bool {
	if t.Start.Equal(o.Start) {
		return t.ID > o.ID
	}
	return t.Start.After(o.Start)
}

// supersede ends old in favour of by, which inherits its place in line:
// sending again never costs it.
func (c *Case) supersede(old, by *Ticket) {
	c.note(old, Event{Kind: EventSuperseded, Other: by.ID.String()})
	c.end(old, Superseded)
	old.SupersededBy, by.Supersedes = by.ID, old.ID
	if old.WaitingSince.Before(by.WaitingSince) {
		by.WaitingSince = old.WaitingSince
	}
}

// end moves t into an end; nothing leads out of it.
func (c *Case) end(t *Ticket, s State) {
	t.State, t.EndedAt = s, c.Now
	t.Claim, t.Reserved = nil, nil
	t.unflag(WithHolder)
}

// free puts a claimed ticket back at its place in line.
func (c *Case) free(t *Ticket) {
	t.State, t.Claim = Waiting, nil
}

// note records what happened to t. The claim it was about is the present one.
func (c *Case) note(t *Ticket, e Event) {
	e.Ticket, e.At = t.ID, c.Now
	if t.Claim != nil {
		e.Claim = t.Claim.Number
	}
	c.Events = append(c.Events, e)
}

func (c *Case) find(s State) *Ticket {
	for _, t := range c.all() {
		if t.State == s {
			return t
		}
	}
	return nil
}

// all is the ticket and, where the user can be told from others, its kin.
func (c *Case) all() []*Ticket {
	if c.Ticket.User.Key == "" {
		return []*Ticket{c.Ticket}
	}
	return append([]*Ticket{c.Ticket}, c.Kin...)
}

func (t *Ticket) unflag(f Flag) {
	t.Flags = slices.DeleteFunc(slices.Clone(t.Flags), func(g Flag) bool { return g == f })
}
