package web

import (
	"context"
	"net/http"
	"strconv"

	"inviter/templates"
	"inviter/ticket"
)

// contactsPage is GET /contacts: which users and the team know each other.
func (s *Site) contactsPage(w http.ResponseWriter, r *http.Request, c caller) error {
	list, err := s.Queue.Trusts(r.Context())
	if err != nil {
		return err
	}
	p := templates.ContactsPage{}
	for _, t := range list {
		p.Contacts = append(p.Contacts, templates.Contact{
			ID: t.ID, Name: t.User.Name, Address: t.User.Address, Call: t.User.Phone, Since: t.Since, Used: t.Used, Ends: t.Ends(), By: t.By, Ticket: int64(t.Ticket),
		})
	}
	if p.Shell, err = s.shell(r.Context(), c, "contacts", c.lang.Text("contacts.title")); err != nil {
		return err
	}
	s.page(w, c, http.StatusOK, p)
	return nil
}

// formRevoke is POST /contacts/{id}/revoke. What is revoked already is fine.
func (s *Site) formRevoke(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return &ticket.Refusal{Code: ticket.CodeUnknown}
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	if err := s.Queue.Revoke(ctx, id, c.Technician); err != nil && !isUnknown(err) {
		return err
	}
	http.Redirect(w, r, "/contacts", http.StatusSeeOther)
	return nil
}

// userDistrusts is the user's own end of the trust.
func (s *Site) userDistrusts(ctx context.Context, _ *http.Request, t ticket.Ticket) (ticket.Ticket, string, error) {
	err := s.Queue.RevokeIn(ctx, t.ID)
	if isUnknown(err) {
		err = nil
	}
	return t, "", err
}

// knows fills in whether the ticket's user and the team know each other.
func (s *Site) knows(ctx context.Context, t ticket.Ticket, p *templates.StatusPage) error {
	trust, err := s.Queue.TrustIn(ctx, t.ID)
	if isUnknown(err) {
		return nil
	}
	p.Known, p.KnownUntil = trust.Since, trust.Ends()
	return err
}

func isUnknown(err error) bool {
	n, expected := refusal(err)
	return expected && n.Code == ticket.CodeUnknown
}

// askerAge is how long a browser is known again, in seconds: as long as trust lasts.
const askerAge = int(ticket.TrustLife / 1e9)

// askerCookie keeps the secret of the ticket that this browser asked by last,
// for /ask alone. It gives no more than the link to that ticket's page does.
func (s *Site) askerCookie(value string) *http.Cookie {
	return &http.Cookie{
		Name: "asker", Value: value, Path: "/ask", MaxAge: askerAge, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	}
}

// again is the user that this browser asked as before, if whoever asks now says
// the same name and the same way to be reached; "" for a new one. Several may
// share a browser.
func (s *Site) again(r *http.Request, now ticket.User) (key string, err error) {
	cookie, err := r.Cookie("asker")
	if err != nil {
		return "", nil
	}
	before, err := s.Queue.BySecret(r.Context(), cookie.Value)
	if _, expected := refusal(err); err != nil && expected {
		return "", nil
	}
	if err != nil || !before.User.SameAsker(now) {
		return "", err
	}
	return before.User.Key, nil
}

// remembered leads to the ticket's page, and has this browser known again.
func (s *Site) remembered(w http.ResponseWriter, r *http.Request, t ticket.Ticket) error {
	given, err := s.Queue.Status(r.Context(), t.ID)
	if err != nil {
		return err
	}
	http.SetCookie(w, s.askerCookie(given.Secret))
	return s.backTo(w, r, t, "")
}

// userAsksAgain leads from an ended ticket to /ask, as the same user.
func (s *Site) userAsksAgain(w http.ResponseWriter, r *http.Request, c caller) error {
	t, err := s.bySecret(r)
	if err != nil {
		return s.noTicket(w, r, c, err)
	}
	given, err := s.Queue.Status(r.Context(), t.ID)
	if err != nil {
		return err
	}
	http.SetCookie(w, s.askerCookie(given.Secret))
	http.Redirect(w, r, "/ask", http.StatusSeeOther)
	return nil
}
