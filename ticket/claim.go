package ticket

import "time"

// Claim gives the ticket to a technician; of many who try, one succeeds, and
// the others are refused with who and since when. Claiming one's own ticket
// again changes nothing, so a double click does no harm. Claiming the newer
// invitation of a user ends the older one that was still claimed.
func (c *Case) Claim(by Technician) error {
	c.Tick()
	t := c.Ticket
	switch {
	case !by.MayClaim():
		return &Refusal{Code: CodeForbidden}
	case t.State.Ended():
		return t.ended()
	case t.State == Quarantined:
		return &Refusal{Code: CodeQuarantined}
	case t.State == Claimed && t.Claim.Holder == by.Name:
		return nil
	case t.State == Claimed:
		return &Refusal{Code: CodeTaken, Holder: t.Claim.Holder, Since: t.Claim.Since}
	case t.Reserved.against(by, c.Now):
		return &Refusal{Code: CodeFirstRefusal, Holder: t.Reserved.Holder, Until: t.Reserved.Until}
	}
	if old := c.find(Claimed); old != nil {
		c.supersede(old, t)
	}
	c.give(by)
	c.note(t, Event{Kind: EventClaimed, By: by.Name})
	return nil
}

// against tells whether the reservation keeps by from claiming now.
func (r *Reservation) against(by Technician, now time.Time) bool {
	return r != nil && r.Holder != by.Name && now.Before(r.Until)
}

// give opens a new claim; its number is one more than any before.
func (c *Case) give(to Technician) {
	t := c.Ticket
	t.Claims++
	t.State, t.Reserved = Claimed, nil
	t.unflag(WithHolder)
	t.Claim = &Claim{Number: t.Claims, Holder: to.Name, Since: c.Now, LeaseUntil: c.Now.Add(c.Rules.Lease)}
}

// Renew extends the lease: the holder's page or launcher shows a sign of life.
func (c *Case) Renew(by Technician, claim int) error {
	if err := c.held(by, claim); err != nil {
		return err
	}
	c.renew()
	return nil
}

// Fetch notes that the holder is handed the file. Expiry alone doesn't take
// it from him.
func (c *Case) Fetch(by Technician, claim int) error {
	if err := c.held(by, claim); err != nil {
		return err
	}
	if !c.Ticket.Kind.Filed() {
		return &Refusal{Code: CodeBadRequest, Detail: "there is no file"}
	}
	c.renew()
	if c.Ticket.Claim.Fetched.IsZero() {
		c.Ticket.Claim.Fetched = c.Now
	}
	c.note(c.Ticket, Event{Kind: EventFetched, By: by.Name})
	return nil
}

// Connect notes when the holder was connected to the user's PC; the first time counts.
func (c *Case) Connect(by Technician, claim int) error {
	if err := c.held(by, claim); err != nil {
		return err
	}
	c.renew()
	if c.Ticket.Claim.Connected.IsZero() {
		c.Ticket.Claim.Connected = c.Now
		c.note(c.Ticket, Event{Kind: EventConnected, By: by.Name})
	}
	return nil
}

// Release hands the ticket back to its old place in line; past its expiry it
// expires instead, and where a newer one of the same user waits, that one supersedes it.
func (c *Case) Release(by Technician, claim int, reason Reason, note string) error {
	if err := c.held(by, claim); err != nil {
		return err
	}
	if !reason.valid() {
		return &Refusal{Code: CodeBadRequest, Detail: "reason"}
	}
	c.note(c.Ticket, Event{Kind: EventReleased, By: by.Name, Other: string(reason), Note: note})
	c.free(c.Ticket)
	c.Tick()
	return nil
}

// Dismiss frees the ticket from a holder who may hold none any more, for his
// account was disabled or lost the role; by is who saw to that, "" for nobody
// here. Where somebody else holds it, or nobody, nothing changes.
func (c *Case) Dismiss(holder, by string) error {
	c.Tick()
	if c.Ticket.State != Claimed || c.Ticket.Claim.Holder != holder {
		return nil
	}
	c.note(c.Ticket, Event{Kind: EventDismissed, By: by, Other: holder})
	c.free(c.Ticket)
	c.Tick()
	return nil
}

// Transfer passes the claim on to a named technician, under a new claim number.
func (c *Case) Transfer(by Technician, claim int, to Technician) error {
	if err := c.held(by, claim); err != nil {
		return err
	}
	return c.pass(Event{Kind: EventTransferred, By: by.Name, Other: to.Name}, to)
}

// TakeOver gives a claimed ticket to another technician: to anyone after the
// lease lapsed, to a lead at any time. Every action of the old holder answers not-holder from then on.
func (c *Case) TakeOver(by Technician, reason string) error {
	c.Tick()
	t := c.Ticket
	switch {
	case t.State.Ended():
		return t.ended()
	case t.State != Claimed:
		return &Refusal{Code: CodeNotClaimed}
	case c.Now.Before(t.Claim.LeaseUntil) && !by.Lead() && t.Claim.Holder != by.Name:
		return &Refusal{Code: CodeLeaseAlive, Holder: t.Claim.Holder, Until: t.Claim.LeaseUntil}
	}
	return c.pass(Event{Kind: EventTakenOver, By: by.Name, Other: t.Claim.Holder, Note: reason}, by)
}

// pass opens a new claim for somebody else. It is refused past expiry like any
// claim; passing it to whoever holds it changes nothing.
func (c *Case) pass(e Event, to Technician) error {
	switch {
	case !to.MayClaim():
		return &Refusal{Code: CodeForbidden, Holder: to.Name}
	case c.Ticket.Claim.Holder == to.Name:
		return nil
	case !c.Now.Before(c.Ticket.Expires):
		return &Refusal{Code: CodeExpired}
	}
	c.give(to)
	c.note(c.Ticket, e)
	c.settle()
	return nil
}

// held is the fence before every verb of the holder: his name and the number of
// the present claim, so that a stale page can't undo another's claim.
func (c *Case) held(by Technician, claim int) error {
	c.Tick()
	t := c.Ticket
	switch {
	case t.State.Ended():
		return t.ended()
	case claim <= 0:
		return &Refusal{Code: CodeBadRequest, Detail: "claim"}
	case t.State != Claimed || t.Claim.Number != claim || t.Claim.Holder != by.Name:
		return t.notHolder()
	}
	return nil
}

func (c *Case) renew() {
	c.Ticket.Claim.LeaseUntil = c.Now.Add(c.Rules.Lease)
}
