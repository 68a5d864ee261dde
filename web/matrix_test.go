package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"inviter/ticket"
	"inviter/web"
)

// needs is who may use what, written down a second time: a route that is not
// in it, or no longer there, fails the test.
func needs() map[string]web.Need {
	return map[string]web.Need{
		"GET /{$}": web.Reads, "GET /rows": web.Reads, "GET /tickets/{id}": web.Reads, "GET /history": web.Reads, "GET /reports": web.Reads, "GET /api/v1/reports": web.Reads, "GET /sources": web.Reads,
		"GET /assets/{file}": web.Anybody, "GET /icon/{n}": web.Anybody,
		"GET /login": web.Anybody, "POST /login": web.Anybody, "GET /login/link/{secret}": web.Anybody, "POST /login/link": web.Anybody, "POST /logout": web.Anybody,
		"GET /login/sso": web.Anybody, "GET /login/sso/back": web.Anybody,
		"GET /t/{secret}": web.Anybody, "GET /t/{secret}/events": web.Anybody, "POST /t/{secret}/withdraw": web.Anybody, "POST /t/{secret}/not-me": web.Anybody,
		"GET /ask": web.Anybody, "POST /ask": web.Gives, "POST /ask/look": web.Gives, "POST /ask/call": web.Gives, "GET /offer": web.Works, "POST /offer": web.Works, "GET /contacts": web.Works, "POST /contacts/{id}/revoke": web.Works,
		"POST /t/{secret}/distrust": web.Anybody, "POST /t/{secret}/again": web.Anybody,
		"POST /t/{secret}/answer": web.Anybody, "POST /t/{secret}/fresh": web.Gives,

		"POST /chat/{name}": web.Chats,
		"GET /s":            web.Anybody, "POST /s": web.Anybody, "GET /s/{secret}": web.Anybody, "GET /s/{secret}/events": web.Anybody,
		"POST /s/{secret}/confirm": web.Anybody, "POST /s/{secret}/invitation": web.Gives,
		"GET /links": web.Works, "POST /links": web.Works, "POST /links/{id}/close": web.Works, "POST /links/{id}/ask-again": web.Works,
		"GET /api/v1/links": web.Works, "POST /api/v1/links": web.Works, "POST /api/v1/links/{id}/close": web.Works, "POST /api/v1/links/{id}/ask-again": web.Works,

		"GET /accounts": web.Admins, "POST /accounts": web.Admins, "GET /accounts/{name}": web.Owns, "POST /accounts/{name}/role": web.Admins,
		"POST /accounts/{name}/disable": web.Admins, "POST /accounts/{name}/enable": web.Admins, "POST /accounts/{name}/link": web.Admins,
		"POST /accounts/{name}/token": web.Owns, "POST /accounts/{name}/revoke": web.Owns, "POST /accounts/{name}/password": web.Self,

		"POST /claims": web.Works, "POST /tickets/{id}/claim": web.Works, "POST /tickets/{id}/connected": web.Works, "POST /tickets/{id}/release": web.Works, "POST /tickets/{id}/undo": web.Works,
		"POST /tickets/{id}/close": web.Works, "POST /tickets/{id}/transfer": web.Works, "POST /tickets/{id}/take-over": web.Works,
		"POST /tickets/{id}/approve": web.Leads, "POST /tickets/{id}/refuse": web.Leads, "POST /tickets/{id}/invitation": web.Works,
		"POST /tickets/{id}/unlock": web.Works, "GET /tickets/{id}/unlock": web.Reads, "POST /sources/{name}/scan": web.Works,

		"GET /api/v1/openapi.yaml": web.Anybody,
		"GET /api/v1/tickets":      web.Reads, "POST /api/v1/tickets": web.Hands, "GET /api/v1/tickets/{id}": web.Reads, "POST /api/v1/claims": web.Works,
		"POST /api/v1/tickets/{id}/claim": web.Works, "POST /api/v1/tickets/{id}/renew": web.Works, "POST /api/v1/tickets/{id}/connected": web.Works,
		"POST /api/v1/tickets/{id}/release": web.Works, "POST /api/v1/tickets/{id}/undo": web.Works, "POST /api/v1/tickets/{id}/close": web.Works, "POST /api/v1/tickets/{id}/transfer": web.Works,
		"POST /api/v1/tickets/{id}/take-over": web.Works, "POST /api/v1/tickets/{id}/approve": web.Leads, "POST /api/v1/tickets/{id}/refuse": web.Leads,
		"POST /api/v1/tickets/{id}/invitation": web.Works, "POST /api/v1/tickets/{id}/unlock": web.Works,
		"GET /api/v1/events": web.Reads, "GET /api/v1/sources": web.Reads, "POST /api/v1/sources/{name}/scan": web.Works, "GET /api/v1/refusals": web.Works,
		"POST /refusals/{id}/retry": web.Works, "POST /refusals/{id}/dismiss": web.Leads, "POST /refusals/{id}/item": web.Leads,
		"POST /api/v1/refusals/{id}/retry": web.Works, "POST /api/v1/refusals/{id}/dismiss": web.Leads, "POST /api/v1/refusals/{id}/item": web.Leads,

		"GET /healthz": web.Anybody, "GET /readyz": web.Anybody, "GET /metrics": web.Anybody,
	}
}

// everybody lists who may come, and what each of them meets.
func everybody() map[string][]web.Need {
	return map[string][]web.Need{
		"nobody":     {web.Anybody, web.Gives},
		"intake":     {web.Anybody, web.Gives, web.Hands},
		"viewer":     {web.Anybody, web.Gives, web.Reads},
		"auditor":    {web.Anybody, web.Gives, web.Reads},
		"technician": {web.Anybody, web.Gives, web.Reads, web.Works, web.Hands},
		"lead":       {web.Anybody, web.Gives, web.Reads, web.Works, web.Hands, web.Leads},
		"admin":      {web.Anybody, web.Gives, web.Reads, web.Works, web.Hands, web.Leads, web.Admins, web.Owns}, // others' accounts too
	}
}

func TestEveryRoleOnEveryRoute(t *testing.T) {
	t.Parallel()
	h := build(t)
	want := needs()
	for _, r := range h.site.Routes() {
		if need, ok := want[r.Pattern]; !ok || need != r.Need {
			t.Errorf("%s needs %q; this test has %q", r.Pattern, r.Need, need)
		}
		delete(want, r.Pattern)
	}
	for pattern := range want {
		t.Errorf("no route any more: %s", pattern)
	}
	tokens := map[string]string{"nobody": ""}
	intake, err := h.accounts.IntakeToken(t.Context(), "bridge")
	check(t, err)
	tokens["intake"] = intake
	for _, role := range []ticket.Role{ticket.RoleViewer, ticket.RoleAuditor, ticket.RoleTechnician, ticket.RoleLead, ticket.RoleAdmin} {
		tokens[string(role)] = h.hire(string(role), role)
	}
	for who, meets := range everybody() {
		for _, r := range h.site.Routes() {
			if strings.HasSuffix(r.Pattern, "/events") && slices.Contains(meets, r.Need) {
				continue // answers for ever; see the tests of streams
			}
			a := h.try(r.Pattern, tokens[who])
			denied := turnedAway(a)
			if allowed := slices.Contains(meets, r.Need); allowed == denied {
				t.Errorf("%s on %s: %d %s", who, r.Pattern, a.StatusCode, a.Header.Get("Location"))
			}
			if a.StatusCode >= 500 && r.Pattern != "GET /readyz" {
				t.Errorf("%s on %s: %d %s", who, r.Pattern, a.StatusCode, a.text)
			}
		}
	}
}

// try asks for a route with a ticket and a source that aren't there, so that
// nothing comes of it.
func (h *house) try(pattern, token string) answer {
	method, path, _ := strings.Cut(pattern, " ")
	path = strings.NewReplacer("{id}", "999999", "{name}", "share:none", "{secret}", "x", "{file}", "x", "{$}", "").Replace(path)
	return h.call(token, method, path, "")
}

func turnedAway(a answer) bool {
	switch a.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return !strings.Contains(a.text, `name="password"`) // a log-in page of its own
	case http.StatusSeeOther:
		return strings.HasPrefix(a.Header.Get("Location"), "/login?") || a.Header.Get("Location") == "/login" && a.Request.URL.Path != "/logout"
	}
	return false
}

// TestRoleOnTickets: what a role may see and do with tickets of each kind.
func TestEndpointsAreForHolderAndLeads(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, grace, lena, vic := h.hire("ada", ticket.RoleTechnician), h.hire("grace", ticket.RoleTechnician), h.hire("lena", ticket.RoleLead), h.hire("vic", ticket.RoleViewer)
	id := h.arrives().ID.String()
	sees := func(token string) bool {
		t.Helper()
		one := h.call(token, "GET", "/api/v1/tickets/"+id, "").json(t)["endpoints"]
		list := h.call(token, "GET", "/api/v1/tickets", "").json(t)["tickets"].([]any)[0].(map[string]any)["endpoints"]
		if (one != nil) != (list != nil) {
			t.Error("list and ticket differ")
		}
		return one != nil
	}
	if sees(ada) || sees(vic) || !sees(lena) {
		t.Error("before the claim only a lead sees the endpoints")
	}
	if a := h.call(ada, "POST", "/api/v1/tickets/"+id+"/claim", ""); a.StatusCode != 200 || a.json(t)["endpoints"] == nil {
		t.Fatalf("claim: %d %s", a.StatusCode, a.text)
	}
	if !sees(ada) || sees(grace) || !sees(lena) || sees(vic) {
		t.Error("after the claim holder and lead see the endpoints")
	}
}
