package ticket

import "slices"

// Close ends the ticket with a result. The holder names his claim; a lead may
// close any open ticket and may leave the number out.
func (c *Case) Close(by Technician, claim int, result End, note string) error {
	if err := c.closable(by, claim); err != nil {
		return err
	}
	if !slices.Contains(Ends(), result) {
		return &Refusal{Code: CodeBadRequest, Detail: "outcome"}
	}
	t := c.Ticket
	t.Outcome, t.EndNote = result, note
	c.note(t, Event{Kind: EventClosed, By: by.Name, Other: string(result), Note: note})
	if t.earnsTrust(result) {
		c.note(t, Event{Kind: EventTrusted, By: t.Claim.Holder})
	}
	c.end(t, Closed)
	c.settle()
	return nil
}

func (c *Case) closable(by Technician, claim int) error {
	if !by.Lead() {
		return c.held(by, claim)
	}
	c.Tick()
	t := c.Ticket
	switch {
	case t.State.Ended():
		return t.ended()
	case claim != 0 && (t.Claim == nil || t.Claim.Number != claim):
		return t.notHolder()
	}
	return nil
}

// Withdraw is the user's own end. It is final, whoever holds the ticket.
func (c *Case) Withdraw() error {
	c.Tick()
	if c.Ticket.State.Ended() {
		return c.Ticket.ended()
	}
	c.note(c.Ticket, Event{Kind: EventWithdrawn, By: ByUser})
	c.end(c.Ticket, Withdrawn)
	c.settle()
	return nil
}

// Disown is the user saying "I didn't ask for this": nobody gets the file
// until a lead decides.
func (c *Case) Disown() error {
	c.Tick()
	t := c.Ticket
	switch {
	case t.State.Ended():
		return t.ended()
	case t.State == Quarantined:
		return nil
	}
	c.note(t, Event{Kind: EventDisowned, By: ByUser})
	t.State, t.Claim, t.Reserved = Quarantined, nil, nil
	t.unflag(WithHolder)
	c.settle()
	return nil
}

// Tell is the user's word after a close: it works, or help is needed still.
// The ticket stays closed.
func (c *Case) Tell(works bool) error {
	c.Tick()
	t := c.Ticket
	switch {
	case t.State.Ended() && t.State != Closed:
		return t.ended()
	case t.State != Closed:
		return &Refusal{Code: CodeBadRequest, Detail: "not closed yet"}
	}
	said := StillHelp
	if works {
		said = ItWorks
	} else {
		t.flag(StillNeedsHelp)
	}
	c.note(t, Event{Kind: EventTold, By: ByUser, Other: said})
	return nil
}

// Approve lets a quarantined ticket into the line, by a lead.
func (c *Case) Approve(by Technician) error {
	if err := c.judged(by); err != nil {
		return err
	}
	c.note(c.Ticket, Event{Kind: EventApproved, By: by.Name})
	c.Ticket.State = Waiting
	c.settle()
	return nil
}

// Refuse ends a quarantined ticket, by a lead.
func (c *Case) Refuse(by Technician, note string) error {
	if err := c.judged(by); err != nil {
		return err
	}
	c.note(c.Ticket, Event{Kind: EventRefused, By: by.Name, Note: note})
	c.Ticket.EndNote = note
	c.end(c.Ticket, Refused)
	return nil
}

// judged tells whether by may decide on the quarantined ticket.
func (c *Case) judged(by Technician) error {
	c.Tick()
	switch {
	case !by.Lead():
		return &Refusal{Code: CodeForbidden}
	case c.Ticket.State.Ended():
		return c.Ticket.ended()
	case c.Ticket.State != Quarantined:
		return &Refusal{Code: CodeBadRequest, Detail: "not quarantined"}
	}
	return nil
}

// ended is the refusal of any verb after the end; its code is the end's name.
func (t *Ticket) ended() error {
	return &Refusal{Code: RefusalCode(t.State), Since: t.EndedAt}
}

func (t *Ticket) notHolder() error {
	if t.Claim == nil {
		return &Refusal{Code: CodeNotHolder}
	}
	return &Refusal{Code: CodeNotHolder, Holder: t.Claim.Holder, Since: t.Claim.Since}
}
