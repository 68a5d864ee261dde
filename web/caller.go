package web

import (
	"context"
	"net/http"
	"strings"

	"inviter/templates"
	"inviter/ticket"
)

// Need is who may use a route.
type Need string

// Needs, from the least.
const (
	Anybody Need = "anybody" // no log-in
	Gives   Need = "gives"   // no log-in, and an invitation may come with it
	Chats   Need = "chats"   // chat systems, which the handler knows by their own proof
	Hands   Need = "hands"   // may hand in invitations: whoever Works, and intake tokens
	Reads   Need = "reads"   // any account
	Works   Need = "works"   // claims: technician, lead, admin
	Leads   Need = "leads"   // lead, admin
	Owns    Need = "owns"    // the account that the path names, and admins
	Self    Need = "self"    // the account that the path names, and nobody else
	Admins  Need = "admins"
)

// caller is who sent a request.
type caller struct {
	pass
	intake string // whose intake token it is, "" for none
	lang   *templates.Language
	zips   bool // the browser takes gzip
}

// pass is what somebody came in with, and whom it stood for.
type pass struct {
	ticket.Technician        // zero for nobody and for an intake token
	session           string // the session's token, "" without one
	token             string // the API token, "" without one
}

// stranger is whoever sent r, as long as nothing else is known.
func (s *Site) stranger(r *http.Request) caller {
	return caller{lang: s.language(r), zips: acceptsGzip(r)}
}

func (c caller) known() bool { return c.Name != "" || c.intake != "" }

// may tells whether the caller meets the need of a route, for the path of r.
func (c caller) may(n Need, r *http.Request) bool {
	switch n {
	case Anybody, Gives, Chats:
		return true
	case Hands:
		return c.intake != "" || c.MayClaim()
	case Reads:
		return c.Name != ""
	case Works:
		return c.MayClaim()
	case Leads:
		return c.Lead()
	case Owns:
		return c.Role == ticket.RoleAdmin || c.Name != "" && r.PathValue("name") == c.Name
	case Self:
		return c.Name != "" && r.PathValue("name") == c.Name
	case Admins:
		return c.Role == ticket.RoleAdmin
	}
	return false
}

// who finds out who sent r: by bearer token, else by the log-in cookie. A bad
// token is nobody, not the cookie's owner. The error is a fault.
func (s *Site) who(r *http.Request) (caller, error) {
	c := s.stranger(r)
	if auth := r.Header.Get("Authorization"); auth != "" {
		kind, token, _ := strings.Cut(auth, " ")
		if !strings.EqualFold(kind, "Bearer") {
			return c, nil
		}
		return s.byToken(r, c, strings.TrimSpace(token))
	}
	cookie, err := r.Cookie(s.cookieName())
	if err != nil {
		return c, nil
	}
	by, err := s.Bearers.BySession(r.Context(), cookie.Value)
	if denied, _ := s.refused(err); denied {
		return c, nil
	}
	c.Technician, c.session = by, cookie.Value
	return c, err
}

func (s *Site) byToken(r *http.Request, c caller, token string) (caller, error) {
	by, err := s.Bearers.ByToken(r.Context(), token)
	if err == nil {
		c.Technician, c.token = by, token
		return c, nil
	}
	if denied, _ := s.refused(err); !denied {
		return c, err
	}
	name, err := s.Bearers.ByIntakeToken(r.Context(), token)
	if denied, _ := s.refused(err); denied {
		return c, nil
	}
	c.intake = name
	return c, err
}

// still tells whether a pass that let somebody in lets them in now, with the
// same role. A fault throws nobody out.
func (s *Site) still(ctx context.Context, p pass) bool {
	ask, secret := s.Bearers.BySession, p.session
	if p.token != "" {
		ask, secret = s.Bearers.ByToken, p.token
	}
	now, err := ask(ctx, secret)
	if denied, _ := s.refused(err); denied {
		return false
	}
	return err != nil || now == p.Technician
}

// refused tells an expected no from a fault.
func (s *Site) refused(err error) (denied, busy bool) {
	if err == nil {
		return false, false
	}
	return s.Denied(err)
}

// langCookie remembers a chosen language; it says nothing about its owner.
const langCookie = "lang"

func (s *Site) language(r *http.Request) *templates.Language {
	chosen := ""
	if cookie, err := r.Cookie(langCookie); err == nil {
		chosen = cookie.Value
	}
	return s.Pages.Match(chosen, r.Header.Get("Accept-Language"))
}
