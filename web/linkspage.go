package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// linksPage is GET /links: "Invite a user", and the reader's own links.
func (s *Site) linksPage(w http.ResponseWriter, r *http.Request, c caller) error {
	q := r.URL.Query()
	return s.showLinks(w, r, c, http.StatusOK, templates.LinksPage{Said: linkSaid(c, q.Get("said"))})
}

// linkSaid is an answer that the page has a text for.
func linkSaid(c caller, code string) string {
	if key := "links.said." + code; code != "" && c.lang.Has(key) {
		return key
	}
	return ""
}

func (s *Site) showLinks(w http.ResponseWriter, r *http.Request, c caller, status int, p templates.LinksPage) error {
	all, err := s.Queue.Links(r.Context(), c.Name)
	if err != nil {
		return err
	}
	if p.Shell, err = s.shell(r.Context(), c, "links", c.lang.Text("page.links")); err != nil {
		return err
	}
	p.Typed = s.PublicURL + "/s"
	for _, l := range all {
		line := templates.LinkLine{
			ID: int64(l.ID), Now: p.Shell.Now, State: string(l.State(p.Shell.Now)), Code: l.Code[:3] + " " + l.Code[3:], URL: s.supportURL(l), Note: l.Note,
			Made: l.Made, Expires: l.Expires, Bound: l.Bound, Closed: l.Closed, Ticket: int64(l.Ticket),
		}
		if l.Asking() {
			line.Asked = l.Asked
		}
		if line.Ends, err = s.closesWith(r, l, c, line.State); err != nil {
			return err
		}
		p.Links = append(p.Links, line)
	}
	s.page(w, c, status, p)
	return nil
}

// closesWith lists the results with which a link can be closed together with
// the ticket that it brought; none where the reader holds no such ticket.
func (s *Site) closesWith(r *http.Request, l ticket.Link, c caller, state string) ([]string, error) {
	if l.Ticket == 0 || state == string(ticket.LinkExpired) || state == string(ticket.LinkClosed) {
		return nil, nil
	}
	t, err := s.Queue.Ticket(r.Context(), l.Ticket)
	if _, expected := refusal(err); expected {
		return nil, nil
	}
	if err != nil || t.Claim == nil || t.Claim.Holder != c.Name {
		return nil, err
	}
	return ends(), nil
}

// formMakeLink is the button "Make a link".
func (s *Site) formMakeLink(w http.ResponseWriter, r *http.Request, c caller) error {
	if _, err := fromForm(r); err != nil {
		return err
	}
	wanted := wantedLink{Lifetime: strings.TrimSpace(r.PostFormValue("count")) + r.PostFormValue("unit"), Note: r.PostFormValue("note")}
	l, err := s.makeLink(r, c, wanted)
	n, expected := refusal(err)
	switch {
	case expected && (n.Code == ticket.CodeBadRequest || n.Code == ticket.CodeTooMany):
		return s.showLinks(w, r, c, n.status(), templates.LinksPage{
			Said: "links.said." + string(n.Code), Count: r.PostFormValue("count"), Unit: r.PostFormValue("unit"), Note: r.PostFormValue("note"),
		})
	case err != nil:
		return err
	}
	http.Redirect(w, r, "/links#n-link"+l.ID.String(), http.StatusSeeOther)
	return nil
}

// formLink makes a page's handler of a verb.
func (s *Site) formLink(v linkVerb) handler {
	return func(w http.ResponseWriter, r *http.Request, c caller) error {
		said, err := fromForm(r)
		if err != nil {
			return err
		}
		l, err := sayLink(r, c, v, said)
		to := url.URL{Path: "/links"}
		n, expected := refusal(err)
		switch {
		case expected && (n.Code == ticket.CodeExpired || n.Code == ticket.CodeClosed):
			to.RawQuery = url.Values{"said": {string(n.Code)}}.Encode()
		case err != nil:
			return err
		default:
			to.Fragment = "n-link" + l.ID.String()
		}
		http.Redirect(w, r, to.String(), http.StatusSeeOther)
		return nil
	}
}

// linkOwner is a link's technician as he is now; one who is gone may do nothing.
func (s *Site) linkOwner(r *http.Request, l ticket.Link) (ticket.Technician, error) {
	staff, err := s.Staff(r.Context())
	for _, t := range staff {
		if t.Name == l.Owner {
			return t, err
		}
	}
	return ticket.Technician{Name: l.Owner}, err
}

// linkDue is when a link's end changes what its pages show; zero once it has.
func linkDue(l ticket.Link, now time.Time) time.Time {
	if s := l.State(now); s == ticket.LinkClosed || s == ticket.LinkExpired {
		return time.Time{}
	}
	return l.Expires
}
