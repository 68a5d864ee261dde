package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"inviter/queue"
	"inviter/ticket"
)

func queueOnce(account, key string) queue.Once { return queue.Once{Account: account, Key: key} }

// types sends six digits from an address.
func (h *house) types(address, code string) int {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/s", strings.NewReader(url.Values{"code": {code}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = address + ":4000"
	w := httptest.NewRecorder()
	h.site.ServeHTTP(w, r)
	return w.Code
}

// wrong gives digits that are no link's.
func wrong(l invited, n int) string {
	code := fmt.Sprintf("%06d", n)
	if code == l.code {
		return "999999"
	}
	return code
}

func TestCodesCanNotBeGuessed(t *testing.T) {
	t.Parallel()
	h := build(t)
	l := h.invites(h.hire("ada", ticket.RoleTechnician), `{"lifetime":"24h"}`)
	tried := 0
	for n := range 3600 { // an hour, a guess a second
		if h.types("192.0.2.1", wrong(l, n)) == http.StatusNotFound {
			tried++
		}
		h.clock.pass(time.Second)
	}
	if tried > 620 {
		t.Errorf("%d guesses in an hour from one address", tried)
	}
	for range 20 {
		h.types("192.0.2.1", "000001")
	}
	if got := h.types("192.0.2.1", l.code); got != http.StatusTooManyRequests {
		t.Errorf("after too many tries the right one answers %d: a guesser learns from it", got)
	}
	if got := h.types("192.0.2.2", l.code); got != http.StatusSeeOther {
		t.Errorf("the neighbour is locked out: %d", got)
	}
	for _, odd := range []string{"", "12345", "1234567", "abcdef", strings.Repeat("1", 5000)} {
		if got := h.types("203.0.113.9", odd); got != http.StatusUnprocessableEntity {
			t.Errorf("%.20q: %d", odd, got)
		}
	}
	if got := h.types("203.0.113.9", " "+l.code[:3]+"-"+l.code[3:]); got != http.StatusSeeOther {
		t.Errorf("%d", got)
	}
}

// TestGuessesFromEverywhere: many addresses together get not much further, and
// still nobody is locked out.
func TestGuessesFromEverywhere(t *testing.T) {
	t.Parallel()
	h := build(t)
	l := h.invites(h.hire("ada", ticket.RoleTechnician), `{"lifetime":"24h"}`)
	tried := 0
	for n := range 5000 {
		if h.types(fmt.Sprintf("10.%d.%d.7", n%10, n/10%50), wrong(l, n)) == http.StatusNotFound {
			tried++
		}
	}
	if tried > 300+500 {
		t.Errorf("%d guesses at once from 500 addresses", tried)
	}
	if got := h.types("198.51.100.4", l.code); got != http.StatusSeeOther {
		t.Errorf("a user is locked out: %d", got)
	}
	if a := h.get(h.browser("", ""), l.path); a.StatusCode != 200 {
		t.Errorf("the link itself answers %d", a.StatusCode)
	}
}
