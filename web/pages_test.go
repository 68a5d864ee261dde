package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

var policy = regexp.MustCompile(`^default-src 'none'; style-src 'self'; script-src( 'sha256-[A-Za-z0-9+/]{43}=')+; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$`)

// TestScriptsRunByTheirHash: each script that a page names is in the policy by
// the hash of what is served, and the page expects that very content.
func TestScriptsRunByTheirHash(t *testing.T) {
	t.Parallel()
	h := build(t)
	b := h.browser("ada", ticket.RoleTechnician)
	for _, path := range []string{"/", h.status(h.arrives().ID), "/ask"} {
		page := h.get(b, path)
		files := regexp.MustCompile(`<(?:script|link)[^>]* (?:src|href)="(/assets/[^"]+\.(?:js|css))" integrity="([^"]*)"`).FindAllStringSubmatch(page.text, -1)
		if len(files) < 2 || strings.Count(page.text, "<script") != 1 {
			t.Errorf("%s: %d files, %d scripts", path, len(files), strings.Count(page.text, "<script"))
		}
		for _, f := range files {
			sum := sha256.Sum256([]byte(h.get(b, f[1]).text))
			want := "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
			if got := html.UnescapeString(f[2]); got != want {
				t.Errorf("%s expects %s of %s, served is %s", path, got, f[1], want)
			}
			if strings.HasSuffix(f[1], ".js") && !strings.Contains(page.Header.Get("Content-Security-Policy"), "'"+want+"'") {
				t.Errorf("%s may not run %s", path, f[1])
			}
		}
	}
}

// TestEveryPageHasTheHeaders: what any serious site sends, on every answer.
func TestEveryPageHasTheHeaders(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.arrives()
	b := h.browser("ada", ticket.RoleTechnician)
	for _, path := range []string{"/", "/rows?since=0", "/tickets/1", "/history", "/sources", "/login", "/login/link/x", "/no/such", "/tickets/9", "/api/v1/tickets", "/healthz", "/readyz", "/metrics"} {
		a := h.get(b, path)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store", "Etag": "", "Last-Modified": "",
		} {
			if got := a.Header.Get(name); got != want && (name != "Etag" || path != "/api/v1/tickets") {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if got := a.Header.Get("Content-Security-Policy"); !policy.MatchString(got) {
			t.Errorf("%s: the policy is %q", path, got)
		}
		if again := h.get(b, path, "If-None-Match", "*", "If-Modified-Since", "Fri, 20 Nov 2026 23:00:00 GMT"); again.StatusCode != a.StatusCode {
			t.Errorf("%s is not what it was: %d, then %d", path, a.StatusCode, again.StatusCode)
		}
	}
	style := regexp.MustCompile(`/assets/style\.[0-9a-f]+\.css`).FindString(h.get(b, "/").text)
	a := h.get(b, style, "Accept-Encoding", "gzip")
	if a.StatusCode != 200 || a.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || a.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("%s: %d %v", style, a.StatusCode, a.Header)
	}
	if a := h.get(b, "/assets/style.000000000000.css"); a.StatusCode != 404 {
		t.Errorf("an asset that isn't: %d", a.StatusCode)
	}
}

func TestEveryPageInBothLanguages(t *testing.T) {
	t.Parallel()
	h := build(t)
	fillBusy(h)
	b := h.browser("grace", ticket.RoleTechnician)
	for path, words := range map[string][2]string{
		"/": {"8 waiting, 2 end within the hour", "8 warten, 2 enden binnen einer Stunde"}, "/?show=mine": {"File, addresses, message", "Datei, Adressen, Nachricht"},
		"/tickets/1": {"tomasz handed it back:", "tomasz</bdi> gab sie zurück:"}, "/tickets/4": {"claimed by you", "bei Ihnen"}, "/history": {"Solved", "Gelöst"},
		"/sources": {"The archive needs a password", "Das Archiv braucht ein Passwort"}, "/?q=9999": {"No ticket here has", "Keine Anfrage enthält hier"},
		"/no/such": {"Nothing is here", "Hier ist nichts"}, "/tickets/99": {"There is no such ticket", "Diese Anfrage gibt es nicht"},
	} {
		for i, lang := range []string{"en", "de"} {
			a := h.get(b, path, "Accept-Language", lang)
			text := strings.ReplaceAll(a.text, "<bdi>tomasz</bdi> handed", "tomasz handed")
			if !strings.Contains(text, words[i]) || !strings.Contains(text, `<html lang="`+lang+`">`) || a.Header.Get("Content-Language") != lang {
				t.Errorf("%s in %s: %d, without %q", path, lang, a.StatusCode, words[i])
			}
		}
	}
	a := h.get(b, "/history?limit=5&lang=de", "Accept-Language", "en")
	if a.StatusCode != 303 || a.Header.Get("Location") != "/history?limit=5" {
		t.Errorf("choosing a language: %d %v", a.StatusCode, a.Header)
	}
	if a := h.get(b, "/history", "Accept-Language", "en"); !strings.Contains(a.text, `<html lang="de">`) {
		t.Error("the chosen language is forgotten")
	}
}

// TestTheWholeWayByForms is a ticket's life without script: every button is a
// form, every answer leads back with what was said in the row.
func TestTheWholeWayByForms(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, grace := h.browser("ada", ticket.RoleTechnician), h.browser("grace", ticket.RoleTechnician)
	var file []byte
	h.arrives(func(_ *ticket.Delivery, s *sample.Invitation) { file = s.RA1() })
	press := func(c *http.Client, path string, form url.Values) string {
		t.Helper()
		a := h.post(c, path, form, "Referer", h.server.URL+"/?show=all")
		if a.StatusCode != 303 {
			t.Fatalf("%s: %d %s", path, a.StatusCode, a.text)
		}
		return h.get(c, a.Header.Get("Location")).text
	}
	has := func(page string, words ...string) {
		t.Helper()
		for _, w := range words {
			if !strings.Contains(page, w) {
				t.Errorf("no %q on the page", w)
			}
		}
	}
	has(press(ada, "/tickets/1/claim", nil), "Download invitation", `name="claim" value="1"`, "msra /openfile ticket-1.msrcIncident", `action="/tickets/1/release"`)
	lost := press(grace, "/tickets/1/claim", nil)
	has(lost, "<bdi>ada</bdi> was faster", "Nothing was claimed for you", `<div class="act"><span><b><bdi>ada</bdi></b>`)
	if strings.Contains(lost, `action="/tickets/1/claim"`) || strings.Contains(lost, "10.") && strings.Contains(lost, "<code>") {
		t.Error("the loser sees a claim button or an address")
	}
	a := h.post(ada, "/tickets/1/invitation", url.Values{"claim": {"1"}})
	if a.text != string(file) || a.Header.Get("Content-Disposition") != `attachment; filename="ticket-1.msrcIncident"` {
		t.Errorf("the file: %d %v", a.StatusCode, a.Header)
	}
	has(press(grace, "/tickets/1/invitation", url.Values{"claim": {"1"}}), "It is no longer yours")
	has(press(ada, "/tickets/1/release", url.Values{"claim": {"1"}}), "Something is missing")
	has(press(ada, "/tickets/1/connected", url.Values{"claim": {"1"}}), "Yours</bdi></b>, connected")
	has(press(ada, "/tickets/1/transfer", url.Values{"claim": {"1"}, "to": {"grace"}}), "<bdi>grace</bdi></b>, <span")
	has(h.get(grace, "/").text, `name="claim" value="2"`)
	has(press(ada, "/tickets/1/close", url.Values{"claim": {"1"}, "outcome": {"solved"}}), "It is no longer yours")
	has(press(grace, "/tickets/1/release", url.Values{"claim": {"2"}, "reason": {"wrong-skill"}, "note": {"printer"}}), `action="/tickets/1/claim"`)
	has(press(ada, "/claims", nil), `name="claim" value="3"`, "<bdi>grace</bdi> handed it back at", "printer")
	has(press(ada, "/tickets/1/close", url.Values{"claim": {"3"}, "outcome": {"solved"}, "note": {"all good"}}), "Ticket <bdi>1</bdi> is closed")
	has(press(ada, "/claims", nil), "Nobody waits that you could claim")
	has(h.get(ada, "/history").text, "Solved", "all good")
	has(h.get(ada, "/tickets/1").text, "Closed: <bdi>Solved</bdi>", "all good")
	has(press(ada, "/tickets/77/claim", nil), "There is no such ticket")
}

func TestALeadsButtons(t *testing.T) {
	t.Parallel()
	h := build(t)
	lena, ada := h.browser("lena", ticket.RoleLead), h.browser("ada", ticket.RoleTechnician)
	h.arrives(func(d *ticket.Delivery, _ *sample.Invitation) {
		d.Quarantine, d.Flags = true, []ticket.Flag{ticket.DoubtfulSender}
	})
	h.arrives()
	if text := h.get(ada, "/?show=quarantine").text; !strings.Contains(text, "Waits for a lead") || !strings.Contains(text, "Doubtful sender") {
		t.Error("a technician doesn't see what waits for a lead")
	}
	h.post(lena, "/tickets/1/approve", nil)
	h.post(ada, "/tickets/2/claim", nil)
	if text := h.get(lena, "/tickets/2").text; !strings.Contains(text, `action="/tickets/2/take-over"`) || !strings.Contains(text, `action="/tickets/2/close"`) {
		t.Error("a lead can neither take over nor close")
	}
	a := h.post(lena, "/tickets/2/close", url.Values{"outcome": {"misuse"}}, "Referer", h.server.URL+"/tickets/2")
	if a.Header.Get("Location") != "/tickets/2?about=2&said=closed#t2" {
		t.Errorf("back to %s", a.Header.Get("Location"))
	}
	h.post(lena, "/tickets/1/refuse", nil)
	for i, want := range map[string]ticket.State{"1": ticket.Waiting, "2": ticket.Closed} {
		if j := h.call(h.hire("vic", ticket.RoleViewer), "GET", "/api/v1/tickets/"+i, "").json(t); j["state"] != string(want) {
			t.Errorf("ticket %s is %v, want %s", i, j["state"], want)
		}
	}
}

// TestOutsideAsksFirst: a flagged ticket wants a second word before the claim.
func TestOutsideAsksFirst(t *testing.T) {
	t.Parallel()
	outside := func(d *ticket.Delivery, _ *sample.Invitation) { d.Flags = []ticket.Flag{ticket.OutsideNetworks} }
	h := build(t)
	h.arrives(outside)
	if text := h.get(h.browser("ada", ticket.RoleTechnician), "/").text; !strings.Contains(text, "Claim anyway") {
		t.Error("a claim doesn't ask")
	}
	calm := build(t, func(o *web.Options) { o.ConfirmOutside = false })
	calm.arrives(outside)
	if text := calm.get(calm.browser("ada", ticket.RoleTechnician), "/").text; strings.Contains(text, "Claim anyway") || !strings.Contains(text, "Address outside") {
		t.Error("a claim asks although it shouldn't, or the flag isn't shown")
	}
}

func TestTabsAndFilter(t *testing.T) {
	t.Parallel()
	h := build(t)
	fillBusy(h)
	b := h.browser("grace", ticket.RoleTechnician)
	row := regexp.MustCompile(`<li class="row[^"]*" id="t(\d+)"`)
	for query, want := range map[string]string{
		"":                  "2 3 4 5 6 7 8 9 10 11 12 13 14 15",
		"show=waiting":      "2 4 5 6 7 10 11 12 14 15", // those held by the reader stay in place
		"show=mine":         "4 14",
		"show=missed":       "",
		"show=quarantine":   "9",
		"show=nonsense":     "2 3 4 5 6 7 8 9 10 11 12 13 14 15",
		"q=jonas":           "3 10",
		"q=JONAS+feld":      "3 10",
		"q=jonas&show=mine": "",
		"q=15":              "2 4 15",
		"q=tomasz":          "8",
		"q=share:support":   "6 7 8 13",
		"q=المنصوري":        "5",
		"q=%25":             "",
		"q=doubtful":        "9",
		"q=address+outside": "11",
		"limit=3&q=example": "2 3 4",
	} {
		var got []string
		for _, m := range row.FindAllStringSubmatch(h.get(b, "/?"+query).text, -1) {
			got = append(got, m[1])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s shows %v, want %s", query, got, want)
		}
	}
	if a := h.get(b, "/?q=au%C3%9Ferhalb", "Accept-Language", "de"); rowsOf(a.text) != "11" {
		t.Errorf("a German reader who looks for außerhalb finds %s", rowsOf(a.text))
	}
	text := h.get(b, "/").text
	for id, n := range map[string]string{"all": "14", "waiting": "8", "mine": "2", "missed": "0", "quarantine": "1"} {
		if !strings.Contains(text, `<span id="n-`+id+`">`+n+`</span>`) {
			t.Errorf("%s is not counted as %s", id, n)
		}
	}
}

func TestTwoHundredRowsAPage(t *testing.T) {
	t.Parallel()
	h := build(t)
	for range 203 {
		h.arrives()
		h.clock.pass(time.Second)
	}
	b := h.browser("ada", ticket.RoleTechnician)
	first := h.get(b, "/").text
	more := regexp.MustCompile(`class="more"><a class="button" href="([^"]+)"`).FindStringSubmatch(first)
	if strings.Count(first, `<li class="row`) != 200 || more == nil || !strings.Contains(first, "data-full") {
		t.Fatalf("%d rows, more: %v", strings.Count(first, `<li class="row`), more)
	}
	if rest := h.get(b, strings.ReplaceAll(more[1], "&amp;", "&")).text; strings.Count(rest, `<li class="row`) != 3 || strings.Contains(rest, "data-full") {
		t.Errorf("%d rows on the second page", strings.Count(rest, `<li class="row`))
	}
	if all := h.get(b, "/?limit=1000").text; strings.Count(all, `<li class="row`) != 203 {
		t.Errorf("%d rows with a limit of 1000", strings.Count(all, `<li class="row`))
	}
}

// TestRowsSince is what the page's script merges.
func TestRowsSince(t *testing.T) {
	t.Parallel()
	h := build(t)
	b := h.browser("ada", ticket.RoleTechnician)
	h.arrives()
	h.arrives()
	h.arrives()
	part := func(query string) string { t.Helper(); return h.get(b, "/rows?"+query).text }
	if text := part("since=1"); strings.Contains(text, `id="t1"`) || !strings.Contains(text, `id="t2"`) || !strings.Contains(text, `data-revision="3"`) || strings.Contains(text, "data-all") {
		t.Errorf("since 1: %s", text)
	}
	h.post(b, "/tickets/2/claim", nil)
	h.post(b, "/tickets/2/close", url.Values{"claim": {"1"}, "outcome": {"solved"}})
	if text := part("since=3"); !strings.Contains(text, `<li class="gone" id="t2"`) || !strings.Contains(text, "is closed") || !strings.Contains(text, `<span id="n-all">2</span>`) {
		t.Errorf("an ended ticket: %s", text)
	}
	if text := part("since=3&show=mine"); !strings.Contains(text, `<li class="gone" id="t2"`) {
		t.Errorf("in another tab: %s", text)
	}
	if text := part("since=5"); strings.Contains(text, "<li") {
		t.Errorf("nothing new: %s", text)
	}
	for _, odd := range []string{"", "since=x", "since=-1", "since=999"} {
		if text := part(odd); !strings.Contains(text, "data-all") || strings.Count(text, `<li class="row`) != 2 {
			t.Errorf("%q isn't answered with the whole list: %s", odd, text)
		}
	}
}

// TestPartOfAButton: the script gets rows where a form gets a redirect.
func TestPartOfAButton(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, grace := h.browser("ada", ticket.RoleTechnician), h.browser("grace", ticket.RoleTechnician)
	h.arrives()
	press := func(c *http.Client, path string, form url.Values) string {
		t.Helper()
		a := h.post(c, path, form, "Inviter-Part", "1")
		if a.StatusCode != 200 || !strings.Contains(a.text, `id="part"`) {
			t.Fatalf("%s: %d %s", path, a.StatusCode, a.text)
		}
		return a.text
	}
	if text := press(ada, "/tickets/1/claim?since=1", nil); !strings.Contains(text, `data-focus="1"`) || !strings.Contains(text, "Download invitation") {
		t.Errorf("claimed: %s", text)
	}
	if text := press(grace, "/tickets/1/claim?since=2", nil); !strings.Contains(text, "was faster") || !strings.Contains(text, `id="t1"`) {
		t.Errorf("lost, and the page knew: %s", text)
	}
	if text := press(grace, "/tickets/1/claim?since=1", nil); strings.Count(text, "was faster") != 1 || strings.Count(text, `id="t1"`) != 1 {
		t.Errorf("lost, and the page didn't know: %s", text)
	}
	if text := press(grace, "/tickets/1/claim?since=2&show=waiting", nil); !strings.Contains(text, `id="said"`) {
		t.Errorf("lost, where the list doesn't show it: %s", text)
	}
	if text := press(ada, "/tickets/1/close?since=2", url.Values{"claim": {"1"}, "outcome": {"solved"}}); !strings.Contains(text, `class="gone"`) || !strings.Contains(text, `id="said"`) {
		t.Errorf("closed: %s", text)
	}
}

func TestAPersonsErrorsAreShownAsPages(t *testing.T) {
	t.Parallel()
	h := build(t)
	b := h.browser("vic", ticket.RoleViewer)
	for path, want := range map[string]int{"/no/such": 404, "/tickets/9": 404, "/tickets/x": 404, "/?limit=0": 400, "/?after=nonsense": 400, "/logout": 405} {
		if a := h.get(b, path); a.StatusCode != want || a.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.Header.Get("Content-Type"))
		}
	}
	h.arrives()
	text := h.get(b, "/").text
	if strings.Contains(text, "/claim") {
		t.Error("a viewer is offered a claim")
	}
	if a := h.post(b, "/tickets/1/claim", nil); a.StatusCode != 403 {
		t.Errorf("a viewer's claim: %d", a.StatusCode)
	}
}
