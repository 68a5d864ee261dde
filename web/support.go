package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// viaLink is the source of what is handed in by a support link.
const viaLink = "link"

// openPage is the header by which a page that is open already asks for itself.
const openPage = "Inviter-Open"

// supportPage is GET /s/{secret}. It binds nothing: programs that look behind
// every link of a mail must take no link from its user.
func (s *Site) supportPage(w http.ResponseWriter, r *http.Request, c caller) error {
	l, err := s.bySupportSecret(r)
	if err != nil {
		return s.noLink(w, c, err)
	}
	return s.showSupport(w, r, c, l, supportView{said: r.URL.Query().Get("said"), open: r.Header.Get(openPage) != ""})
}

// bySupportSecret is the link that the address is for. Whoever tries secrets
// that name none is slowed down.
func (s *Site) bySupportSecret(r *http.Request) (ticket.Link, error) {
	if !s.guesses.may(r.RemoteAddr, s.clock()) {
		return ticket.Link{}, &ticket.Refusal{Code: codeTooMany}
	}
	l, err := s.Queue.LinkBySecret(r.Context(), r.PathValue("secret"))
	if n, expected := refusal(err); expected && n.Code == ticket.CodeInvalid {
		s.guesses.spend(r.RemoteAddr, s.clock())
	}
	return l, err
}

// noLink answers whatever names no link as another computer is answered.
func (s *Site) noLink(w http.ResponseWriter, c caller, err error) error {
	if n, expected := refusal(err); !expected || n.Code != ticket.CodeInvalid {
		return err
	}
	s.supportIs(w, c, templates.SupportPage{State: string(ticket.SightInvalid)})
	return nil
}

// supportView is how a link's page is asked for.
type supportView struct {
	said string // the last part of an answer's key
	open bool   // by a page that was open already
}

// showSupport renders what the link says to this computer.
func (s *Site) showSupport(w http.ResponseWriter, r *http.Request, c caller, l ticket.Link, v supportView) error {
	computer := s.computer(r)
	p := templates.SupportPage{
		State: string(l.On(computer, v.open, s.clock())), Secret: l.Secret, Who: ticket.FirstName(l.Owner), Note: l.Note,
		Made: l.Made, Expires: l.Expires, Closed: l.Closed, Asked: l.Asking(),
	}
	switch ticket.Sight(p.State) {
	case ticket.SightOffered:
		if (computer == ticket.Computer{}) {
			http.SetCookie(w, s.computerCookie(rand.Text()))
		}
	case ticket.SightInvalid: // nothing of the link is told
		p = templates.SupportPage{State: p.State}
	}
	if (p.State != string(ticket.SightInvalid) && p.State != string(ticket.SightOffered)) && l.Ticket != 0 {
		if err := s.brought(r, &p, l); err != nil {
			return err
		}
	}
	if p.Live() {
		p.Said = saidKey(c, "support", v.said)
	}
	s.supportIs(w, c, p)
	return nil
}

// brought tells how the invitation is doing that the link brought last.
func (s *Site) brought(r *http.Request, p *templates.SupportPage, l ticket.Link) error {
	t, err := s.Queue.Ticket(r.Context(), l.Ticket)
	if _, expected := refusal(err); expected { // purged
		return nil
	}
	if err != nil {
		return err
	}
	given, err := s.Queue.Status(r.Context(), t.ID)
	if err != nil {
		return err
	}
	p.Ticket, p.Status, p.Ended, p.Password = int64(t.ID), "/t/"+given.Secret, t.State.Ended(), t.PasswordRequired
	if t.Claim != nil {
		p.Holder, p.Words = ticket.FirstName(t.Claim.Holder), given.Words
	}
	return nil
}

func (s *Site) supportIs(w http.ResponseWriter, c caller, p templates.SupportPage) {
	p.Desk, p.Phone, p.Ask, p.Now = s.Desk, s.Phone, !s.Ask.Off, s.clock()
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	s.page(w, c, supportStatus(p), p)
}

func supportStatus(p templates.SupportPage) int {
	switch ticket.Sight(p.State) {
	case ticket.SightInvalid:
		return http.StatusNotFound
	case ticket.SightExpired, ticket.SightClosed:
		return http.StatusGone
	}
	return http.StatusOK
}

// computerAge is how long a browser keeps what makes it one computer.
const computerAge = 30 * 24 * time.Hour

func (s *Site) computerCookie(value string) *http.Cookie {
	c := s.cookie(value, int(computerAge/time.Second))
	c.Name += "-computer"
	return c
}

// computer is the one that sent r, by what its browser keeps; zero where it
// keeps nothing of ours.
func (s *Site) computer(r *http.Request) ticket.Computer {
	cookie, err := r.Cookie(s.computerCookie("").Name)
	if err != nil || len(cookie.Value) != len(rand.Text()) {
		return ticket.Computer{}
	}
	return sha256.Sum256([]byte(cookie.Value))
}

// supported makes a handler of what a link's user does. Whatever comes of it,
// the answer is the page: a form that is sent tells that it was open.
func (s *Site) supported(v func(ctx context.Context, r *http.Request, l ticket.Link) (said string, err error)) handler {
	return func(w http.ResponseWriter, r *http.Request, c caller) error {
		l, err := s.bySupportSecret(r)
		if err != nil {
			return s.noLink(w, c, err)
		}
		if !l.On(s.computer(r), true, s.clock()).Live() {
			return s.showSupport(w, r, c, l, supportView{open: true})
		}
		said := "too-many"
		if s.pushes.take(r.PathValue("secret"), s.clock()) && s.networks.take(networkOf(r.RemoteAddr), s.clock()) {
			ctx, cancel := unhurried(r)
			defer cancel()
			said, err = v(ctx, r, l)
		}
		n, expected := refusal(err)
		switch {
		case err != nil && !expected:
			return err
		case n.Code == ticket.CodeInvalid, !n.intake && n.Code == ticket.CodeExpired, n.Code == ticket.CodeClosed:
			if l, err = s.Queue.LinkBySecret(r.Context(), l.Secret); err != nil {
				return s.noLink(w, c, err)
			}
			return s.showSupport(w, r, c, l, supportView{open: true})
		case expected:
			said = saidTo(n)
		}
		to := url.URL{Path: supportPath(l)}
		if said != "" {
			to.RawQuery = url.Values{"said": {said}}.Encode()
		}
		http.Redirect(w, r, to.String(), http.StatusSeeOther)
		return nil
	}
}

// userConfirms is the yes that binds the link to this computer. A browser that
// keeps no cookies takes it from nobody: it could not come back.
func (s *Site) userConfirms(ctx context.Context, r *http.Request, l ticket.Link) (string, error) {
	on := s.computer(r)
	if (on == ticket.Computer{}) && l.On(on, true, s.clock()) == ticket.SightOffered {
		return "cookies", nil
	}
	_, err := s.Queue.Confirm(ctx, l.ID, on)
	return "", err
}

// userBrings takes an invitation from the link's computer, as a file or pasted.
func (s *Site) userBrings(ctx context.Context, r *http.Request, l ticket.Link) (string, error) {
	_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	in, err := s.readForm(r, params["boundary"])
	if err != nil {
		return "", err
	}
	if len(in.file) == 0 {
		return "none", nil
	}
	owner, err := s.linkOwner(r, l)
	if err != nil {
		return "", err
	}
	d := s.delivery(handedIn{name: in.name, file: in.file, note: l.Note}, caller{})
	d.Source = viaLink
	receipt, err := s.Queue.HandIn(ctx, l.ID, s.computer(r), d, owner)
	switch {
	case err != nil:
		return "", err
	case d.Refusal != nil:
		return "", d.Refusal
	case receipt.Outcome == ticket.Repeated:
		return "known", nil
	case receipt.Outcome == ticket.Dead:
		return "dead", nil
	}
	t, err := s.Queue.Ticket(ctx, receipt.Tickets[len(receipt.Tickets)-1])
	if err == nil && t.State == ticket.Superseded {
		return "older", nil
	}
	return "", err
}

// supportEvents is GET /s/{secret}/events: an event whenever what this computer
// sees of the link changed. It carries nothing; the page asks for itself again.
func (s *Site) supportEvents(w http.ResponseWriter, r *http.Request, _ caller) error {
	l, err := s.bySupportSecret(r)
	if err != nil {
		return err
	}
	if !l.On(s.computer(r), true, s.clock()).Live() { // 204 tells a browser not to ask again
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	secret, on := l.Secret, s.computer(r)
	look := func(ctx context.Context) (string, time.Time, error) { return s.glanceAtLink(ctx, secret, on) }
	return s.stream(w, r, &seat{of: "link " + l.ID.String()}, &hint{site: s, look: look})
}

// glanceAtLink is all of a link that changes what a computer sees.
func (s *Site) glanceAtLink(ctx context.Context, secret string, on ticket.Computer) (string, time.Time, error) {
	l, err := s.Queue.LinkBySecret(ctx, secret)
	if n, expected := refusal(err); expected {
		return string(n.Code), time.Time{}, nil
	}
	if err != nil {
		return "", time.Time{}, err
	}
	var revision int64
	if l.Ticket != 0 {
		t, err := s.Queue.Ticket(ctx, l.Ticket)
		if _, expected := refusal(err); err != nil && !expected {
			return "", time.Time{}, err
		}
		revision = t.Revision
	}
	now := s.clock()
	return fmt.Sprint(l.On(on, true, now), l.Asking(), l.Asked, l.Ticket, revision), linkDue(l, now), nil
}
