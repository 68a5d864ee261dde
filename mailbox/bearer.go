package mailbox

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
)

// Mechanisms that log in by an access token.
const (
	oauthBearer = "OAUTHBEARER" // RFC 7628
	xoauth2     = "XOAUTH2"     // Google's and Microsoft's own, older
)

// bearer logs in by an access token. The library's own OAUTHBEARER ends the
// conversation when the server begins to say no, instead of hearing it out.
type bearer struct {
	mechanism string
	first     string
	after     string // what the server waits for before it says no
}

var _ sasl.Client = bearer{}

// bearerFor is the log-in by token that a server offers, the standard's rather
// than the vendors'; false where it offers none.
func (a Address) bearerFor(caps imap.CapSet, token string) (bearer, bool) {
	port, _ := strconv.Atoi(a.Port)
	switch {
	case caps.Has(imap.AuthCap(oauthBearer)):
		name := strings.NewReplacer("=", "=3D", ",", "=2C").Replace(a.User) // RFC 5801 section 4
		return bearer{oauthBearer, "n,a=" + name + ",\x01host=" + a.Host + "\x01port=" + strconv.Itoa(port) +
			"\x01auth=Bearer " + token + "\x01\x01", "\x01"}, true
	case caps.Has(imap.AuthCap(xoauth2)):
		return bearer{xoauth2, "user=" + a.User + "\x01auth=Bearer " + token + "\x01\x01", ""}, true
	}
	return bearer{}, false
}

// Start names the mechanism and says all there is to say.
func (b bearer) Start() (mechanism string, first []byte, err error) {
	return b.mechanism, []byte(b.first), nil
}

// Next acknowledges the server's reasons; its no comes after that.
func (b bearer) Next([]byte) ([]byte, error) { return []byte(b.after), nil }

// hostOf is the host of a web address, for people.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the token server"
	}
	return u.Host
}
