package ticket

import "time"

// UndoFor is how long a claim can be undone as if it had not been.
const UndoFor = 10 * time.Second

// Undo takes a claim back that was made by mistake: within UndoFor, and only
// while the file was not fetched, so nobody can be connected by it. The ticket
// is at its old place in line. It counts as no hand-back; the trail has it.
func (c *Case) Undo(by Technician, claim int) error {
	if err := c.held(by, claim); err != nil {
		return err
	}
	t := c.Ticket
	if !t.Claim.Undoable(c.Now) {
		return &Refusal{Code: CodeTooLate, Since: t.Claim.Since}
	}
	c.note(t, Event{Kind: EventUndone, By: by.Name})
	c.free(t)
	c.Tick()
	return nil
}

// Undoable tells whether the claim can still be undone at now.
func (k *Claim) Undoable(now time.Time) bool {
	return now.Before(k.Since.Add(UndoFor)) && k.Fetched.IsZero() && k.Connected.IsZero()
}
