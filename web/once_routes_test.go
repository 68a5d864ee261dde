package web_test

import (
	"fmt"
	"strings"
	"testing"

	"inviter/ticket"
)

// asked is one request on a route, and whether it is done again when it is sent
// again: what hands out secrets is, for they are never stored in an answer.
type asked struct {
	before []string // requests that make it possible, "verb body"
	body   string
	quarantine,
	refusal, // of something refused, not of a ticket
	link, // of a support link
	again bool
}

// posts has a request for every POST of the API: a route that is not in it, or
// no longer there, fails the test.
func posts() map[string]asked {
	claim := []string{"claim "}
	return map[string]asked{
		"/tickets":                 {},
		"/claims":                  {},
		"/tickets/{id}/claim":      {},
		"/tickets/{id}/renew":      {before: claim, body: `{"claim":1}`},
		"/tickets/{id}/connected":  {before: claim, body: `{"claim":1}`},
		"/tickets/{id}/undo":       {before: claim, body: `{"claim":1}`},
		"/tickets/{id}/release":    {before: claim, body: `{"claim":1,"reason":"other"}`},
		"/tickets/{id}/close":      {before: claim, body: `{"claim":1,"outcome":"solved"}`},
		"/tickets/{id}/transfer":   {before: claim, body: `{"claim":1,"to":"lena"}`},
		"/tickets/{id}/take-over":  {before: claim, body: `{"reason":"urgent"}`},
		"/tickets/{id}/approve":    {quarantine: true},
		"/tickets/{id}/refuse":     {quarantine: true, body: `{"note":"forged"}`},
		"/tickets/{id}/invitation": {before: claim, body: `{"claim":1}`, again: true},
		"/tickets/{id}/unlock":     {before: claim, body: `{"claim":1,"password":"ABCDEF"}`, again: true},
		"/sources/{name}/scan":     {},
		"/refusals/{id}/retry":     {refusal: true},
		"/refusals/{id}/dismiss":   {refusal: true},
		"/refusals/{id}/item":      {refusal: true, again: true},
		"/links":                   {body: `{"lifetime":"1h"}`},
		"/links/{id}/close":        {link: true},
		"/links/{id}/ask-again":    {link: true},
	}
}

// Every POST of the API can be sent again with its Idempotency-Key: it answers
// the same and changes nothing more.
func TestEveryPostCanBeSentAgain(t *testing.T) {
	t.Parallel()
	left := posts()
	for _, r := range build(t).site.Routes() {
		path, ok := strings.CutPrefix(r.Pattern, "POST /api/v1")
		if !ok {
			continue
		}
		a, ok := left[path]
		if !ok {
			t.Errorf("no request for %s", r.Pattern)
			continue
		}
		delete(left, path)
		t.Run(strings.ReplaceAll(path, "/", " "), func(t *testing.T) {
			t.Parallel()
			sentAgain(t, path, a)
		})
	}
	for path := range left {
		t.Errorf("no route any more: %s", path)
	}
}

func sentAgain(t *testing.T, path string, a asked) {
	t.Helper()
	h := build(t, reading)
	lena, max := h.hire("lena", ticket.RoleLead), h.hire("max", ticket.RoleLead)
	body := a.body
	if path == "/tickets" {
		body = string(h.invitation(7))
	}
	id := h.arrives().ID
	if a.quarantine {
		_, err := h.Disown(t.Context(), id)
		check(t, err)
	}
	subject := id.String()
	if a.refusal {
		subject = h.rejects("share:support", "good file")
	}
	if a.link {
		subject = fmt.Sprint(h.call(max, "POST", "/api/v1/links", `{"lifetime":"1h"}`).ok(t, 201)["id"])
	}
	whole := "/api/v1" + strings.NewReplacer("{id}", subject, "{name}", "share:none").Replace(path)
	for _, b := range a.before {
		verb, said, _ := strings.Cut(b, " ")
		h.call(max, "POST", fmt.Sprintf("/api/v1/tickets/%d/%s", id, verb), said).ok(t, 200)
	}
	by := max
	if strings.HasSuffix(path, "/take-over") {
		by = lena
	}
	first := h.call(by, "POST", whole, body, "Idempotency-Key", "k")
	revision, err := h.Revision(t.Context())
	check(t, err)
	second := h.call(by, "POST", whole, body, "Idempotency-Key", "k")
	if second.StatusCode != first.StatusCode || second.text != first.text || second.Header.Get("Content-Type") != first.Header.Get("Content-Type") {
		t.Errorf("first %d %s\nagain %d %s", first.StatusCode, first.text, second.StatusCode, second.text)
	}
	if first.StatusCode >= 300 && !strings.Contains(path, "scan") {
		t.Errorf("tests nothing: %d %s", first.StatusCode, first.text)
	}
	now, err := h.Revision(t.Context())
	check(t, err)
	if now != revision && !a.again {
		t.Errorf("done twice: revision %d, then %d", revision, now)
	}
}
