package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"inviter/ticket"
)

// TestFirstLoadIsSmall counts what a browser that was never here fetches for the
// queue with 200 rows: under 60 KB compressed, in four requests, all our own.
func TestFirstLoadIsSmall(t *testing.T) {
	t.Parallel()
	h := build(t)
	for range 200 {
		h.arrives()
	}
	session := h.signIn("ada", ticket.RoleTechnician)
	fetch := func(path string) (body string, wire int) {
		t.Helper()
		r, err := http.NewRequest("GET", h.server.URL+path, nil)
		check(t, err)
		r.AddCookie(&http.Cookie{Name: "inviter", Value: session})
		wire = len(h.do(http.DefaultTransport, withGzip(r)).text)
		return h.do(http.DefaultTransport, r).text, wire
	}
	page, whole := fetch("/")
	requests := 1
	for _, m := range regexp.MustCompile(`<(?:link|script)[^>]+(?:href|src)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1], "/assets/") {
			t.Errorf("fetched from elsewhere: %s", m[1])
			continue
		}
		_, wire := fetch(m[1])
		whole += wire
		requests++
	}
	t.Logf("%d bytes in %d requests", whole, requests)
	if whole > 60<<10 || requests > 4 {
		t.Errorf("%d bytes in %d requests", whole, requests)
	}
}

// withGzip asks for gzip itself, so that the answer stays as it is on the wire.
func withGzip(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	r.Header.Set("Accept-Encoding", "gzip")
	return r
}
