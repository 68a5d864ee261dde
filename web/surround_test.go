package web_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"inviter/ticket"
)

// unzipped is a page as a browser that compresses gets it.
func (h *house) unzipped(session, path string) string {
	h.t.Helper()
	r, err := http.NewRequest("GET", h.server.URL+path, nil)
	check(h.t, err)
	r.AddCookie(&http.Cookie{Name: "inviter", Value: session})
	r.Header.Set("Accept-Encoding", "gzip")
	resp, err := http.DefaultTransport.RoundTrip(r)
	check(h.t, err)
	defer resp.Body.Close()
	z, err := gzip.NewReader(resp.Body)
	check(h.t, err)
	b, err := io.ReadAll(z)
	check(h.t, err)
	return string(b)
}

// What readers have in common is made once for all of them; each finds himself
// in it, and nobody else.
func TestPagesAreSharedButNotWhoReadsThem(t *testing.T) {
	t.Parallel()
	h := build(t)
	first := h.arrives()
	h.arrives()
	sessions := map[string]string{}
	for name, role := range map[string]ticket.Role{"ada": ticket.RoleTechnician, "bob": ticket.RoleTechnician, "lena": ticket.RoleLead, "root": ticket.RoleAdmin, "aud": ticket.RoleAuditor} {
		sessions[name] = h.signIn(name, role)
	}
	_, err := h.Claim(t.Context(), first.ID, ticket.Technician{Name: "ada", Role: ticket.RoleTechnician})
	check(t, err)
	for range 2 { // made, and found again
		for name, session := range sessions {
			for _, path := range []string{"/", "/?show=mine", "/?show=waiting&limit=1", "/?show=waiting"} {
				page := h.unzipped(session, path)
				mine := `<span id="n-mine">0</span>`
				if name == "ada" {
					mine = `<span id="n-mine">1</span>`
				}
				for _, want := range []string{mine, `<a href="/accounts/` + name + `"`, `<body data-clock="` + strconv.FormatInt(h.clock.time().UnixMilli(), 10) + `">`, "</html>"} {
					if strings.Count(page, want) != 1 {
						t.Fatalf("%s at %s: %d times %s in %s", name, path, strings.Count(page, want), want, page)
					}
				}
				for other := range sessions {
					if other != name && strings.Contains(page, "/accounts/"+other+`"`) {
						t.Errorf("%s at %s reads of %s", name, path, other)
					}
				}
				if has := strings.Contains(page, `<a href="/accounts">`); has != (name == "root") {
					t.Errorf("%s at %s: accounts %v", name, path, has)
				}
			}
		}
	}
}

// Whatever is committed is on the next page, though the clock stands still:
// states of sources are no changes of tickets.
func TestSharedPagesAreNeverBehind(t *testing.T) {
	t.Parallel()
	h := build(t)
	session := h.signIn("ada", ticket.RoleTechnician)
	for range 10 {
		for _, state := range []string{ticket.SourceFailing, ticket.SourceOK} {
			check(t, h.SetSource(context.Background(), ticket.SourceState{
				Name: "mailbox:help", State: state, LastError: "refused", Since: h.clock.time(), LastSuccess: h.clock.time(), Period: time.Hour}))
			if has := strings.Contains(h.unzipped(session, "/"), `class="alarm"`); has != (state == ticket.SourceFailing) {
				t.Fatalf("%s: alarm %v", state, has)
			}
		}
		h.arrives()
	}
}
