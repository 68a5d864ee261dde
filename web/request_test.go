package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"inviter/ticket"
	"inviter/web"
)

func TestRequestsByAPI(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada := h.hire("ada", ticket.RoleTechnician)
	intake := h.intake()
	ask := func(token, body string) answer {
		return h.call(token, http.MethodPost, "/api/v1/tickets", body, "Content-Type", "application/json; charset=utf-8")
	}
	a := ask(ada, `{"kind":"offer","user":"Jane Doe","computer":"PC-17","phone":"2214","note":"It beeps. Password: hunter2000"}`)
	got := a.json(t)
	if a.StatusCode != http.StatusCreated || a.Header.Get("Location") != "/api/v1/tickets/1" || got["kind"] != "offer" || got["endpoints"] != nil || got["password_required"] != false ||
		strings.Contains(a.text, "hunter") || !strings.Contains(a.text, "password-in-mail") {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	if got["expires_at"] != "2026-11-20T19:23:00Z" {
		t.Errorf("lives until %v", got["expires_at"])
	}
	a = h.call(ada, http.MethodPost, "/api/v1/tickets/1/claim", "")
	if a.StatusCode != http.StatusOK || !strings.Contains(a.text, `"endpoints":[{"host":"PC-17"`) {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	if a := h.call(ada, http.MethodPost, "/api/v1/tickets/1/invitation", `{"claim":1}`); a.StatusCode != http.StatusBadRequest {
		t.Errorf("its file: %d %s", a.StatusCode, a.text)
	}
	a = ask(intake, `{"kind":"easyconnect","user":"Tom","contact":"room 3.17","note":""}`)
	if got := a.json(t); a.StatusCode != http.StatusCreated || got["kind"] != "easyconnect" || got["password_required"] != true || got["expires_at"] != "2026-11-20T13:53:00Z" ||
		got["user"].(map[string]any)["phone"] != "room 3.17" {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	h.clock.pass(time.Minute)
	if a = ask(intake, `{"kind":"easyconnect","user":"tom","contact":"3.18"}`); a.StatusCode != http.StatusCreated {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	h.is(2, ticket.Superseded) // the token's owner vouches that it is the same Tom
	for body, want := range map[string]string{
		`{"kind":"offer","user":"x","computer":"-pc"}`: "422 bad-computer", `{"kind":"offer","user":"x","computer":""}`: "422 bad-computer", `{"kind":"offer","user":"x"}`: "422 bad-computer",
		`{"kind":"easyconnect","user":"x"}`: "400 bad-request", `{"kind":"easyconnect","contact":"1"}`: "400 bad-request", `{"kind":"file"}`: "400 bad-request", `{`: "400 bad-request", `[]`: "400 bad-request", ``: "400 bad-request",
		`{"kind":"offer","computer":"pc","note":"` + strings.Repeat("x", 2001) + `"}`: "400 bad-request", "{\"kind\":\"offer\",\"computer\":\"\xff\"}": "400 bad-request",
	} {
		a := ask(ada, body)
		if code, _ := a.json(t)["code"].(string); http.StatusText(a.StatusCode) == "" || want != strings.Join([]string{want[:3], code}, " ") || !strings.HasPrefix(want, a.Status[:3]) {
			t.Errorf("%.60s: %d %s, want %s", body, a.StatusCode, code, want)
		}
	}
	if a := ask("", `{"kind":"offer","computer":"pc"}`); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("nobody: %d", a.StatusCode)
	}
}

func TestOfferForm(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada := h.browser("ada", ticket.RoleTechnician)
	if a := h.get(ada, "/"); !strings.Contains(a.text, `href="/offer"`) {
		t.Error("no way to it from the queue")
	}
	if a := h.get(h.browser("vic", ticket.RoleViewer), "/"); strings.Contains(a.text, `href="/offer"`) {
		t.Error("a viewer is offered it")
	}
	a := h.post(ada, "/offer", url.Values{"user": {"Jane <b>"}, "computer": {"no such name"}, "note": {"It beeps."}})
	if a.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(a.text, "no name or address of a computer") || !strings.Contains(a.text, "Jane &lt;b&gt;") || !strings.Contains(a.text, "It beeps.") {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	if a := h.post(ada, "/offer", url.Values{"user": {"Jane"}, "computer": {" PC-17 "}, "phone": {"2214"}}); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/tickets/1" {
		t.Errorf("%d %s", a.StatusCode, a.Header.Get("Location"))
	}
	if a := h.get(h.browser("grace", ticket.RoleTechnician), "/"); !strings.Contains(a.text, "By phone") || strings.Contains(a.text, "PC-17") {
		t.Error("the row lacks its kind, or tells the computer to who doesn't hold it")
	}
	h.post(ada, "/tickets/1/claim", nil)
	if a := h.get(ada, "/"); !strings.Contains(a.text, "msra /offerra PC-17") || !strings.Contains(a.text, "2214") || strings.Contains(a.text, "/tickets/1/invitation") {
		t.Error("the opened row lacks the ready line, or offers a file")
	}
	if a := h.post(h.browser("", ""), "/offer", url.Values{"computer": {"pc"}}); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/login") {
		t.Errorf("nobody: %d", a.StatusCode)
	}
}

// TestEasyConnectForm: a user asks without a file, and the password is nowhere.
func TestEasyConnectForm(t *testing.T) {
	t.Parallel()
	h := build(t)
	user := h.browser("", "")
	once := regexp.MustCompile(`name="once" value="(\w+)"`).FindStringSubmatch(h.get(user, "/ask").text)
	if once == nil {
		t.Fatal("the form can't tell two presses from two requests")
	}
	if a := h.post(user, "/ask/call", url.Values{"user": {"Jane"}, "note": {"It <i>beeps"}}); a.StatusCode != http.StatusBadRequest || !strings.Contains(a.text, "how to reach you") || !strings.Contains(a.text, "It &lt;i&gt;beeps") {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	form := url.Values{"user": {"Jane Doe"}, "contact": {"2214"}, "note": {"It beeps, password: K7WXB2NRT9QD"}, "once": {once[1]}}
	for range 2 {
		if a := h.post(user, "/ask/call", form); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != h.status(1) {
			t.Errorf("%d %s", a.StatusCode, a.text)
		}
	}
	got := h.is(1, ticket.Waiting)
	if got.Kind != ticket.EasyConnect || got.User.Phone != "2214" || strings.Contains(got.Note, "K7WX") || !got.Has(ticket.PasswordInMail) {
		t.Errorf("%+v", got)
	}
	if n, err := h.Counts(t.Context()); err != nil || n[ticket.Waiting] != 1 {
		t.Errorf("pressed twice: %v %v", n, err)
	}
	if a := h.get(user, h.status(1)); !strings.Contains(a.text, "You asked for help") || !strings.Contains(a.text, "You are next in line") {
		t.Errorf("%s", a.text)
	}
	ada := h.browser("ada", ticket.RoleTechnician)
	h.post(ada, "/tickets/1/claim", nil)
	if a := h.get(ada, "/"); !strings.Contains(a.text, "msra /offereasyhelp") || !strings.Contains(a.text, "Ask for the password") {
		t.Error("the opened row lacks the steps")
	}
	strict := build(t, func(o *web.Options) { o.Ask = web.Ask{Code: "sesame"} })
	if a := strict.post(user, "/ask/call", form); a.StatusCode != http.StatusForbidden {
		t.Errorf("without the code: %d", a.StatusCode)
	}
	form.Set("code", "sesame")
	if a := strict.post(user, "/ask/call", form); a.StatusCode != http.StatusSeeOther {
		t.Errorf("with it: %d", a.StatusCode)
	}
	doubtful := build(t, func(o *web.Options) { o.Ask = web.Ask{Doubtful: true, Quarantine: true} })
	doubtful.post(user, "/ask/call", form)
	doubtful.is(1, ticket.Quarantined)
}
