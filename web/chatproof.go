package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Chat is a chat system whose slash commands are answered at /chat/NAME. It
// proves itself by one of the two: a token in the form, as Mattermost and
// Rocket.Chat send it, or a signature of the request, as Slack makes it.
type Chat struct {
	Name    string
	Tokens  []string
	Signing string
	People  map[string]string // the chat system's user ids → accounts
}

// signed is how old or new a signed request may be, and how long it is
// remembered so that it counts once.
const signed = 5 * time.Minute

// proven tells whether a request is the chat system's own. Comparisons take as
// long whatever is wrong.
func (c Chat) proven(r *http.Request, body []byte, token string, now time.Time) bool {
	if c.Signing == "" {
		return c.hasToken(token)
	}
	stamp := r.Header.Get("X-Slack-Request-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > signed {
		return false
	}
	return hmac.Equal([]byte(r.Header.Get("X-Slack-Signature")), []byte(slackSignature(c.Signing, stamp, body)))
}

// hasToken looks at every token, so that the time tells nothing of which is near.
func (c Chat) hasToken(token string) bool {
	got, found := sha256.Sum256([]byte(token)), 0
	for _, t := range c.Tokens {
		want := sha256.Sum256([]byte(t))
		found |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	return found == 1 && token != ""
}

// slackSignature is version v0 of Slack's: over version, time and raw body.
func slackSignature(secret, stamp string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte("v0:" + stamp + ":"))
	h.Write(body)
	return "v0=" + hex.EncodeToString(h.Sum(nil))
}

// heardOnce remembers proven requests as long as their signature would be
// believed again. Only what is proven gets in, so nobody else fills it.
type heardOnce struct {
	mu sync.Mutex
	at map[[sha256.Size]byte]time.Time
}

// first tells whether a request with this signature comes for the first time.
func (h *heardOnce) first(signature string, now time.Time) bool {
	key := sha256.Sum256([]byte(signature))
	h.mu.Lock()
	defer h.mu.Unlock()
	for k, at := range h.at {
		if now.Sub(at) > 2*signed {
			delete(h.at, k)
		}
	}
	if _, again := h.at[key]; again {
		return false
	}
	if h.at == nil {
		h.at = map[[sha256.Size]byte]time.Time{}
	}
	h.at[key] = now
	return true
}
