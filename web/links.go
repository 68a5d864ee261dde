package web

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"inviter/invitation"
	"inviter/ticket"
)

// linkJSON is a support link as its technician's programs see it. What lets a
// user in, code and url, is told only when it is made and in the list.
type linkJSON struct {
	ID        ticket.LinkID    `json:"id"`
	State     ticket.LinkState `json:"state"`
	Code      string           `json:"code,omitempty"`
	URL       string           `json:"url,omitempty"`
	Note      string           `json:"note"`
	MadeAt    *time.Time       `json:"made_at"`
	ExpiresAt *time.Time       `json:"expires_at"`
	BoundAt   *time.Time       `json:"bound_at"`
	AskedAt   *time.Time       `json:"asked_at"`
	ClosedAt  *time.Time       `json:"closed_at"`
	Ticket    *ticket.ID       `json:"ticket"`
}

type linksJSON struct {
	Links []linkJSON `json:"links"`
}

func (linkJSON) forAPI()  {}
func (linksJSON) forAPI() {}

func (s *Site) linkFor(l ticket.Link) linkJSON {
	return linkJSON{
		ID: l.ID, State: l.State(s.clock()), Note: l.Note, MadeAt: moment(l.Made), ExpiresAt: moment(l.Expires), BoundAt: moment(l.Bound),
		AskedAt: moment(l.Asked), ClosedAt: moment(l.Closed), Ticket: nonZero(l.Ticket),
	}
}

// passedOn is linkFor with what lets a user in.
func (s *Site) passedOn(l ticket.Link) linkJSON {
	j := s.linkFor(l)
	j.Code, j.URL = l.Code, s.supportURL(l)
	return j
}

func (s *Site) supportURL(l ticket.Link) string { return s.PublicURL + supportPath(l) }

func supportPath(l ticket.Link) string { return "/s/" + l.Secret }

// standardLink is how long a link lives where nothing else is said.
const standardLink = 4 * time.Hour

// maxLinkNote bounds what the user reads, in characters.
const maxLinkNote = 500

// wantedLink is what a technician asks for.
type wantedLink struct {
	Lifetime string `json:"lifetime"`
	Note     string `json:"note"`
}

func (w wantedLink) life() (time.Duration, error) {
	if w.Lifetime == "" {
		return standardLink, nil
	}
	life, err := time.ParseDuration(w.Lifetime)
	if err != nil {
		return 0, badRequest(`lifetime: a number with a unit, "90s", "30m", "24h"`)
	}
	return life, nil
}

// make makes the link.
func (s *Site) makeLink(r *http.Request, c caller, w wantedLink) (ticket.Link, error) {
	if !utf8.ValidString(w.Note) || utf8.RuneCountInString(w.Note) > maxLinkNote {
		return ticket.Link{}, badRequest("note")
	}
	life, err := w.life()
	if err != nil {
		return ticket.Link{}, err
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	return s.Queue.MakeLink(ctx, c.Technician, life, invitation.CleanLine(w.Note, maxLinkNote))
}

// apiMakeLink is POST /links.
func (s *Site) apiMakeLink(w http.ResponseWriter, r *http.Request, c caller) error {
	var wanted wantedLink
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if len(b) > 0 && json.Unmarshal(b, &wanted) != nil {
		return badRequest("the body is not the JSON object it should be")
	}
	l, err := s.makeLink(r, c, wanted)
	if err != nil {
		return err
	}
	s.write(w, mediaJSON, http.StatusCreated, s.passedOn(l))
	return nil
}

// apiLinks is GET /links: the caller's own.
func (s *Site) apiLinks(w http.ResponseWriter, r *http.Request, c caller) error {
	all, err := s.Queue.Links(r.Context(), c.Name)
	if err != nil {
		return err
	}
	list := linksJSON{Links: []linkJSON{}}
	for _, l := range all {
		list.Links = append(list.Links, s.passedOn(l))
	}
	s.write(w, mediaJSON, http.StatusOK, list)
	return nil
}

// linkVerb is what a technician does with a link.
type linkVerb func(r *http.Request, id ticket.LinkID, c caller, w words) (ticket.Link, error)

func (s *Site) closeLink(r *http.Request, id ticket.LinkID, c caller, w words) (ticket.Link, error) {
	ctx, cancel := unhurried(r)
	defer cancel()
	return s.Queue.CloseLink(ctx, id, c.Technician, w.Outcome, w.Note)
}

func (s *Site) askAgainByLink(r *http.Request, id ticket.LinkID, c caller, _ words) (ticket.Link, error) {
	ctx, cancel := unhurried(r)
	defer cancel()
	return s.Queue.AskAgain(ctx, id, c.Technician)
}

// apiLink makes a handler of a verb: JSON in, the link out.
func (s *Site) apiLink(v linkVerb) handler {
	return func(w http.ResponseWriter, r *http.Request, c caller) error {
		said, err := fromJSON(r)
		if err != nil {
			return err
		}
		l, err := sayLink(r, c, v, said)
		if err != nil {
			return err
		}
		s.write(w, mediaJSON, http.StatusOK, s.linkFor(l))
		return nil
	}
}

func sayLink(r *http.Request, c caller, v linkVerb, said words) (ticket.Link, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return ticket.Link{}, &ticket.Refusal{Code: ticket.CodeUnknown}
	}
	return v(r, ticket.LinkID(id), c, said)
}
