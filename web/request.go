package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/templates"
	"inviter/ticket"
)

// requestWords are a call for help without a file, from a program or a form.
type requestWords struct {
	Kind     ticket.Kind `json:"kind"`
	User     string      `json:"user"`
	Computer string      `json:"computer"`
	Phone    string      `json:"phone"`
	Contact  string      `json:"contact"` // of Easy Connect: a phone number, an address, a room
	Note     string      `json:"note"`
}

// apiAsk is POST /tickets with JSON: a request without a file.
func (s *Site) apiAsk(w http.ResponseWriter, r *http.Request, c caller) error {
	b, err := io.ReadAll(io.LimitReader(r.Body, maxForm+1))
	if err != nil {
		return err
	}
	var said requestWords
	if len(b) > maxForm || !utf8.Valid(b) || json.Unmarshal(b, &said) != nil {
		return badRequest("the body is not the JSON object it should be")
	}
	q, err := said.request()
	if err != nil {
		return err
	}
	if q.Kind == ticket.EasyConnect {
		q.From.Key = userOf(handedIn{user: said.User}, c).Key
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	t, _, err := s.Queue.Ask(ctx, q)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/tickets/"+t.ID.String())
	s.write(w, mediaJSON, http.StatusCreated, ticketFor(t, c.Technician))
	return nil
}

// request is what the words ask for, cleaned, with passwords masked. It is a
// request of its own.
func (said requestWords) request() (ticket.Request, error) {
	if utf8.RuneCountInString(said.Note) > maxNote {
		return ticket.Request{}, badRequest("note")
	}
	masked := 0
	clean := func(text string, most int) string {
		text, n := carrier.Mask(invitation.CleanLine(text, most), nil)
		masked += n
		return text
	}
	q := ticket.Request{Kind: said.Kind, Source: upload, Item: "call-" + rand.Text(), Computer: strings.TrimSpace(said.Computer)}
	q.From.Name, q.From.Address = nameOrAddress(clean(said.User, mostWho))
	q.From.Phone = clean(said.Phone, mostNumber)
	if contact := clean(said.Contact, mostNumber); plainAddress(contact) != "" {
		q.From.Address = plainAddress(contact)
	} else if contact != "" {
		q.From.Phone = contact
	}
	if q.Kind == ticket.EasyConnect && q.From.Name == "" {
		q.From.Name = q.From.Address // so the form asked: name or address
	}
	note, n := carrier.Mask(carrier.CleanText(said.Note), nil)
	if q.Note = note; masked+n > 0 {
		q.Flags = append(q.Flags, ticket.PasswordInMail)
	}
	return q, nil
}

// offerPage is GET /offer: a technician writes down who asks by phone.
func (s *Site) offerPage(w http.ResponseWriter, r *http.Request, c caller) error {
	return s.showOffer(w, r, c, http.StatusOK, templates.OfferPage{})
}

func (s *Site) showOffer(w http.ResponseWriter, r *http.Request, c caller, status int, p templates.OfferPage) (err error) {
	if p.Shell, err = s.shell(r.Context(), c, "queue", c.lang.Text("offer.title")); err != nil {
		return err
	}
	s.page(w, c, status, p)
	return nil
}

// formOffer is POST /offer: the new ticket in the queue, or the form again.
func (s *Site) formOffer(w http.ResponseWriter, r *http.Request, c caller) error {
	if _, err := fromForm(r); err != nil {
		return err
	}
	said := requestWords{
		Kind: ticket.Offer, User: r.PostFormValue("user"), Computer: r.PostFormValue("computer"),
		Phone: r.PostFormValue("phone"), Note: r.PostFormValue("note"),
	}
	t, err := s.asked(r, said)
	n, expected := refusal(err)
	switch {
	case err != nil && !expected:
		return err
	case err != nil:
		return s.showOffer(w, r, c, n.status(), templates.OfferPage{
			User: said.User, Computer: said.Computer, Call: said.Phone, Note: said.Note, Wrong: string(n.Code),
		})
	}
	http.Redirect(w, r, "/tickets/"+t.ID.String(), http.StatusSeeOther)
	return nil
}

// asked puts what a form says in line. The form's own mark makes a second press
// of its button the same request.
func (s *Site) asked(r *http.Request, said requestWords, change ...func(*ticket.Request) error) (ticket.Ticket, error) {
	q, err := said.request()
	if err != nil {
		return ticket.Ticket{}, err
	}
	if mark := r.PostFormValue("once"); len(mark) == len(rand.Text()) {
		q.Item = "call-" + mark
	}
	for _, do := range change {
		if err := do(&q); err != nil {
			return ticket.Ticket{}, err
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
	defer cancel()
	t, _, err := s.Queue.Ask(ctx, q)
	return t, err
}

// askCall is POST /ask/call: Easy Connect, from the user's own form.
func (s *Site) askCall(w http.ResponseWriter, r *http.Request, c caller) error {
	in, err := s.readCall(r)
	if err == nil {
		err = s.lets(r, c, in)
	}
	var t ticket.Ticket
	if err == nil {
		said := requestWords{Kind: ticket.EasyConnect, User: in.user, Contact: in.phone, Note: in.note}
		t, err = s.asked(r, said, func(q *ticket.Request) (err error) {
			if s.Ask.Doubtful && c.Name == "" {
				q.Flags, q.Quarantine = append(q.Flags, ticket.DoubtfulSender), s.Ask.Quarantine
			}
			q.From.Key, err = s.again(r, q.From)
			return err
		})
	}
	if n, expected := refusal(err); expected && n.Code != codeNotFound {
		in.note, _ = carrier.Mask(in.note, nil)
		p := s.asking(c, in)
		p.Verdict = &templates.Verdict{Now: s.clock(), Code: callCode(n)}
		p.Easy = true
		s.page(w, c, n.status(), p)
		return nil
	}
	if err != nil {
		return err
	}
	return s.remembered(w, r, t)
}

// callCode is askCode for the form without a file.
func callCode(n no) string {
	if n.Code == ticket.CodeBadRequest && (n.Detail == "user" || n.Detail == "contact") {
		return "who"
	}
	return askCode(n)
}

// readCall reads that form; both kinds of forms are taken.
func (s *Site) readCall(r *http.Request) (handedIn, error) {
	if s.Ask.Off {
		return handedIn{}, &ticket.Refusal{Code: codeNotFound}
	}
	if !s.asks.take(networkOf(r.RemoteAddr), s.clock()) {
		return handedIn{}, &ticket.Refusal{Code: codeTooMany}
	}
	if _, err := fromForm(r); err != nil {
		return handedIn{}, err
	}
	in := handedIn{user: r.PostFormValue("user"), phone: r.PostFormValue("contact"), note: r.PostFormValue("note"), code: r.PostFormValue("code")}
	in.user, in.phone = invitation.CleanLine(in.user, mostWho), invitation.CleanLine(in.phone, mostNumber)
	who, err := s.guest(r)
	in.guest = who
	return in, err
}
