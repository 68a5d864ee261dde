package web

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"inviter/templates"
	"inviter/ticket"
)

// journeyAge is how long somebody may take at the provider's pages, in seconds.
const journeyAge = 15 * 60

// journeyCookie keeps what only this browser may bring back from the provider,
// and where it wanted to go.
func (s *Site) journeyCookie(value string, age int) *http.Cookie {
	c := s.cookie(value, age)
	c.Name += "-signon"
	return c
}

// signOn sends a browser to the provider.
func (s *Site) signOn(w http.ResponseWriter, r *http.Request, c caller) error {
	if s.SignOn == nil {
		return &ticket.Refusal{Code: codeNotFound}
	}
	if !s.throttle.allows("signon", r.RemoteAddr) {
		return s.slowDown(w, c, s.loginAgain(r.URL.Query().Get("next"), ""))
	}
	address, keep, err := s.SignOn.Begin(r.Context())
	if err != nil {
		return s.noEntry(w, c, err)
	}
	next := base64.RawURLEncoding.EncodeToString([]byte(safePath(r.URL.Query().Get("next"))))
	http.SetCookie(w, s.journeyCookie(keep+"."+next, journeyAge))
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// signedOn takes a browser back from the provider, once: the journey ends here.
func (s *Site) signedOn(w http.ResponseWriter, r *http.Request, c caller) error {
	if s.SignOn == nil {
		return &ticket.Refusal{Code: codeNotFound}
	}
	var keep, next string
	if cookie, err := r.Cookie(s.journeyCookie("", 0).Name); err == nil {
		keep, next, _ = strings.Cut(cookie.Value, ".")
	}
	http.SetCookie(w, s.journeyCookie("", -1))
	to, _ := base64.RawURLEncoding.DecodeString(next)
	in, err := s.SignOn.Finish(r.Context(), keep, r.URL.Query(), s.Ask.SignIn && string(to) == askPath)
	if err != nil {
		return s.noEntry(w, c, err)
	}
	if in.Guest != "" {
		http.SetCookie(w, s.guestCookie(in.Guest))
		http.Redirect(w, r, askPath, http.StatusSeeOther)
		return nil
	}
	s.enter(w, r, in.Session, string(to))
	return nil
}

// noEntry tells a person why the sign-on led to nothing.
func (s *Site) noEntry(w http.ResponseWriter, c caller, err error) error {
	var why NoEntry
	if !errors.As(err, &why) {
		return err
	}
	s.Log.Info("sign-on refused", "reason", string(why), "error", err)
	status := http.StatusForbidden
	if why == EntryAway {
		status = http.StatusServiceUnavailable
	}
	again := s.loginAgain("", "")
	again.Wrong = string(why)
	s.page(w, c, status, again)
	return nil
}

// loginAgain is the log-in page as it is configured.
func (s *Site) loginAgain(next, name string) templates.LoginPage {
	p := templates.LoginPage{Desk: s.desk(), Next: next, Name: name, Passwords: !s.NoPasswords, Ask: !s.Ask.Off}
	if s.SignOn != nil {
		p.SignOn = "/login/sso?" + url.Values{"next": {safePath(next)}}.Encode()
	}
	return p
}
