package web

import (
	"net/http"
	"unicode/utf8"

	"inviter/templates"
	"inviter/ticket"
)

// cookieName is the log-in cookie's. Over https the prefix makes browsers
// insist that it is ours alone: this host, Secure, path /.
func (s *Site) cookieName() string {
	if s.secure {
		return "__Host-inviter"
	}
	return "inviter"
}

func (s *Site) cookie(token string, age int) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName(), Value: token, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	}
}

// cookieAge is how long a browser keeps the cookie, in seconds; the account
// decides how long it is good for.
const cookieAge = 7 * 24 * 3600

// desk is how the helpdesk is called and reached, for people who can't get in.
func (s *Site) desk() string {
	if s.Phone == "" {
		return s.Desk
	}
	return s.Desk + ", " + s.Phone
}

func (s *Site) loginPage(w http.ResponseWriter, r *http.Request, c caller) error {
	if c.Name != "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	s.page(w, c, http.StatusOK, s.loginAgain(r.URL.Query().Get("next"), ""))
	return nil
}

// logIn opens a session. Unknown names and wrong passwords get one answer.
func (s *Site) logIn(w http.ResponseWriter, r *http.Request, c caller) error {
	name, password := r.PostFormValue("name"), r.PostFormValue("password")
	again := s.loginAgain(r.PostFormValue("next"), name)
	again.Wrong = "wrong"
	if s.NoPasswords {
		again.Wrong = "no-passwords"
		s.page(w, c, http.StatusForbidden, again)
		return nil
	}
	if !utf8.ValidString(name) || len(name) > 400 || len(password) > 2000 {
		again.Name = ""
		s.page(w, c, http.StatusForbidden, again)
		return nil
	}
	if !s.throttle.allows(name, r.RemoteAddr) {
		return s.slowDown(w, c, again)
	}
	token, err := s.LogIns.LogIn(r.Context(), name, password)
	denied, busy := s.refused(err)
	switch {
	case busy:
		return s.slowDown(w, c, again)
	case denied:
		s.Log.Info("log-in refused", "from", networkOf(r.RemoteAddr))
		s.page(w, c, http.StatusForbidden, again)
		return nil
	case err != nil:
		return err
	}
	s.enter(w, r, token, again.Next)
	return nil
}

func (s *Site) slowDown(w http.ResponseWriter, c caller, again templates.LoginPage) error {
	again.Wrong = "too-many"
	w.Header().Set("Retry-After", "60")
	s.page(w, c, http.StatusTooManyRequests, again)
	return nil
}

// enter hands the session over and goes where the reader wanted to.
func (s *Site) enter(w http.ResponseWriter, r *http.Request, token, next string) {
	http.SetCookie(w, s.cookie(token, cookieAge))
	http.Redirect(w, r, safePath(next), http.StatusSeeOther)
}

// linkPage shows a button: mail programs and chat previews open links, and
// that alone must not use one up.
func (s *Site) linkPage(w http.ResponseWriter, r *http.Request, c caller) error {
	s.page(w, c, http.StatusOK, templates.LinkPage{Desk: s.desk(), Secret: r.PathValue("secret")})
	return nil
}

func (s *Site) useLink(w http.ResponseWriter, r *http.Request, c caller) error {
	again := s.loginAgain("", "")
	if !s.throttle.allows("link", r.RemoteAddr) {
		return s.slowDown(w, c, again)
	}
	token, err := s.LogIns.UseLink(r.Context(), r.PostFormValue("secret"))
	if denied, _ := s.refused(err); denied {
		again.Wrong = "link"
		s.page(w, c, http.StatusForbidden, again)
		return nil
	}
	if err != nil {
		return err
	}
	s.enter(w, r, token, "/")
	return nil
}

// logOut ends the session, and with it its open streams.
func (s *Site) logOut(w http.ResponseWriter, r *http.Request, c caller) error {
	if c.session != "" {
		if err := s.LogIns.LogOut(r.Context(), c.session); err != nil {
			return err
		}
		s.audience.recheck()
	}
	http.SetCookie(w, s.cookie("", -1))
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}

// asset serves the stylesheet, the script and the icon, to be kept for ever.
func (s *Site) asset(w http.ResponseWriter, r *http.Request, _ caller) error {
	a, ok := s.Pages.Assets().Find(r.URL.Path)
	if !ok {
		return &ticket.Refusal{Code: codeNotFound}
	}
	h := w.Header()
	h.Set("Content-Type", a.Type)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Add("Vary", "Accept-Encoding")
	content := a.Plain
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		content = a.Gzipped
	}
	_, _ = w.Write(content)
	return nil
}
