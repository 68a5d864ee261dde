package web

import (
	"net/http"
	"net/url"
	"strings"

	"inviter/ticket"
)

// maxForm bounds the body of every request but an upload.
const maxForm = 64 << 10

// policy lets a page run our own scripts, each by its hash, load our stylesheets
// and icons, and talk to us; nothing else at all. A browser that doesn't know
// hashes of files (before 2023) shows the pages as they are without script.
func policy(scripts []string) string {
	return "default-src 'none'; style-src 'self'; script-src '" + strings.Join(scripts, "' '") + "'; img-src 'self'; connect-src 'self'; " +
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
}

// secureHeaders stand on every answer.
func secureHeaders(policy string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store") // personal unless a handler knows better
		next.ServeHTTP(w, r)
	})
}

// guarded lets in who may use the route, and answers for everybody else.
func (s *Site) guarded(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, s.bodyLimit(rt.Need))
		c, err := s.who(r)
		switch {
		case err != nil:
		case s.choosesLanguage(w, r):
			return
		case !c.may(rt.Need, r) && !c.known():
			s.askToLogIn(w, r, c)
			return
		case !c.may(rt.Need, r):
			err = &ticket.Refusal{Code: ticket.CodeForbidden}
		default:
			err = s.once(rt, w, r, c)
		}
		if err != nil {
			s.sorry(w, r, c, err)
		}
	})
}

// bodyLimit is for uploads what intake takes, and room for the form around it.
func (s *Site) bodyLimit(n Need) int64 {
	if n == Hands || n == Gives {
		return int64(s.Limits.Mail) + maxForm
	}
	return maxForm
}

// choosesLanguage handles the language link at the foot of every page.
func (s *Site) choosesLanguage(w http.ResponseWriter, r *http.Request) bool {
	lang := r.URL.Query().Get("lang")
	if lang == "" || r.Method != http.MethodGet || isAPI(r) {
		return false
	}
	http.SetCookie(w, &http.Cookie{
		Name: langCookie, Value: s.Pages.Match(lang, "").Tag(), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	})
	rest := r.URL.Query()
	rest.Del("lang")
	http.Redirect(w, r, (&url.URL{Path: r.URL.Path, RawQuery: rest.Encode()}).String(), http.StatusSeeOther)
	return true
}

// askToLogIn sends people to the log-in page and programs a 401.
func (s *Site) askToLogIn(w http.ResponseWriter, r *http.Request, c caller) {
	if isAPI(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="inviter"`)
		s.problem(w, c, no{Refusal: ticket.Refusal{Code: codeUnauthorized}})
		return
	}
	to := "/login"
	if r.Method == http.MethodGet && r.URL.Path != "/" && r.URL.Path != "/rows" {
		to += "?" + url.Values{"next": {r.URL.RequestURI()}}.Encode()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// lost answers for every path and method that no route has.
func (s *Site) lost(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code := codeNotFound
		if allowed := otherMethods(mux, r); len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			code = codeNotAllowed
		}
		s.sorry(w, r, s.stranger(r), &ticket.Refusal{Code: code})
	})
}

// otherMethods are those that the path does answer to.
func otherMethods(mux *http.ServeMux, r *http.Request) []string {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost} {
		probe := r.Clone(r.Context())
		probe.Method = m
		if _, pattern := mux.Handler(probe); pattern != "/" && m != r.Method {
			allowed = append(allowed, m)
		}
	}
	return allowed
}

// foreign answers a change that another site's page sent.
func (s *Site) foreign(w http.ResponseWriter, r *http.Request) {
	s.sorry(w, r, s.stranger(r), &ticket.Refusal{Code: ticket.CodeForbidden, Detail: "cross-origin request"})
}

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// safePath is a path of ours to go to, or "/" for anything that might lead elsewhere.
func safePath(p string) string {
	u, err := url.Parse(p)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\t") {
		return "/"
	}
	return p
}
