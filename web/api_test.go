package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
)

// refused checks an answer for a problem in the words of INTERFACE.md.
func (a answer) refused(t testing.TB, status int, code string) map[string]any {
	t.Helper()
	if a.StatusCode != status || a.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%s: %d %s %s, want %d %s", a.Request.URL.Path, a.StatusCode, a.Header.Get("Content-Type"), a.text, status, code)
	}
	p := a.json(t)
	if p["code"] != code || p["status"] != float64(status) || p["title"] == "" || p["title"] == "title."+code || p["type"] == "" {
		t.Fatalf("%s: %v, want code %s", a.Request.URL.Path, p, code)
	}
	return p
}

func (a answer) ok(t testing.TB, status int) map[string]any {
	t.Helper()
	if a.StatusCode != status || a.Header.Get("Content-Type") != "application/json" || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s: %d %v %s", a.Request.URL.Path, a.StatusCode, a.Header, a.text)
	}
	return a.json(t)
}

func TestTicketAsTheAPIShowsIt(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada := h.hire("ada", ticket.RoleTechnician)
	one := h.arrives(func(d *ticket.Delivery, s *sample.Invitation) {
		d.From.Phone, s.User, s.Endpoints = "2217", `PC7\Administrator`, []string{"10.0.1.174:64733"}
	})
	j := h.call(ada, "POST", "/api/v1/tickets/"+one.ID.String()+"/claim", "").ok(t, 200)
	for key, want := range map[string]any{
		"id": 1.0, "state": "claimed", "format": "ra1", "kind": "file", "note": "The printer prints twice.", "password_required": true,
		"waiting_since": "2026-11-20T13:23:00Z", "queued_at": "2026-11-20T13:23:00Z", "expires_at": "2026-11-20T19:23:00Z",
		"user":       map[string]any{"name": "User 1", "address": "user1@example.org", "phone": "2217", "claimed_name": `PC7\Administrator`},
		"deliveries": []any{map[string]any{"source": "mailbox:helpdesk", "at": "2026-11-20T13:23:00Z", "from": "user1@example.org"}},
		"flags":      []any{"name-mismatch"}, "endpoints": []any{map[string]any{"host": "10.0.1.174", "port": 64733.0}},
		"claim":      map[string]any{"number": 1.0, "holder": "ada", "since": "2026-11-20T13:23:00Z", "lease_until": "2026-11-20T13:28:00Z", "connected_at": nil},
		"supersedes": nil, "superseded_by": nil, "outcome": nil, "revision": 2.0,
	} {
		got, ok := j[key]
		if !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
		delete(j, key)
	}
	if len(j) > 0 {
		t.Errorf("more than INTERFACE.md has: %v", j)
	}
	whole := h.call(ada, "GET", "/api/v1/tickets/1", "").ok(t, 200)
	events := whole["events"].([]any)
	if len(events) != 2 || events[0].(map[string]any)["kind"] != "submitted" || events[1].(map[string]any)["by"] != "ada" {
		t.Errorf("events %v", events)
	}
}

// TestTheWholeWayThroughTheAPI is one ticket's life, with every refusal on it.
func TestTheWholeWayThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, grace, lena := h.hire("ada", ticket.RoleTechnician), h.hire("grace", ticket.RoleTechnician), h.hire("lena", ticket.RoleLead)
	h.hire("vic", ticket.RoleViewer)
	h.arrives()
	post := func(token, verb, body string) answer { return h.call(token, "POST", "/api/v1/tickets/1/"+verb, body) }

	post(ada, "release", `{"claim":1,"reason":"other"}`).refused(t, 409, "not-holder")
	post(ada, "take-over", "").refused(t, 409, "not-claimed")
	post(ada, "claim", "").ok(t, 200)
	h.clock.pass(time.Minute)
	if again := post(ada, "claim", "").ok(t, 200)["claim"].(map[string]any); again["number"] != 1.0 || again["since"] != "2026-11-20T13:23:00Z" {
		t.Errorf("a second claim by the holder: %v", again)
	}
	if p := post(grace, "claim", "").refused(t, 409, "taken"); p["holder"] != "ada" || p["since"] != "2026-11-20T13:23:00Z" {
		t.Errorf("taken: %v", p)
	}
	for _, verb := range []string{"renew", "connected", "release", "close", "transfer", "invitation"} {
		post(ada, verb, `{"reason":"other","outcome":"solved","to":"grace"}`).refused(t, 400, "bad-request")
		post(ada, verb, "").refused(t, 400, "bad-request")
		post(ada, verb, "{").refused(t, 400, "bad-request")
		post(ada, verb, `{"claim":"one"}`).refused(t, 400, "bad-request")
		post(ada, verb, `{"claim":7,"reason":"other","outcome":"solved","to":"grace"}`).refused(t, 409, "not-holder")
		post(grace, verb, `{"claim":1,"reason":"other","outcome":"solved","to":"ada"}`).refused(t, 409, "not-holder")
	}
	post(ada, "renew", `{"claim":1}`).ok(t, 200)
	if c := post(ada, "connected", `{"claim":1}`).ok(t, 200)["claim"].(map[string]any); c["connected_at"] == nil {
		t.Errorf("connected: %v", c)
	}
	post(ada, "release", `{"claim":1,"reason":"bored"}`).refused(t, 400, "bad-request")
	post(ada, "close", `{"claim":1,"outcome":"great"}`).refused(t, 400, "bad-request")
	post(ada, "transfer", `{"claim":1,"to":"who"}`).refused(t, 400, "bad-request")
	post(ada, "transfer", `{"claim":1,"to":"vic"}`).refused(t, 403, "forbidden")
	post(grace, "take-over", `{"reason":"shift"}`).refused(t, 409, "lease-alive")
	if c := post(ada, "transfer", `{"claim":1,"to":"grace"}`).ok(t, 200); c["claim"].(map[string]any)["number"] != 2.0 {
		t.Errorf("transfer: %v", c)
	}
	if c := post(lena, "take-over", `{"reason":"shift"}`).ok(t, 200)["claim"].(map[string]any); c["holder"] != "lena" || c["number"] != 3.0 {
		t.Errorf("taken over: %v", c)
	}
	if back := post(lena, "release", `{"claim":3,"reason":"wrong-skill","note":"printer"}`).ok(t, 200); back["state"] != "waiting" || back["claim"] != nil {
		t.Errorf("released: %v", back)
	}
	post(grace, "claim", "").ok(t, 200)
	if end := post(lena, "close", `{"outcome":"unsolved","note":"gone"}`).ok(t, 200); end["state"] != "closed" || end["outcome"] != "unsolved" {
		t.Errorf("closed by a lead: %v", end)
	}
	for _, verb := range []string{"claim", "renew", "connected", "release", "close", "transfer", "take-over", "invitation"} {
		post(grace, verb, `{"claim":4,"reason":"other","outcome":"solved","to":"ada"}`).refused(t, 410, "closed")
	}
	h.call(grace, "POST", "/api/v1/tickets/77/claim", "").refused(t, 404, "unknown")
	h.call(grace, "POST", "/api/v1/tickets/x/claim", "").refused(t, 404, "unknown")
	h.call(grace, "GET", "/api/v1/tickets/-1", "").refused(t, 404, "unknown")
}

func TestEveryEndAndQuarantine(t *testing.T) {
	t.Parallel()
	h := build(t)
	ctx := context.Background()
	ada, lena := h.hire("ada", ticket.RoleTechnician), h.hire("lena", ticket.RoleLead)
	jane := func(d *ticket.Delivery, _ *sample.Invitation) { d.From.Key = "mail:jane" }
	old := h.arrives(jane)
	h.clock.pass(time.Minute)
	young := h.arrives(jane)
	h.call(ada, "POST", "/api/v1/tickets/"+old.ID.String()+"/claim", "").refused(t, 410, "superseded")
	if j := h.call(ada, "GET", "/api/v1/tickets/"+young.ID.String(), "").ok(t, 200); j["supersedes"] != float64(old.ID) {
		t.Errorf("supersedes %v", j["supersedes"])
	}
	if j := h.call(ada, "GET", "/api/v1/tickets/"+old.ID.String(), "").ok(t, 200); j["superseded_by"] != float64(young.ID) || j["state"] != "superseded" {
		t.Errorf("superseded: %v", j)
	}
	gone := h.arrives()
	_, err := h.Withdraw(ctx, gone.ID)
	check(t, err)
	h.call(ada, "POST", "/api/v1/tickets/"+gone.ID.String()+"/claim", "").refused(t, 410, "withdrawn")

	doubt := func(d *ticket.Delivery, _ *sample.Invitation) { d.Quarantine = true }
	one, two := h.arrives(doubt), h.arrives(doubt)
	h.call(ada, "POST", "/api/v1/tickets/"+one.ID.String()+"/claim", "").refused(t, 423, "quarantined")
	h.call(ada, "POST", "/api/v1/tickets/"+one.ID.String()+"/approve", "").refused(t, 403, "forbidden")
	if j := h.call(lena, "POST", "/api/v1/tickets/"+one.ID.String()+"/approve", "").ok(t, 200); j["state"] != "waiting" {
		t.Errorf("approved: %v", j)
	}
	h.call(lena, "POST", "/api/v1/tickets/"+two.ID.String()+"/refuse", `{"note":"forged"}`).ok(t, 200)
	h.call(ada, "POST", "/api/v1/tickets/"+two.ID.String()+"/claim", "").refused(t, 410, "refused")

	late := h.arrives(func(_ *ticket.Delivery, s *sample.Invitation) { s.Minutes = 15 })
	h.clock.pass(16 * time.Minute)
	h.call(ada, "POST", "/api/v1/tickets/"+late.ID.String()+"/claim", "").refused(t, 410, "expired")
}

func TestFirstRefusalNamesWhoAndUntil(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, grace := h.hire("ada", ticket.RoleTechnician), h.hire("grace", ticket.RoleTechnician)
	jane := func(d *ticket.Delivery, _ *sample.Invitation) { d.From.Key = "mail:jane" }
	h.arrives(jane)
	h.call(ada, "POST", "/api/v1/tickets/1/claim", "").ok(t, 200)
	h.clock.pass(time.Minute)
	h.arrives(jane)
	p := h.call(grace, "POST", "/api/v1/tickets/2/claim", "").refused(t, 409, "first-refusal")
	if p["holder"] != "ada" || p["until"] != "2026-11-20T13:25:00Z" {
		t.Errorf("first refusal: %v", p)
	}
	h.call(grace, "POST", "/api/v1/claims", "").empty(t, 204)
	h.call(ada, "POST", "/api/v1/claims", "").ok(t, 200)
}

func (a answer) empty(t testing.TB, status int) {
	t.Helper()
	if a.StatusCode != status || a.text != "" {
		t.Errorf("%s: %d %q, want an empty %d", a.Request.URL.Path, a.StatusCode, a.text, status)
	}
}

func TestClaimNext(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada := h.hire("ada", ticket.RoleTechnician)
	h.call(ada, "POST", "/api/v1/claims", "").empty(t, 204)
	h.arrives()
	h.clock.pass(time.Minute)
	h.arrives(func(_ *ticket.Delivery, s *sample.Invitation) { s.Minutes = 15 })
	h.clock.pass(6 * time.Minute) // nine minutes to live: it goes first
	if j := h.call(ada, "POST", "/api/v1/claims", "").ok(t, 200); j["id"] != 2.0 {
		t.Errorf("the first claimed is %v", j["id"])
	}
	if j := h.call(ada, "POST", "/api/v1/claims", "").ok(t, 200); j["id"] != 1.0 {
		t.Errorf("the second claimed is %v", j["id"])
	}
	h.call(ada, "POST", "/api/v1/claims", "").empty(t, 204)
}

func TestListIsPagedAndFiltered(t *testing.T) {
	t.Parallel()
	h := build(t)
	vic, ada := h.hire("vic", ticket.RoleViewer), h.hire("ada", ticket.RoleTechnician)
	if j := h.call(vic, "GET", "/api/v1/tickets", "").ok(t, 200); fmt.Sprint(j["tickets"]) != "[]" || j["next"] != nil {
		t.Errorf("an empty queue: %v", j)
	}
	for range 5 {
		h.arrives()
		h.clock.pass(time.Second)
	}
	h.call(ada, "POST", "/api/v1/tickets/2/claim", "").ok(t, 200)
	var ids []string
	next := ""
	for {
		j := h.call(vic, "GET", "/api/v1/tickets?limit=2&after="+next, "").ok(t, 200)
		for _, one := range j["tickets"].([]any) {
			ids = append(ids, fmt.Sprint(one.(map[string]any)["id"]))
		}
		if j["revision"].(float64) < 6 {
			t.Errorf("revision %v", j["revision"])
		}
		if j["next"] == nil {
			break
		}
		next = j["next"].(string)
	}
	if strings.Join(ids, " ") != "1 2 3 4 5" {
		t.Errorf("listed %v", ids)
	}
	for query, want := range map[string]int{"state=claimed": 1, "state=waiting": 4, "state=waiting,claimed": 5, "state=closed": 0, "limit=5000": 5} {
		if n := len(h.call(vic, "GET", "/api/v1/tickets?"+query, "").ok(t, 200)["tickets"].([]any)); n != want {
			t.Errorf("%s: %d tickets, want %d", query, n, want)
		}
	}
	for _, query := range []string{"state=happy", "limit=0", "limit=x", "limit=-1", "after=nonsense"} {
		h.call(vic, "GET", "/api/v1/tickets?"+query, "").refused(t, 400, "bad-request")
	}
}

func TestTheFileIsHandedOutByteForByte(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, lena := h.hire("ada", ticket.RoleTechnician), h.hire("lena", ticket.RoleLead)
	var file []byte
	h.arrives(func(_ *ticket.Delivery, s *sample.Invitation) { file = s.RA1() })
	h.call(ada, "POST", "/api/v1/tickets/1/claim", "").ok(t, 200)
	a := h.call(ada, "POST", "/api/v1/tickets/1/invitation", `{"claim":1}`)
	if a.StatusCode != 200 || a.text != string(file) {
		t.Errorf("%d with %d bytes, want %d", a.StatusCode, len(a.text), len(file))
	}
	for name, want := range map[string]string{
		"Content-Type": "application/octet-stream", "Content-Disposition": `attachment; filename="ticket-1.msrcIncident"`,
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	h.call(lena, "POST", "/api/v1/tickets/1/invitation", `{"claim":1}`).refused(t, 409, "not-holder")
	h.clock.pass(7 * time.Hour) // expiry alone doesn't take it from the holder, whose page is open
	if a := h.call(ada, "POST", "/api/v1/tickets/1/invitation", `{"claim":1}`); a.StatusCode != 200 && a.StatusCode != 410 {
		t.Errorf("after expiry: %d", a.StatusCode)
	}
}

func TestProblemsSpeakTheCallersLanguage(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada := h.hire("ada", ticket.RoleTechnician)
	p := h.call(ada, "GET", "/api/v1/tickets/9", "", "Accept-Language", "de-DE,de;q=0.9").refused(t, 404, "unknown")
	if p["title"] != "Diese Anfrage gibt es nicht" {
		t.Errorf("title %q", p["title"])
	}
	a := h.call("", "GET", "/api/v1/tickets", "")
	a.refused(t, 401, "unauthorized")
	if a.Header.Get("WWW-Authenticate") == "" {
		t.Error("401 without WWW-Authenticate")
	}
	h.call("inv_wrong", "GET", "/api/v1/tickets", "").refused(t, 401, "unauthorized")
	h.call(ada, "GET", "/api/v1/nothing", "").refused(t, 404, "not-found")
	a = h.call(ada, "DELETE", "/api/v1/tickets/1", "")
	a.refused(t, 405, "not-allowed")
	if a.Header.Get("Allow") != http.MethodGet {
		t.Errorf("Allow: %q", a.Header.Get("Allow"))
	}
	h.call(ada, "POST", "/api/v1/tickets/1/close", `{"claim":1,"outcome":"solved","note":"`+strings.Repeat("x", 70_000)+`"}`).refused(t, 413, "too-large")
	h.call(ada, "POST", "/api/v1/tickets/1/close", `{"claim":1,"outcome":"solved","note":"`+strings.Repeat("x", 3000)+`"}`).refused(t, 400, "bad-request")
}
