package web

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// statusPage is GET /t/{secret}: one ticket as its user sees it, without a
// log-in. It is never indexed, and its address never goes to another site.
func (s *Site) statusPage(w http.ResponseWriter, r *http.Request, c caller) error {
	t, err := s.bySecret(r)
	if err != nil {
		return s.noTicket(w, r, c, err)
	}
	return s.showStatus(w, r, c, t, r.URL.Query().Get("said"))
}

// bySecret is the ticket that the address is for. Whoever tries secrets that
// name none is slowed down.
func (s *Site) bySecret(r *http.Request) (ticket.Ticket, error) {
	if !s.guesses.may(r.RemoteAddr, s.clock()) {
		return ticket.Ticket{}, &ticket.Refusal{Code: codeTooMany}
	}
	t, err := s.Queue.BySecret(r.Context(), r.PathValue("secret"))
	if n, expected := refusal(err); expected && n.Code == ticket.CodeInvalid {
		s.guesses.spend(r.RemoteAddr, s.clock())
	}
	return t, err
}

// noTicket answers every secret that names no ticket in the same way.
func (s *Site) noTicket(w http.ResponseWriter, r *http.Request, c caller, err error) error {
	n, expected := refusal(err)
	if !expected || n.Code != ticket.CodeInvalid {
		return err
	}
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	s.page(w, c, http.StatusNotFound, templates.InvalidPage{Desk: s.Desk, Phone: s.Phone, Ask: !s.Ask.Off})
	return nil
}

// showStatus renders the page. said is the last part of the key of an answer.
func (s *Site) showStatus(w http.ResponseWriter, r *http.Request, c caller, t ticket.Ticket, said string) error {
	history, err := s.Queue.History(r.Context(), t.ID)
	if err != nil {
		return err
	}
	standing, err := s.Queue.Standing(r.Context(), t)
	if err != nil {
		return err
	}
	given, err := s.Queue.Status(r.Context(), t.ID)
	if err != nil {
		return err
	}
	p := statusOf(t, history, s.clock())
	p.Desk, p.Phone, p.Secret, p.Words = s.Desk, s.Phone, given.Secret, given.Words
	p.Place = standing.Place
	p.Can.Again = p.Can.Again && !s.Ask.Off
	if err := s.knows(r.Context(), t, &p); err != nil {
		return err
	}
	if from, to, ok := ticket.Estimate(standing.Place, standing.Claims, p.Now); ok {
		p.From, p.To = from, to
	}
	p.Said = saidKey(c, "status", said)
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	s.page(w, c, http.StatusOK, p)
	return nil
}

// saidKey is the key of the answer to what a user did; "" where a page has no
// text for it.
func saidKey(c caller, page, said string) string {
	for _, key := range []string{page + ".said." + said, "why." + strings.TrimSuffix(said, manyParts)} {
		if said != "" && c.lang.Has(key) {
			return key
		}
	}
	return ""
}

// manyParts tells a file with too many parts from too many requests.
const manyParts = "-parts"

// statusOf is what a ticket and its history say to its user.
func statusOf(t ticket.Ticket, history []ticket.Event, now time.Time) templates.StatusPage {
	p := templates.StatusPage{
		Now: now, Number: int64(t.ID), Code: t.Kind == ticket.Code, Kind: string(t.Kind), State: string(t.State), Came: t.WaitingSince, Expires: t.Expires, Since: t.EndedAt,
		By: int64(t.SupersededBy), Outcome: string(t.Outcome),
	}
	if t.Claim != nil {
		p.Who, p.Since = ticket.FirstName(t.Claim.Holder), t.Claim.Since
		if !t.Claim.Connected.IsZero() {
			p.State, p.Since = "connected", t.Claim.Connected
		}
	}
	for _, e := range history {
		switch e.Kind {
		case ticket.EventClosed:
			p.Who = ticket.FirstName(e.By)
		case ticket.EventTold:
			p.Told = e.Other
		case ticket.EventDisowned:
			if t.State == ticket.Quarantined {
				p.State = "disowned"
			}
		case ticket.EventApproved:
			p.State = cmp.Or(string(t.State), p.State)
		}
		if step, ok := stepOf(e); ok {
			if e.Kind == ticket.EventSubmitted && !t.Kind.Filed() {
				step.Key, step.Place = "status.step.asked", ""
			}
			p.Steps = append(p.Steps, step)
		}
	}
	p.Steps = p.Steps[max(0, len(p.Steps)-mostSteps):]
	open := !t.State.Ended()
	p.Can = templates.StatusCan{
		Withdraw: open && p.State != "disowned", Disown: open && t.State != ticket.Quarantined,
		Fresh: p.State != "disowned" && t.State != ticket.Superseded && t.State != ticket.Refused, Tell: t.State == ticket.Closed && p.Told == "", Again: !open && t.State != ticket.Superseded,
	}
	return p
}

// mostSteps bounds what happened, on the user's page.
const mostSteps = 12

// stepOf is one event in the user's words; false for what is not his concern.
func stepOf(e ticket.Event) (templates.StatusStep, bool) {
	step := templates.StatusStep{At: e.At, Key: "status.step." + string(e.Kind), Who: ticket.FirstName(e.By)}
	switch e.Kind {
	case ticket.EventFetched, ticket.EventChecked:
		return step, false
	case ticket.EventSubmitted, ticket.EventRepeated:
		step.Place = "status.way." + place(e.Other).Kind
	case ticket.EventReleased, ticket.EventLapsed:
		step.Key = "status.step.back"
	case ticket.EventDistrusted:
		step.Key += "." + e.Other
	case ticket.EventTransferred:
		step.Key, step.Who = "status.step.passed", ticket.FirstName(e.Other)
	case ticket.EventTakenOver:
		step.Key = "status.step.passed"
	}
	return step, true
}
