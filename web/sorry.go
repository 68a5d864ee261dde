package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"inviter/invitation"
	"inviter/templates"
	"inviter/ticket"
)

// Refusals of the web itself, beside those of the verbs.
const (
	codeUnauthorized ticket.RefusalCode = "unauthorized"
	codeTooMany                         = ticket.CodeTooMany
	codeUnavailable                     = ticket.CodeUnavailable
	codeNotFound     ticket.RefusalCode = "not-found"
	codeNotAllowed   ticket.RefusalCode = "not-allowed"
	codeFault        ticket.RefusalCode = "fault"
)

// no is an expected no on its way to the caller.
type no struct {
	ticket.Refusal
	intake bool // of something handed in; "too-many" means parts there, and requests elsewhere
}

// status is the one place that maps refusals to HTTP.
func (n no) status() int {
	switch n.Code {
	case ticket.CodeBadRequest:
		return http.StatusBadRequest
	case codeUnauthorized:
		return http.StatusUnauthorized
	case ticket.CodeForbidden:
		return http.StatusForbidden
	case ticket.CodeUnknown, codeNotFound:
		return http.StatusNotFound
	case codeNotAllowed:
		return http.StatusMethodNotAllowed
	case ticket.CodeTaken, ticket.CodeFirstRefusal, ticket.CodeNotHolder, ticket.CodeLeaseAlive, ticket.CodeNotClaimed, ticket.CodeTooLate:
		return http.StatusConflict
	case ticket.CodeNotKept, ticket.CodeExpired, ticket.CodeClosed, ticket.CodeWithdrawn, ticket.CodeSuperseded, ticket.CodeRefused:
		return http.StatusGone
	case ticket.RefusalCode(invitation.TooLarge):
		return http.StatusRequestEntityTooLarge
	case ticket.CodeQuarantined:
		return http.StatusLocked
	case codeUnavailable:
		return http.StatusServiceUnavailable
	case codeFault:
		return http.StatusInternalServerError
	}
	if n.Code == codeTooMany && !n.intake {
		return http.StatusTooManyRequests
	}
	return http.StatusUnprocessableEntity
}

// title is the key of the refusal's text.
func (n no) title() string {
	if n.Code == codeTooMany && n.intake {
		return "title.too-many-parts"
	}
	return "title." + string(n.Code)
}

// refusal reads an expected no out of an error; false means that it is a fault.
func refusal(err error) (no, bool) {
	var r *ticket.Refusal
	var bad *invitation.Refusal
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &r):
		return no{Refusal: *r}, true
	case errors.As(err, &bad):
		return no{ticket.Refusal{Code: ticket.RefusalCode(bad.Code), Detail: bad.Detail}, true}, true
	case errors.As(err, &large):
		return no{ticket.Refusal{Code: ticket.RefusalCode(invitation.TooLarge), Detail: "the request is larger than is taken here"}, true}, true
	}
	return no{}, false
}

// sorry answers a request that came to nothing: a refusal in the caller's
// language, or a fault, logged here and shown as a number to quote.
func (s *Site) sorry(w http.ResponseWriter, r *http.Request, c caller, err error) {
	n, expected := refusal(err)
	number := ""
	if !expected {
		if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
			return // the caller is gone
		}
		number = faultNumber()
		n.Code, n.Detail = codeFault, number
		if s.Away != nil && s.Away(err) {
			n.Code = codeUnavailable
			w.Header().Set("Retry-After", "2")
		}
		s.Log.Error("fault", "number", number, "method", r.Method, "route", r.Pattern, "error", err)
	}
	if isAPI(r) {
		s.problem(w, c, n)
		return
	}
	s.page(w, c, n.status(), templates.SorryPage{Code: pageCode(n.Code), Number: number})
}

// pageCode is a code that the page of regrets has a text for.
func pageCode(c ticket.RefusalCode) string {
	switch c {
	case ticket.CodeForbidden, ticket.CodeBadRequest, ticket.CodeUnknown, codeNotFound, codeNotAllowed, codeTooMany, codeUnavailable, codeFault:
		return string(c)
	}
	return string(ticket.CodeBadRequest)
}

// faultNumber joins what a person quotes with the line in the log.
func faultNumber() string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// problem is a refusal for programs (RFC 9457).
type problem struct {
	Type   string     `json:"type"`
	Title  string     `json:"title"`
	Status int        `json:"status"`
	Code   string     `json:"code"`
	Detail string     `json:"detail,omitempty"`
	Holder string     `json:"holder,omitempty"`
	Since  *time.Time `json:"since,omitempty"`
	Until  *time.Time `json:"until,omitempty"`
}

func (s *Site) problem(w http.ResponseWriter, c caller, n no) {
	w.Header().Set("Content-Language", c.lang.Tag())
	s.write(w, "application/problem+json", n.status(), problem{
		Type: "about:blank", Title: c.lang.Text(n.title()), Status: n.status(), Code: string(n.Code),
		Detail: n.Detail, Holder: n.Holder, Since: moment(n.Since), Until: moment(n.Until),
	})
}

// moment is a time as the API writes it, nil for none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}
