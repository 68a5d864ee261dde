package web

import (
	"context"
	"mime"
	"net/http"
	"net/url"

	"inviter/ticket"
)

// userVerb is what a user may do with his own ticket. said answers in place,
// "" where the page itself shows what came of it.
type userVerb func(ctx context.Context, r *http.Request, t ticket.Ticket) (next ticket.Ticket, said string, err error)

// users makes a handler of a user's verb. Only a POST does anything: programs
// that look behind every link of a mail must end no ticket.
func (s *Site) users(v userVerb) handler {
	return func(w http.ResponseWriter, r *http.Request, c caller) error {
		t, err := s.bySecret(r)
		if err != nil {
			return s.noTicket(w, r, c, err)
		}
		if !s.pushes.take(r.PathValue("secret"), s.clock()) || !s.networks.take(networkOf(r.RemoteAddr), s.clock()) {
			return s.backTo(w, r, t, "too-many")
		}
		ctx, cancel := unhurried(r)
		defer cancel()
		next, said, err := v(ctx, r, t)
		if n, expected := refusal(err); expected {
			return s.backTo(w, r, t, saidTo(n))
		}
		if err != nil {
			return err
		}
		return s.backTo(w, r, next, said)
	}
}

// saidTo is the answer to a refused verb, by the code.
func saidTo(n no) string {
	switch n.Code {
	case ticket.CodeExpired, ticket.CodeClosed, ticket.CodeWithdrawn, ticket.CodeSuperseded, ticket.CodeRefused:
		return "ended"
	case ticket.CodeBadRequest:
		return "none"
	case codeTooMany:
		if n.intake {
			return string(n.Code) + manyParts
		}
	}
	return string(n.Code)
}

// backTo leads to a ticket's status page.
func (s *Site) backTo(w http.ResponseWriter, r *http.Request, t ticket.Ticket, said string) error {
	given, err := s.Queue.Status(r.Context(), t.ID)
	if err != nil {
		return err
	}
	to := url.URL{Path: "/t/" + given.Secret}
	if said != "" {
		to.RawQuery = url.Values{"said": {said}}.Encode()
	}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return nil
}

func (s *Site) userWithdraws(ctx context.Context, _ *http.Request, t ticket.Ticket) (ticket.Ticket, string, error) {
	next, err := s.Queue.Withdraw(ctx, t.ID)
	return next, "", err
}

func (s *Site) userDisowns(ctx context.Context, _ *http.Request, t ticket.Ticket) (ticket.Ticket, string, error) {
	next, err := s.Queue.Disown(ctx, t.ID)
	return next, "", err
}

// userTells is whether it works, after a close. The first word counts.
func (s *Site) userTells(ctx context.Context, r *http.Request, t ticket.Ticket) (ticket.Ticket, string, error) {
	history, err := s.Queue.History(ctx, t.ID)
	if err != nil {
		return t, "", err
	}
	for _, e := range history {
		if e.Kind == ticket.EventTold {
			return t, "", nil
		}
	}
	next, err := s.Queue.Tell(ctx, t.ID, r.PostFormValue("solved") == "yes")
	return next, "", err
}

// userSendsFresh takes a newer invitation of the same user. In line it takes
// the old one's place; after the end it begins anew. What was not sure about
// the old one is not sure about this one either.
func (s *Site) userSendsFresh(ctx context.Context, r *http.Request, t ticket.Ticket) (ticket.Ticket, string, error) {
	_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	in, err := s.readForm(r, params["boundary"])
	if err != nil || len(in.file) == 0 {
		return t, "none", err
	}
	d := s.delivery(in, caller{})
	d.From, d.Quarantine = t.User, t.State == ticket.Quarantined
	if t.Has(ticket.DoubtfulSender) {
		d.Flags = append(d.Flags, ticket.DoubtfulSender)
	}
	receipt, err := s.submit(ctx, d)
	if err != nil {
		return t, "", err
	}
	next, err := s.Queue.Ticket(ctx, receipt.Tickets[len(receipt.Tickets)-1])
	if err != nil {
		return t, "", err
	}
	if next.User.Key != t.User.Key { // somebody else's, known long since: nothing of it is shown here
		return t, "known", nil
	}
	if receipt.Outcome == ticket.Repeated {
		return next, "known", nil
	}
	return next, "", nil
}
