package web

import (
	"net/http"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// ticketPage is GET /tickets/{id}.
func (s *Site) ticketPage(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	return s.showTicket(w, r, c, deed{id: id})
}

// showTicket shows one ticket, and what a password tried just now told.
func (s *Site) showTicket(w http.ResponseWriter, r *http.Request, c caller, d deed) error {
	id := d.id
	t, err := s.Queue.Ticket(r.Context(), id)
	if err != nil {
		return err
	}
	history, err := s.Queue.History(r.Context(), id)
	if err != nil {
		return err
	}
	now := s.clock()
	row, err := s.ownRow(r.Context(), t, c, now)
	if err != nil {
		return err
	}
	row.Tell(d.check)
	p := templates.TicketPage{Facts: facts(t, history, c, now), Trail: trail(t, history), Ends: ends()}
	p.Story, p.Marks = story(t, history, now)
	if p.Said, err = s.remind(r, c, []item{{entry: newEntry(t), own: &row}}); err != nil {
		return err
	}
	p.Row = row
	name := t.User.Name
	if name == "" {
		name = t.User.Address
	}
	p.Shell, err = s.shell(r.Context(), c, here(t), c.lang.Text("page.ticket", "id", id.String(), "name", name))
	if err != nil {
		return err
	}
	s.page(w, c, http.StatusOK, p)
	return nil
}

func here(t ticket.Ticket) string {
	if t.State.Ended() {
		return "history"
	}
	return "queue"
}

func facts(t ticket.Ticket, history []ticket.Event, c caller, now time.Time) templates.Facts {
	f := templates.Facts{
		Address: t.User.Address, Phone: t.User.Phone, PCName: t.ClaimedName, Came: came(t, now), QueuedAt: t.QueuedAt,
		Format: string(t.Format), Password: t.PasswordRequired, Size: t.Size, Supersedes: int64(t.Supersedes),
		SupersededBy: int64(t.SupersededBy), Outcome: string(t.Outcome), EndedAt: t.EndedAt,
	}
	if t.User.Name == "" {
		f.Address = "" // it stands in place of the name
	}
	if showsEndpoints(t, c.Technician) {
		f.Endpoints = endpoints(t.Endpoints)
	}
	f.Wait, f.Connect, f.Help = times(t, history)
	for _, e := range history {
		if e.Kind == ticket.EventClosed || e.Kind == ticket.EventRefused {
			f.EndedBy = e.By
		}
	}
	return f
}

// times are how long the user waited for the first claim, how long the last
// holder took to connect, and how long the help went on.
func times(t ticket.Ticket, history []ticket.Event) (wait, connect, help time.Duration) {
	var claimed, connected time.Time
	for _, e := range history {
		switch e.Kind {
		case ticket.EventClaimed:
			if wait == 0 {
				wait = e.At.Sub(t.WaitingSince)
			}
			claimed, connected = e.At, time.Time{}
		case ticket.EventTransferred, ticket.EventTakenOver:
			claimed, connected = e.At, time.Time{}
		case ticket.EventConnected:
			connected, connect = e.At, e.At.Sub(claimed)
		case ticket.EventUndone:
			wait, claimed = 0, time.Time{}
		case ticket.EventClosed, ticket.EventReleased:
			if !connected.IsZero() {
				help += e.At.Sub(connected)
			}
			connected = time.Time{}
		}
	}
	return wait, connect, help
}

// trail is the history in the page's steps. The phase says what a step leads
// into, so that the line beside the trail shows who had the ticket.
func trail(t ticket.Ticket, history []ticket.Event) []templates.Step {
	var steps []templates.Step
	phase, claimed, last := "", time.Time{}, t.WaitingSince
	for _, e := range history {
		step := templates.Step{Now: last, At: e.At, Kind: string(e.Kind), By: e.By, Other: e.Other, Note: e.Note, Claim: e.Claim}
		switch e.Kind {
		case ticket.EventClaimed:
			phase, claimed = "held", e.At
			step.After = e.At.Sub(t.WaitingSince)
		case ticket.EventTransferred, ticket.EventTakenOver:
			phase, claimed = "held", e.At
		case ticket.EventConnected:
			phase = "helping"
			step.After = e.At.Sub(claimed)
		case ticket.EventRepeated, ticket.EventFetched, ticket.EventChecked:
		default:
			phase = ""
		}
		if e.Kind == ticket.EventSubmitted || e.Kind == ticket.EventRepeated {
			way := place(e.Other)
			step.Way = &way
		}
		step.Phase, last = phase, e.At
		steps = append(steps, step)
	}
	return steps
}
