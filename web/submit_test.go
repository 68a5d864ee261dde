package web_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

func (h *house) intake() string {
	h.t.Helper()
	token, err := h.accounts.IntakeToken(context.Background(), "bridge")
	check(h.t, err)
	return token
}

func (h *house) invitation(seed int64) string {
	return string(sample.Invitation{User: "PC7\\jane", Password: "Passw0rd", Start: h.clock.time(), Minutes: 60, Seed: seed}.RA2())
}

func TestHandingInARawFile(t *testing.T) {
	t.Parallel()
	h := build(t)
	token := h.intake()
	a := h.call(token, "POST", "/api/v1/tickets", h.invitation(1), "Content-Type", "application/octet-stream")
	j := a.ok(t, 201)
	if j["state"] != "waiting" || j["endpoints"] != nil || a.Header.Get("Location") != "/api/v1/tickets/1" {
		t.Errorf("handed in: %v, %v", j, a.Header)
	}
	if d := j["deliveries"].([]any)[0].(map[string]any); d["source"] != "upload" {
		t.Errorf("delivered by %v", d)
	}
	if j := h.call(token, "POST", "/api/v1/tickets", h.invitation(1)).ok(t, 200); j["id"] != 1.0 || len(j["deliveries"].([]any)) != 2 {
		t.Errorf("known already: %v", j)
	}
	if j := h.call(token, "POST", "/api/v1/tickets", h.invitation(2)).ok(t, 201); j["id"] != 2.0 || j["supersedes"] != nil {
		t.Errorf("without a user each invitation is its own: %v", j)
	}
	old := h.invitation(3)
	h.clock.pass(2 * time.Hour)
	if j := h.call(token, "POST", "/api/v1/tickets", old).ok(t, 201); j["state"] != "expired" {
		t.Errorf("past its time: %v", j)
	}
	h.call(token, "GET", "/api/v1/tickets", "").refused(t, 403, "forbidden")
}

func TestHandingInAForm(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, bridge := h.hire("ada", ticket.RoleTechnician), h.intake()
	send := func(token string, seed int64, fields ...string) answer {
		t.Helper()
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		for i := 0; i < len(fields); i += 2 {
			check(t, m.WriteField(fields[i], fields[i+1]))
		}
		f, err := m.CreateFormFile("file", "../../help.msrcIncident")
		check(t, err)
		_, err = f.Write([]byte(h.invitation(seed)))
		check(t, err)
		check(t, m.Close())
		return h.call(token, "POST", "/api/v1/tickets", b.String(), "Content-Type", m.FormDataContentType())
	}
	j := send(bridge, 1, "user", "jane@example.org", "phone", "2217", "note", "help").ok(t, 201)
	u := j["user"].(map[string]any)
	if u["address"] != "jane@example.org" || u["phone"] != "2217" || j["note"] != "help" {
		t.Errorf("handed in: %v", j)
	}
	h.clock.pass(time.Minute)
	if j := send(bridge, 2, "user", "Jane@example.org").ok(t, 201); j["supersedes"] != 1.0 {
		t.Errorf("the same user's newer one: %v", j)
	}
	if j := send(ada, 3, "user", "jane@example.org").ok(t, 201); j["supersedes"] != nil {
		t.Errorf("another token's owner vouches for another user: %v", j)
	}
	send(ada, 4, "note", strings.Repeat("ä", 2001)).refused(t, 400, "bad-request")
	send(ada, 4, "note", "a\xffb").refused(t, 400, "bad-request")
	h.call(ada, "POST", "/api/v1/tickets", "--x\r\n\r\n", "Content-Type", "multipart/form-data; boundary=x").refused(t, 400, "bad-request")
	h.call(ada, "POST", "/api/v1/tickets", "junk", "Content-Type", "multipart/form-data").refused(t, 400, "bad-request")
	h.call(ada, "POST", "/api/v1/tickets", `{"kind":"offer"}`, "Content-Type", "application/json").refused(t, 422, "bad-computer")
}

func TestHandingInWhatIsNoInvitation(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Limits.Mail = 100_000 })
	token, ada := h.intake(), h.hire("ada", ticket.RoleTechnician)
	for body, code := range map[string]string{
		"":                      "not-an-invitation",
		"hello":                 "not-an-invitation",
		"\x89PNG\r\n\x1a\n0000": "not-an-invitation",
		h.invitation(1)[:300]:   "damaged",
	} {
		p := h.call(token, "POST", "/api/v1/tickets", body)
		if p.StatusCode != 422 {
			t.Errorf("%.20q: %d %s", body, p.StatusCode, p.text)
			continue
		}
		p.refused(t, 422, p.json(t)["code"].(string))
		if got := p.json(t)["code"]; got != code {
			t.Logf("%.20q is refused as %v, thought %s", body, got, code)
		}
	}
	h.call(token, "POST", "/api/v1/tickets", strings.Repeat("x", 100_001)).refused(t, 413, "too-large")
	h.call(token, "POST", "/api/v1/tickets", strings.Repeat("x", 900_000)).refused(t, 413, "too-large")
	list := h.call(ada, "GET", "/api/v1/refusals", "").ok(t, 200)["refusals"].([]any)
	if len(list) != 4 {
		t.Fatalf("%d refusals, want 4: %v", len(list), list)
	}
	for _, key := range []string{"id", "source", "item", "from", "at", "code", "message"} {
		if _, ok := list[0].(map[string]any)[key]; !ok {
			t.Errorf("a refusal without %s: %v", key, list[0])
		}
	}
	h.call(token, "POST", "/api/v1/tickets", "hello").refused(t, 422, "not-an-invitation")
	if n := len(h.call(ada, "GET", "/api/v1/refusals", "").ok(t, 200)["refusals"].([]any)); n != 4 {
		t.Errorf("the same again is %d refusals", n)
	}
}
