package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"inviter/ticket"
)

// words are what comes with a verb, from JSON or from a form.
type words struct {
	Claim   int           `json:"claim"`
	Reason  ticket.Reason `json:"reason"`
	Outcome ticket.End    `json:"outcome"`
	Note    string        `json:"note"`
	To      string        `json:"to"`
	// Password is tried and forgotten: no log, no address, no answer has it.
	Password string `json:"password"`
}

// maxNote bounds what a technician writes, in characters.
const maxNote = 2000

// verb says one thing about one ticket.
type verb func(ctx context.Context, id ticket.ID, c caller, w words) (ticket.Ticket, error)

// patience is how long a verb may take. It goes on when the caller hangs up: a
// verb that was begun ends by itself, never half-way.
const patience = 10 * time.Second

func unhurried(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(r.Context()), patience)
}

func (s *Site) claim(ctx context.Context, id ticket.ID, c caller, _ words) (ticket.Ticket, error) {
	asked := s.clock()
	t, err := s.Queue.Claim(ctx, id, c.Technician)
	s.metrics.claimed(t, err, asked)
	return t, err
}

func (s *Site) claimNext(ctx context.Context, c caller) (ticket.Ticket, bool, error) {
	asked := s.clock()
	t, ok, err := s.Queue.ClaimNext(ctx, c.Technician)
	if ok || err != nil {
		s.metrics.claimed(t, err, asked)
	}
	return t, ok, err
}

func (s *Site) renew(ctx context.Context, id ticket.ID, c caller, w words) (ticket.Ticket, error) {
	return s.Queue.Renew(ctx, id, c.Technician, w.Claim)
}

func (s *Site) connected(ctx context.Context, id ticket.ID, c caller, w words) (ticket.Ticket, error) {
	return s.Queue.Connected(ctx, id, c.Technician, w.Claim)
}

func (s *Site) undo(ctx context.Context, id ticket.ID, c caller, w words) (ticket.Ticket, error) {
	return s.Queue.Undo(ctx, id, c.Technician, w.Claim)
}

func (s *Site) release(ctx context.Context, id ticket.ID, c caller, w words) (ticket.Ticket, error) {
	return s.Queue.Release(ctx, id, c.Technician, w.Claim, w.Reason, w.Note)
}

func (s *Site) close(ctx context.Context, id ticket.ID, c caller, w words) (ticket.Ticket, error) {
	return s.Queue.Close(ctx, id, c.Technician, w.Claim, w.Outcome, w.Note)
}

// transfer names a colleague; the queue decides whether they may hold tickets.
func (s *Site) transfer(ctx context.Context, id ticket.ID, c caller, w words) (ticket.Ticket, error) {
	staff, err := s.Staff(ctx)
	if err != nil {
		return ticket.Ticket{}, err
	}
	for _, to := range staff {
		if to.Name == w.To {
			return s.Queue.Transfer(ctx, id, c.Technician, w.Claim, to)
		}
	}
	return ticket.Ticket{}, badRequest("to")
}

// takeOver has no claim number: it is meant for whatever claim there is.
func (s *Site) takeOver(ctx context.Context, id ticket.ID, c caller, w words) (ticket.Ticket, error) {
	return s.Queue.TakeOver(ctx, id, c.Technician, string(w.Reason))
}

func (s *Site) approve(ctx context.Context, id ticket.ID, c caller, _ words) (ticket.Ticket, error) {
	return s.Queue.Approve(ctx, id, c.Technician)
}

func (s *Site) refuse(ctx context.Context, id ticket.ID, c caller, w words) (ticket.Ticket, error) {
	return s.Queue.Refuse(ctx, id, c.Technician, w.Note)
}

// say reads the path's ticket and says v.
func (s *Site) say(r *http.Request, c caller, v verb, w words) (ticket.ID, ticket.Ticket, error) {
	id, err := ticketID(r)
	if err != nil {
		return 0, ticket.Ticket{}, err
	}
	ctx, cancel := unhurried(r)
	defer cancel()
	t, err := v(ctx, id, c, w)
	return id, t, err
}

// fromJSON reads a body; an empty one is no words.
func fromJSON(r *http.Request) (words, error) {
	var w words
	b, err := io.ReadAll(r.Body)
	if err != nil || len(b) == 0 {
		return w, err
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return w, badRequest("the body is not the JSON object it should be")
	}
	return w, w.sound()
}

// fromForm reads a page's form. A claim that is no number is none at all.
func fromForm(r *http.Request) (words, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" && r.ContentLength != 0 {
		return words{}, badRequest("a form is expected")
	}
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return words{}, err
		}
		return words{}, badRequest("the form can't be read")
	}
	number, _ := strconv.Atoi(r.PostFormValue("claim"))
	w := words{
		Claim: number, Reason: ticket.Reason(r.PostFormValue("reason")), Outcome: ticket.End(r.PostFormValue("outcome")),
		Note: r.PostFormValue("note"), To: r.PostFormValue("to"), Password: r.PostFormValue("password"),
	}
	return w, w.sound()
}

// sound refuses what no text field can mean.
func (w words) sound() error {
	for _, text := range []string{string(w.Reason), string(w.Outcome), w.Note, w.To, w.Password} {
		if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxNote {
			return badRequest("a text is too long or not UTF-8")
		}
	}
	return nil
}
