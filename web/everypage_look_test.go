package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

// opened is a page as somebody of a role opens it.
type opened struct {
	h    *house
	who  string
	role ticket.Role
	path string
}

// provider stands for a single sign-on that nobody goes to here.
type provider struct{}

func (provider) Begin(context.Context) (string, string, error) { return "", "", web.EntryAway }
func (provider) Finish(context.Context, string, url.Values, bool) (web.Entry, error) {
	return web.Entry{}, web.EntryAway
}
func (provider) Guest(context.Context, string) (string, string, bool, error) {
	return "", "", false, nil
}

// everyPage is each page once at least, busy and empty, with what can be on it.
func everyPage(t *testing.T) []opened {
	h, empty := build(t), build(t)
	signOn := build(t, func(o *web.Options) { o.SignOn, o.Ask = provider{}, web.Ask{SignIn: true} })
	fillBusy(h)
	h.arrives(func(d *ticket.Delivery, s *sample.Invitation) { // as long as it may be
		d.From.Name, d.From.Address, d.Note, s.User = strings.Repeat("W", 200), strings.Repeat("x", 200), strings.Repeat("y", 300), strings.Repeat("z", 100)
		d.Flags = []ticket.Flag{ticket.DoubtfulSender, ticket.NameMismatch, ticket.OutsideNetworks, ticket.PasswordInMail}
	})
	h.source("share:"+strings.Repeat("s", 64), ticket.SourceFailing, strings.Repeat("e", 300))
	h.hire("lena", ticket.RoleLead)
	const works, leads, rules = ticket.RoleTechnician, ticket.RoleLead, ticket.RoleAdmin
	return []opened{
		{h, "grace", works, "/"}, {h, "lena", leads, "/?lang=de"}, {h, "vic", ticket.RoleViewer, "/?q=nobody"}, {h, "grace", works, "/?said=taken&about=3"}, {h, "grace", works, "/?show=missed"},
		{empty, "ada", works, "/"}, {h, "grace", works, "/tickets/1"}, {h, "lena", leads, "/tickets/4"}, {h, "grace", works, "/tickets/16"},
		{h, "grace", works, "/history"}, {h, "lena", leads, "/history?q=nobody&from=2026-11-01&lang=de"}, {h, "lena", leads, "/reports"}, {h, "grace", works, "/reports?lang=de"},
		{h, "lena", leads, "/sources"}, {empty, "ada", works, "/sources?lang=de"}, {h, "root", rules, "/accounts"}, {h, "root", rules, "/accounts/grace?lang=de"}, {h, "grace", works, "/accounts/grace"},
		{h, "", "", "/login"}, {signOn, "", "", "/login?lang=de"}, {signOn, "", "", "/login/sso/back?code=x&state=x"}, {h, "", "", "/login/link/x"}, {h, "", "", "/no/such"},
		{h, "", "", h.status(3)}, {h, "", "", h.status(1) + "?lang=de"}, {h, "", "", "/t/x"}, {h, "", "", "/ask"}, {signOn, "", "", "/ask?lang=de"}, {h, "grace", works, "/links"}, {h, "lena", leads, "/contacts"}, {h, "lena", leads, "/offer"}, {h, "grace", works, "/offer?lang=de"}, {h, "", "", "/s"}, {h, "", "", "/s/x"},
	}
}

// pagesSound: on no page has axe a word to say, light and dark, wide and narrow,
// and none scrolls sideways at 320 px or any width between.
func pagesSound(t *testing.T, browser context.Context) {
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	check(t, err)
	for _, page := range everyPage(t) {
		b := page.h.sit(t, browser, page.who, page.role, page.path)
		b.narrow(page, 320, 360, 480, 640, 720, 820, 1000, 1280, 1920)
		ask[any](b, string(axe)+`; for (const d of document.querySelectorAll('details')) d.open = true; 0`)
		for _, look := range []struct {
			scheme string
			width  int64
		}{{"light", 1280}, {"dark", 1280}, {"dark", 320}} {
			b.media(look.scheme, "reduce")
			b.narrow(page, look.width)
			for _, v := range b.violations() {
				t.Errorf("%s as %s, %s, %d px: %s", page.path, page.role, look.scheme, look.width, v)
			}
		}
		chromedp.Cancel(b)
	}
}

// narrow makes the window so wide, and fails where the page is wider.
func (b *tab) narrow(page opened, widths ...int64) {
	b.t.Helper()
	for _, width := range widths {
		check(b.t, chromedp.Do(b, chromedp.EmulateViewport(width, 900)))
		if wide := ask[int](b, `document.documentElement.scrollWidth`); int64(wide) > width {
			b.t.Errorf("%s as %s is %d px wide at %d", page.path, page.role, wide, width)
		}
	}
}

// violations is what axe has to say of the page, where it was loaded.
func (b *tab) violations() []string {
	b.t.Helper()
	return ask[[]string](b, `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 200) + ' ' + n.any.concat(n.all).map((c) => c.message).join('; ')).join('\n    ')))`)
}

// TestEveryPageIsLookedAt: a page of the route table that isn't in everyPage fails.
func TestEveryPageIsLookedAt(t *testing.T) {
	t.Parallel()
	pages := everyPage(t)
	mux := http.NewServeMux()
	for _, r := range pages[0].h.site.Routes() {
		if strings.HasPrefix(r.Pattern, "GET ") {
			mux.HandleFunc(r.Pattern, func(http.ResponseWriter, *http.Request) {})
		}
	}
	seen := map[string]bool{}
	for _, p := range pages {
		_, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, p.path, nil))
		seen[pattern] = true
	}
	for _, r := range pages[0].h.site.Routes() {
		method, path, _ := strings.Cut(r.Pattern, " ")
		noPage := strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/icon/") || strings.HasPrefix(path, "/assets/") || strings.HasSuffix(path, "/events") ||
			path == "/rows" || path == "/healthz" || path == "/readyz" || path == "/metrics" || path == "/login/sso" || path == "/tickets/{id}/unlock" // leads elsewhere
		if method == http.MethodGet && !noPage && !seen[r.Pattern] {
			t.Errorf("no page of %s is looked at", r.Pattern)
		}
	}
}
