package web_test

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
)

// aDay is a house in which one was helped, one missed, one dead on arrival.
func aDay(t *testing.T) *house {
	h := build(t)
	ada := ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}
	grace := ticket.Technician{Name: "grace", Role: ticket.RoleTechnician}
	h.hire("ada", ada.Role)
	h.hire("grace", grace.Role)
	one := h.arrives()
	h.arrives(func(d *ticket.Delivery, s *sample.Invitation) {
		d.From.Name, s.Minutes = `=HYPERLINK("http://evil")`, 30
	})
	h.arrives(func(_ *ticket.Delivery, s *sample.Invitation) {
		s.Start, s.Minutes = h.clock.time().Add(-time.Hour), 30
	})
	h.clock.pass(4 * time.Minute)
	must := func(_ ticket.Ticket, err error) { t.Helper(); check(t, err) }
	must(h.Claim(t.Context(), one.ID, grace))
	must(h.Release(t.Context(), one.ID, grace, 1, ticket.ReasonOther, ""))
	must(h.Claim(t.Context(), one.ID, ada))
	h.clock.pass(90 * time.Second)
	must(h.Connected(t.Context(), one.ID, ada, 2))
	h.clock.pass(40 * time.Minute)
	must(h.Close(t.Context(), one.ID, ada, 2, ticket.Solved, ""))
	return h
}

func TestReportsByTheAPI(t *testing.T) {
	t.Parallel()
	h := aDay(t)
	lead, ada := h.hire("lena", ticket.RoleLead), h.hire("ada", ticket.RoleTechnician)
	get := func(token, query string) map[string]any {
		t.Helper()
		a := h.call(token, "GET", "/api/v1/reports"+query, "")
		if a.StatusCode != 200 {
			t.Fatalf("%s: %d %s", query, a.StatusCode, a.text)
		}
		return a.json(t)
	}
	all := get(lead, "?from=2026-11-20&to=2026-11-20")
	got := fmt.Sprint(all["came"], all["waited"], all["missed"], all["dead_on_arrival"], all["hand_backs"], all["wait"], all["connect"], all["help"])
	want := "2 2 1 1 1 map[max:240 n:1 p50:240 p90:240] map[max:90 n:1 p50:90 p90:90] map[max:2400 n:1 p50:2400 p90:2400]"
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	names := func(m map[string]any) (list []string) {
		for _, l := range m["technicians"].([]any) {
			list = append(list, l.(map[string]any)["name"].(string))
		}
		return list
	}
	if n := names(all); fmt.Sprint(n) != "[ada grace]" {
		t.Errorf("a lead sees %v", n)
	}
	if n := names(get(ada, "")); fmt.Sprint(n) != "[ada]" {
		t.Errorf("a technician sees %v", n)
	}
	if n := names(get(h.hire("audrey", ticket.RoleAuditor), "")); fmt.Sprint(n) != "[ada grace]" {
		t.Errorf("an auditor sees %v", n)
	}
	if hour := all["hours"].([]any)[14].(map[string]any); hour["came"] != 2.0 || hour["missed"] != 1.0 { // 13:23 UTC in Berlin
		t.Errorf("hour %v", hour)
	}
	if none := get(lead, "?from=2026-11-19T00:00:00Z&to=2026-11-20T13:23:00Z"); none["came"] != 0.0 {
		t.Errorf("before it came: %v", none)
	}
	for _, bad := range []string{"?from=yesterday", "?to=2026-13-01", "?from=2026-11-21&to=2026-11-20", "?from=2020-01-01&to=2026-01-01"} {
		if a := h.call(lead, "GET", "/api/v1/reports"+bad, ""); a.StatusCode != 400 || a.json(t)["code"] != "bad-request" {
			t.Errorf("%s: %d %s", bad, a.StatusCode, a.text)
		}
	}
}

// TestReportsAsATable: no cell can be a formula, and every number is there.
func TestReportsAsATable(t *testing.T) {
	t.Parallel()
	h := aDay(t)
	lead := h.hire("lena", ticket.RoleLead)
	a := h.call(lead, "GET", "/api/v1/reports", "", "Accept", "text/csv")
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") || !strings.Contains(a.Header.Get("Content-Disposition"), "report-2026-11-14-2026-11-20.csv") {
		t.Errorf("%v", a.Header)
	}
	rows, err := csv.NewReader(strings.NewReader(a.text)).ReadAll()
	check(t, err)
	seen := map[string]string{}
	for _, r := range rows {
		for _, cell := range r {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("a formula: %q", cell)
			}
		}
		seen[strings.Join(r[:3], "/")] = r[3]
	}
	for key, want := range map[string]string{"all//missed": "1", "all//connect_p90_seconds": "90", "technician/ada/claims": "1", `missed/'=HYPERLINK("http://evil")/ticket`: "2", "hour/14/came": "2", "source/mailbox:helpdesk/dead_on_arrival": "1"} {
		if seen[key] != want {
			t.Errorf("%s is %q, want %s", key, seen[key], want)
		}
	}
	if b := h.call(lead, "GET", "/api/v1/reports?format=csv", ""); b.text != a.text {
		t.Error("?format=csv is another table")
	}
}

func TestReportsPage(t *testing.T) {
	t.Parallel()
	h := aDay(t)
	c := h.browser("ada", ticket.RoleTechnician)
	text := h.get(c, "/reports?from=2026-11-20&to=2026-11-20").text
	for _, want := range []string{`<p class="big">1</p>`, "invitation missed", "Of 2 that waited, 50.0 %", "HYPERLINK", `href="/tickets/2"`, "1 min 30 s", "What you did", `value="2026-11-20"`, `href="/reports?format=csv&amp;from=2026-11-20&amp;to=2026-11-20"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q on the page", want)
		}
	}
	if strings.Contains(text, "<bdi>grace</bdi>") {
		t.Error("a technician sees a colleague's line")
	}
	if a := h.get(c, "/reports?"+url.Values{"format": {"csv"}, "from": {""}, "to": {""}}.Encode()); !strings.HasPrefix(a.text, "section,") {
		t.Errorf("the CSV link: %s", a.text)
	}
}
