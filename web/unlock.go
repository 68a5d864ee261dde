package web

import (
	"net/http"
	"net/url"

	"inviter/invitation"
	"inviter/templates"
	"inviter/ticket"
)

// unlockJSON is what a tried password told.
type unlockJSON struct {
	Password  invitation.Verdict    `json:"password"`
	Endpoints []invitation.Endpoint `json:"endpoints"` // best first
}

func (unlockJSON) forAPI() {}

// unlock tries the password that came with the request.
func (s *Site) unlock(r *http.Request, c caller, said words) (ticket.ID, unlockJSON, error) {
	id, err := ticketID(r)
	if err != nil {
		return 0, unlockJSON{}, err
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	verdict, found, err := s.Queue.Unlock(ctx, id, c.Technician, said.Claim, said.Password)
	return id, unlockJSON{verdict, append([]invitation.Endpoint{}, found...)}, err
}

// apiUnlock is POST /tickets/{id}/unlock for programs.
func (s *Site) apiUnlock(w http.ResponseWriter, r *http.Request, c caller) error {
	said, err := fromJSON(r)
	if err != nil {
		return err
	}
	_, told, err := s.unlock(r, c, said)
	if err != nil {
		return err
	}
	s.write(w, mediaJSON, http.StatusOK, told)
	return nil
}

// formUnlock is the button "Check". Its answer is the ticket as a page, or its
// row where the page's script asked: what was found out stands nowhere else.
func (s *Site) formUnlock(w http.ResponseWriter, r *http.Request, c caller) error {
	said, err := fromForm(r)
	var id ticket.ID
	var told unlockJSON
	if err == nil {
		id, told, err = s.unlock(r, c, said)
	}
	n, expected := refusal(err)
	switch {
	case err != nil && !expected:
		return err
	case err != nil:
		return s.acted(w, r, c, deed{id: id, no: &n})
	}
	return s.acted(w, r, c, deed{id: id, check: &templates.Check{Verdict: string(told.Password), Endpoints: endpoints(told.Endpoints)}})
}

// unlocked is where the answer to "Check" stood: who asks for that address
// again, by reload, language or a button's way back, gets the ticket without it.
func (s *Site) unlocked(w http.ResponseWriter, r *http.Request, _ caller) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	http.Redirect(w, r, (&url.URL{Path: "/tickets/" + id.String(), RawQuery: r.URL.RawQuery}).String(), http.StatusSeeOther)
	return nil
}
