package ticket

import "slices"

// Submit puts a new ticket in line, behind a look if it is quarantined. One
// that is past its expiry becomes history at once; one of the same user made
// before takes its end, and one made after makes this arrive superseded.
func (c *Case) Submit() {
	t := c.Ticket
	c.note(t, Event{Kind: EventSubmitted, Other: t.Deliveries[0].Source})
	if t.State == Quarantined {
		c.note(t, Event{Kind: EventQuarantined})
	}
	c.Tick()
	c.contest()
}

// Hand gives the ticket, in line just now, into the hands of a technician who
// asked for it. Where a colleague holds the same user's older one, he gets this
// one too. Whoever may hold none any more, or comes too late, changes nothing:
// then it stays where it is.
func (c *Case) Hand(to Technician) {
	if c.Ticket.State != Waiting || to.Name == "" {
		return
	}
	if old := c.find(Claimed); old != nil {
		to = Technician{Name: old.Claim.Holder, Role: RoleTechnician}
	}
	_ = c.Claim(to)
}

// Repeat notes that the same invitation was delivered once more. Nothing else
// changes: an ended ticket is never reopened.
func (c *Case) Repeat(d Delivery) {
	t := c.Ticket
	t.Deliveries = append(slices.Clip(t.Deliveries), d.arrival())
	c.note(t, Event{Kind: EventRepeated, Other: d.Source})
}

func (d Delivery) arrival() Arrival {
	return Arrival{Source: d.Source, At: d.Received, From: d.From.Address}
}
