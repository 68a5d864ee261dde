package web

import (
	"net/http"

	"inviter/invitation"
)

// askPath is where users hand in; whom the provider sends back there may be a
// guest.
const askPath = "/ask"

// signIn is what a stranger to /ask is told to do, where that is needed.
const signIn = "sign-in"

// guest is somebody whom the single sign-on provider knows and who has no
// account here. He may ask for help, and nothing else.
type guest struct{ name, address string }

// guestCookieAge is how long a browser keeps the cookie, in seconds; the token
// decides how long it is good for.
const guestCookieAge = 12 * 3600

func (s *Site) guestCookie(token string) *http.Cookie {
	c := s.cookie(token, guestCookieAge)
	c.Name += "-guest"
	return c
}

// guest is who sent r, as the provider knows him; zero for a stranger.
func (s *Site) guest(r *http.Request) (g guest, err error) {
	cookie, missing := r.Cookie(s.guestCookie("").Name)
	if missing != nil || !s.Ask.SignIn || s.SignOn == nil {
		return guest{}, nil
	}
	g.name, g.address, _, err = s.SignOn.Guest(r.Context(), cookie.Value)
	return guest{invitation.CleanLine(g.name, mostWho), plainAddress(g.address)}, err
}
