package web_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"inviter/ticket"
	"inviter/web"
)

func TestReadyz(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Expected = []string{"mailbox:helpdesk", "share:support"} })
	names := func(want int) string {
		t.Helper()
		a := h.call("", "GET", "/readyz", "")
		if a.StatusCode != want {
			t.Errorf("%d %s, want %d", a.StatusCode, a.text, want)
		}
		var list []string
		for _, one := range a.json(t)["not_served"].([]any) {
			list = append(list, one.(map[string]any)["name"].(string))
		}
		return strings.Join(list, " ")
	}
	if got := names(503); got != "mailbox:helpdesk share:support" {
		t.Errorf("before the first pass: %s", got)
	}
	h.source("mailbox:helpdesk", ticket.SourceOK, "")
	h.source("share:support", ticket.SourceOK, "")
	h.source("share:removed", ticket.SourceGone, "")
	if got := names(200); got != "" {
		t.Errorf("all served: %s", got)
	}
	h.clock.pass(3 * time.Minute)
	h.source("mailbox:helpdesk", ticket.SourceOK, "")
	if got := names(503); got != "share:support" {
		t.Errorf("one is silent for more than three periods: %s", got)
	}
	if a := h.call("", "GET", "/healthz", ""); a.StatusCode != 200 || a.text != "ok\n" {
		t.Errorf("alive: %d %s", a.StatusCode, a.text)
	}
}

func TestSourcesInTheAPI(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Expected = []string{"mailbox:helpdesk", "share:new"} })
	ada := h.hire("ada", ticket.RoleTechnician)
	h.source("mailbox:helpdesk", ticket.SourceFailing, "log-in refused")
	list := h.call(ada, "GET", "/api/v1/sources", "").ok(t, 200)["sources"].([]any)
	if len(list) != 2 {
		t.Fatalf("sources %v", list)
	}
	one, two := list[0].(map[string]any), list[1].(map[string]any)
	for key, want := range map[string]any{
		"name": "mailbox:helpdesk", "state": "failing", "mode": "IDLE", "last_success": "2026-11-20T13:17:00Z", "last_error": "log-in refused",
		"next_try": "2026-11-20T13:23:40Z", "seen": 90.0, "queued": 38.0, "repeated": 2.0, "refused": 2.0, "ignored": 0.0, "pending": 0.0,
	} {
		if one[key] != want {
			t.Errorf("%s is %v, want %v", key, one[key], want)
		}
	}
	if two["name"] != "share:new" || two["state"] != "late" || two["last_success"] != nil {
		t.Errorf("a source that nobody has looked at yet: %v", two)
	}
	h.call(ada, "POST", "/api/v1/sources/mailbox:helpdesk/scan", "").empty(t, 202)
	if got := <-h.scans; got != "mailbox:helpdesk" {
		t.Errorf("looked at %s", got)
	}
	h.call(ada, "POST", "/api/v1/sources/share:none/scan", "").refused(t, 404, "unknown")
	b := h.browser("ada", ticket.RoleTechnician)
	if a := h.post(b, "/sources/share:new/scan", nil, "Referer", h.server.URL+"/sources"); a.Header.Get("Location") != "/sources?said=scanned" || <-h.scans != "share:new" {
		t.Errorf("the button: %d %s", a.StatusCode, a.Header.Get("Location"))
	}
	if text := h.get(b, "/").text; !strings.Contains(text, `class="alarm"`) || !strings.Contains(text, "log-in refused") || !strings.Contains(text, "has not been read yet") || !strings.Contains(text, "2 not served") {
		t.Error("the queue doesn't say that sources are not served")
	}
	elsewhere := build(t, func(o *web.Options) { o.Scan, o.Expected = nil, []string{"share:x"} })
	elsewhere.call(elsewhere.hire("ada", ticket.RoleTechnician), "POST", "/api/v1/sources/share:x/scan", "").refused(t, 503, "unavailable")
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, grace := h.hire("ada", ticket.RoleTechnician), h.hire("grace", ticket.RoleTechnician)
	h.arrives()
	h.arrives()
	h.source("mailbox:helpdesk", ticket.SourceOK, "")
	h.source("share:support", ticket.SourceGone, "")
	h.clock.pass(2 * time.Minute)
	h.call(ada, "POST", "/api/v1/tickets/1/claim", "").ok(t, 200)
	h.clock.pass(time.Second)
	h.call(ada, "POST", "/api/v1/tickets/1/claim", "").ok(t, 200)
	h.call(grace, "POST", "/api/v1/tickets/1/claim", "").refused(t, 409, "taken")
	text := h.call("", "GET", "/metrics", "").text
	for _, want := range []string{
		`inviter_tickets{state="waiting"} 1`, `inviter_tickets{state="claimed"} 1`, `inviter_tickets{state="quarantined"} 0`,
		`inviter_claims_total{result="claimed"} 2`, `inviter_claims_total{result="taken"} 1`, `inviter_wait_seconds_count 1`, `inviter_wait_seconds_sum 120`,
		`inviter_source_up{source="mailbox:helpdesk"} 1`, `inviter_source_up{source="share:support"} 0`,
		`inviter_source_last_success_timestamp_seconds{source="mailbox:helpdesk"} 1.795180968e+09`,
		`inviter_deliveries_total{outcome="queued",source="mailbox:helpdesk"} 38`, `inviter_deliveries_total{outcome="refused",source="mailbox:helpdesk"} 2`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s", want)
		}
	}
	if regexp.MustCompile(`\bada\b|\bgrace\b|user1|example\.org`).MatchString(text) {
		t.Error("metrics name people")
	}
	_, err := h.Withdraw(context.Background(), 2)
	check(t, err)
	if text := h.call("", "GET", "/metrics", "").text; !strings.Contains(text, `inviter_tickets{state="withdrawn"} 1`) {
		t.Error("ended tickets aren't counted")
	}
}

func TestOpenAPI(t *testing.T) {
	t.Parallel()
	h := build(t)
	if a := h.call("", "GET", "/api/v1/openapi.yaml", ""); a.StatusCode != 200 || a.text != "openapi: 3.1.0\n" || a.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
}
