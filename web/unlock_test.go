package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

// locked is a ticket, claimed by ada, whose addresses only the password opens.
func (h *house) locked(write func(sample.Invitation) []byte) string {
	h.t.Helper()
	made := sample.Invitation{
		User: "PC7\\jane", Password: "CANARYPW2345", Start: h.clock.time(), Minutes: 360, Seed: 77,
		Endpoints: []string{"169.254.77.66:51234", "10.77.66.55:51234"},
	}
	inv, err := invitation.Parse(write(made))
	check(h.t, err)
	receipts, err := h.Submit(h.t.Context(), []ticket.Delivery{{
		Source: "share:support", Item: "jane.msrcIncident", Received: h.clock.time(), Invitations: []invitation.Invitation{inv},
	}})
	check(h.t, err)
	id := receipts[0].Tickets[0]
	_, err = h.Claim(h.t.Context(), id, ticket.Technician{Name: "ada", Role: ticket.RoleTechnician})
	check(h.t, err)
	return id.String()
}

func TestUnlockByAPI(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, grace, vic := h.hire("ada", ticket.RoleTechnician), h.hire("grace", ticket.RoleTechnician), h.hire("vic", ticket.RoleViewer)
	path := "/api/v1/tickets/" + h.locked(sample.Invitation.RA2) + "/unlock"
	for _, c := range []struct {
		name, token, body string
		status            int
		want              string
	}{
		{"right", ada, `{"claim":1,"password":"CANARYPW2345"}`, 200,
			`{"password":"right","endpoints":[{"host":"10.77.66.55","port":51234},{"host":"169.254.77.66","port":51234}]}`},
		{"wrong", ada, `{"claim":1,"password":"canarypw2345"}`, 200, `{"password":"wrong","endpoints":[]}`},
		{"empty", ada, `{"claim":1,"password":""}`, 200, `{"password":"wrong","endpoints":[]}`},
		{"not hers", grace, `{"claim":1,"password":"CANARYPW2345"}`, 409, `"code":"not-holder"`},
		{"old claim", ada, `{"claim":7,"password":"CANARYPW2345"}`, 409, `"code":"not-holder"`},
		{"no claim", ada, `{"password":"CANARYPW2345"}`, 400, `"code":"bad-request"`},
		{"no JSON", ada, `password=CANARYPW2345`, 400, `"code":"bad-request"`},
		{"too long", ada, `{"claim":1,"password":"` + strings.Repeat("x", 2001) + `"}`, 400, `"code":"bad-request"`},
		{"a viewer", vic, `{"claim":1,"password":"CANARYPW2345"}`, 403, `"code":"forbidden"`},
		{"nobody", "", `{"claim":1,"password":"CANARYPW2345"}`, 401, `"code":"unauthorized"`},
	} {
		a := h.call(c.token, "POST", path, c.body)
		if a.StatusCode != c.status || !strings.Contains(a.text, c.want) || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", c.name, a.StatusCode, a.text)
		}
		if strings.Contains(strings.ToLower(a.text), "canary") {
			t.Errorf("%s: the answer repeats the password", c.name)
		}
	}
	h.call(ada, "POST", strings.TrimSuffix(path, "unlock")+"close", `{"claim":1,"outcome":"solved"}`)
	if a := h.call(ada, "POST", path, `{"claim":1,"password":"CANARYPW2345"}`); a.StatusCode != 410 || a.json(t)["code"] != "closed" {
		t.Errorf("after the end: %d %s", a.StatusCode, a.text)
	}
	if a := h.call(ada, "POST", "/api/v1/tickets/999/unlock", `{"claim":1,"password":"x"}`); a.StatusCode != 404 {
		t.Errorf("unknown ticket: %d", a.StatusCode)
	}
}

func TestTooManyPasswords(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada := h.hire("ada", ticket.RoleTechnician)
	path := "/api/v1/tickets/" + h.locked(sample.Invitation.RA1) + "/unlock"
	try := func() answer { return h.call(ada, "POST", path, `{"claim":1,"password":"x"}`) }
	for range 10 {
		if a := try(); a.StatusCode != 200 || a.json(t)["password"] != "unverifiable" {
			t.Fatalf("%d %s", a.StatusCode, a.text)
		}
	}
	if a := try(); a.StatusCode != http.StatusTooManyRequests || a.json(t)["code"] != "too-many" || a.json(t)["until"] == nil {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	h.clock.pass(time.Minute)
	if a := try(); a.StatusCode != 200 {
		t.Errorf("a minute later: %d %s", a.StatusCode, a.text)
	}
}

// TestPasswordFieldWithoutScript: the answer stands in the answer, and nowhere
// that a reload, an address, a cookie or a later page could show it.
func TestPasswordFieldWithoutScript(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := build(t, func(o *web.Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	ada := h.browser("ada", ticket.RoleTechnician)
	id := h.locked(sample.Invitation.RA2)
	path := "/tickets/" + id
	for _, page := range []string{"/", path} {
		if a := h.get(ada, page); !strings.Contains(a.text, `action="`+path+`/unlock"`) || !strings.Contains(a.text, `autocomplete="off"`) {
			t.Errorf("%s has no field for the password", page)
		}
	}
	right := url.Values{"claim": {"1"}, "password": {"CANARYPW2345"}}
	a := h.post(ada, path+"/unlock", right)
	first, second := strings.Index(a.text, "10.77.66.55:51234"), strings.Index(a.text, "169.254.77.66:51234")
	if a.StatusCode != 200 || !strings.Contains(a.text, "Right. Not kept anywhere.") || first < 0 || second < first {
		t.Errorf("right: %d, addresses at %d and %d", a.StatusCode, first, second)
	}
	if strings.Contains(a.text, "CANARY") || a.Header.Get("Set-Cookie") != "" || a.Header.Get("Cache-Control") != "no-store" {
		t.Error("the answer keeps the password, or may be kept")
	}
	wrong := h.post(ada, path+"/unlock", url.Values{"claim": {"1"}, "password": {"x"}}, "Accept-Language", "de")
	if !strings.Contains(wrong.text, "Das Passwort passt nicht zu dieser Einladung.") || strings.Contains(wrong.text, "10.77.66.55") {
		t.Error("wrong: no German answer, or addresses of before")
	}
	if a := h.get(ada, path+"/unlock?said=closed"); a.StatusCode != 303 || a.Header.Get("Location") != path+"?said=closed" {
		t.Errorf("asked again: %d %s", a.StatusCode, a.Header.Get("Location"))
	}
	for _, page := range []string{"/", path, "/history"} {
		if a := h.get(ada, page); strings.Contains(a.text, "10.77.66.55") || strings.Contains(a.text, "Not kept anywhere") {
			t.Errorf("%s still shows what was found out", page)
		}
	}
	if a := h.post(ada, path+"/unlock", url.Values{"claim": {"2"}, "password": {"CANARYPW2345"}}); a.StatusCode != 303 || !strings.Contains(a.Header.Get("Location"), "said=not-holder") || strings.Contains(a.Header.Get("Location"), "CANARY") {
		t.Errorf("refused: %d %s", a.StatusCode, a.Header.Get("Location"))
	}
	if text := log.String(); strings.Contains(text, "CANARY") || strings.Contains(text, "10.77.66.55") {
		t.Errorf("logged: %s", text)
	}
}

// TestPasswordFieldWithScript: the page's script gets the row alone.
func TestPasswordFieldWithScript(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, grace := h.browser("ada", ticket.RoleTechnician), h.browser("grace", ticket.RoleTechnician)
	path := "/tickets/" + h.locked(sample.Invitation.RA1) + "/unlock?show=all&since=0"
	form := url.Values{"claim": {"1"}, "password": {"x"}}
	a := h.post(ada, path, form, "Inviter-Part", "1")
	if a.StatusCode != 200 || !strings.Contains(a.text, "Can only be checked by the user’s PC.") || !strings.Contains(a.text, "data-told") || strings.Contains(a.text, "<nav") {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	a = h.post(grace, path, form, "Inviter-Part", "1")
	if !strings.Contains(a.text, "It is no longer yours") || strings.Contains(a.text, "data-told") || strings.Contains(a.text, "10.77.66.55") {
		t.Errorf("not the holder: %s", a.text)
	}
	if a := h.get(ada, "/tickets/1"); !strings.Contains(a.text, "only the user’s PC can tell") {
		t.Error("the trail doesn't say that a password was tried")
	}
}
