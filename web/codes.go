package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"inviter/templates"
)

// tries bound how often six digits are guessed: there are but a million. Each
// address has a few, and its network some more. Where very many fail from all
// over, each address has one now and then; so guessing ends, and nobody who
// comes with the right ones is kept out for long.
type tries struct{ address, network, all, hard buckets }

func newTries() tries {
	return tries{
		address: newBuckets(rate.Every(6*time.Second), 10),
		network: newBuckets(rate.Every(2*time.Second), 40),
		all:     newBuckets(rate.Every(2*time.Second), 300), // failures
		hard:    newBuckets(rate.Every(2*time.Minute), 1),
	}
}

// take takes one try; false means to wait a while.
func (t tries) take(address string, now time.Time) bool {
	own := ownAddress(address)
	if !t.address.take(own, now) || !t.network.take(networkOf(address), now) {
		return false
	}
	return t.all.has("", now) || t.hard.take(own, now)
}

// failed counts one that named nothing.
func (t tries) failed(now time.Time) { t.all.take("", now) }

// ownAddress is one computer's, as far as addresses tell: of IPv6 its /64.
func ownAddress(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	if a, err := netip.ParseAddr(host); err == nil && a.Unmap().Is4() {
		return a.Unmap().String()
	}
	return networkOf(address)
}

// codePage is GET /s.
func (s *Site) codePage(w http.ResponseWriter, _ *http.Request, c caller) error {
	s.askForCode(w, c, http.StatusOK, "")
	return nil
}

func (s *Site) askForCode(w http.ResponseWriter, c caller, status int, wrong string) {
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	s.page(w, c, status, templates.CodePage{Desk: s.Desk, Phone: s.Phone, Wrong: wrong})
}

// codeTyped is POST /s: six digits lead to the link that they are for.
func (s *Site) codeTyped(w http.ResponseWriter, r *http.Request, c caller) error {
	if _, err := fromForm(r); err != nil {
		return err
	}
	code := digits(r.PostFormValue("code"))
	if len(code) != 6 {
		s.askForCode(w, c, http.StatusUnprocessableEntity, "digits")
		return nil
	}
	if !s.tries.take(r.RemoteAddr, s.clock()) {
		w.Header().Set("Retry-After", "60")
		s.askForCode(w, c, http.StatusTooManyRequests, "too-many")
		return nil
	}
	l, err := s.Queue.LinkByCode(r.Context(), code)
	if err != nil {
		s.tries.failed(s.clock())
		return s.noLink(w, c, err)
	}
	if l.On(s.computer(r), false, s.clock()).Live() {
		http.Redirect(w, r, supportPath(l), http.StatusSeeOther)
		return nil
	}
	s.tries.failed(s.clock())
	return s.showSupport(w, r, c, l, supportView{})
}

// digits are those in what was typed: people write 384 216 and 384-216.
func digits(typed string) string {
	const most = 40
	if len(typed) > most {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, typed)
}
