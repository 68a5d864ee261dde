package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"inviter/ticket"
)

// lists gives the tickets on a history page, in their order.
func (h *house) lists(c *http.Client, path string) string {
	h.t.Helper()
	a := h.get(c, path)
	if a.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %d %s", path, a.StatusCode, a.text)
	}
	var list []string
	for _, m := range regexp.MustCompile(`<th scope="row"><a href="/tickets/(\d+)">`).FindAllStringSubmatch(a.text, -1) {
		list = append(list, m[1])
	}
	return strings.Join(list, " ")
}

// ended has five days with one ticket each: 1 to 5, solved by ada or withdrawn.
func ended(t *testing.T) *house {
	h := build(t)
	ada := ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}
	for i := range 5 {
		id := h.arrives().ID
		var err error
		if i%2 == 0 {
			_, err = h.Claim(t.Context(), id, ada)
			check(t, err)
			_, err = h.Close(t.Context(), id, ada, 1, ticket.Solved, fmt.Sprintf("Der DRÜCKER war aus, Fall %d", i))
		} else {
			_, err = h.Withdraw(t.Context(), id)
		}
		check(t, err)
		h.clock.pass(24 * time.Hour)
	}
	return h
}

func TestHistoryIsSearched(t *testing.T) {
	t.Parallel()
	h := ended(t)
	c := h.browser("vic", ticket.RoleViewer)
	for _, search := range []struct{ query, want string }{
		{"", "5 4 3 2 1"},
		{"q=drücker", "5 3 1"},
		{"q=DRÜCKER+ada", "5 3 1"},
		{"q=user2", "2"},
		{"q=withdrawn", "4 2"},
		{"q=solved+user3", "3"},
		{"q=expired", ""},
		{"from=2026-11-21&to=2026-11-23", "4 3 2"},
		{"from=2026-11-22&q=drücker", "5 3"},
		{"to=2026-11-20", "1"},
		{"q=helpdesk&to=2026-11-21", "2 1"},
	} {
		if got := h.lists(c, "/history?"+strings.ReplaceAll(search.query, "ü", "%C3%BC")); got != search.want {
			t.Errorf("%s: %q, want %q", search.query, got, search.want)
		}
	}
	german := h.browser("vera", ticket.RoleViewer)
	h.get(german, "/history?lang=de")
	if got := h.lists(german, "/history?q=zur%C3%BCckgezogen"); got != "4 2" {
		t.Errorf("in German: %q", got)
	}
	page := h.get(c, "/history?q=%22%3E&from=2026-11-21&to=2026-11-23").text
	for _, want := range []string{`value="2026-11-21"`, `value="2026-11-23"`, `value="&#34;&gt;"`, "No ended ticket has all these words", `href="/history">Show all`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the page", want)
		}
	}
	for _, bad := range []string{"from=yesterday", "to=2026-13-01", "limit=0", "after=x"} {
		if a := h.get(c, "/history?"+bad); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, a.StatusCode)
		}
	}
}

// TestHistoryIsPaged: the way to the next page keeps the search.
func TestHistoryIsPaged(t *testing.T) {
	t.Parallel()
	h := ended(t)
	c := h.browser("vic", ticket.RoleViewer)
	var pages []string
	for path := "/history?limit=2&from=2026-11-20&q=user"; path != ""; {
		pages = append(pages, h.lists(c, path))
		next := regexp.MustCompile(`<p class="more"><a class="button" href="([^"]+)"`).FindStringSubmatch(h.get(c, path).text)
		if path = ""; next != nil {
			path = strings.ReplaceAll(next[1], "&amp;", "&")
			if q := mustURL(t, path).Query(); q.Get("q") != "user" || q.Get("from") != "2026-11-20" || q.Has("to") {
				t.Errorf("the next page is %s", path)
			}
		}
	}
	if got := strings.Join(pages, "/"); got != "5 4/3 2/1" {
		t.Errorf("pages: %s", got)
	}
}

// TestEveryPageHasTheRedStrip while a source isn't served.
func TestEveryPageHasTheRedStrip(t *testing.T) {
	t.Parallel()
	h := ended(t)
	h.source("share:support", ticket.SourceGone, "the folder is not mounted")
	c := h.browser("root", ticket.RoleAdmin)
	for _, path := range []string{"/", "/?show=missed", "/tickets/1", "/history", "/reports", "/sources", "/accounts", "/accounts/root"} {
		text := h.get(c, path).text
		if _, strip, ok := strings.Cut(text, `class="alarm"`); !ok || !strings.Contains(strip, "the folder is not mounted") {
			t.Errorf("%s doesn't say that a source isn't served", path)
		}
	}
	if a := h.post(c, "/accounts/root/token", url.Values{}); !strings.Contains(a.text, `class="alarm"`) || !strings.Contains(a.text, `data-at="/accounts/root"`) {
		t.Errorf("a page that answers a form: %d", a.StatusCode)
	}
}
