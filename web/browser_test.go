package web_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"inviter/e2e/private"
	"inviter/ticket"
)

// setCookie logs a tab in.
func setCookie(t testing.TB, tab context.Context, address, token string) {
	t.Helper()
	yes := true
	_, err := chromedp.Call(tab, network.SetCookie, network.SetCookieParams{Name: "inviter", Value: token, URL: address, HTTPOnly: &yes})
	check(t, err)
}

// tab is a person's browser with one of our pages open.
type tab struct {
	context.Context
	t    testing.TB
	h    *house
	mu   sync.Mutex
	said []string // errors of the console, policy reports among them
}

// countFetches counts the page's requests until their answers were read and shown.
const countFetches = `window.flying = 0; { const real = fetch; window.fetch = (...args) => { flying++; return real(...args); };
	const text = Response.prototype.text; Response.prototype.text = function () { return text.call(this).finally(() => setTimeout(() => { flying--; })); }; }`

// sit opens a browser for somebody and goes to a page.
func (h *house) sit(t testing.TB, browser context.Context, name string, role ticket.Role, path string) *tab {
	t.Helper()
	b := &tab{Context: private.Tab(t, browser), t: t, h: h}
	messages := chromedp.Console(b)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == "error" || m.Type == "warning" {
				b.mu.Lock()
				b.said = append(b.said, m.String())
				b.mu.Unlock()
			}
		}
	}()
	_, err := chromedp.Call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: countFetches})
	check(t, err)
	h.enter(b, name, role)
	b.media("light", "reduce") // or a click may meet a row that is still gliding
	check(t, chromedp.Do(b, chromedp.EmulateViewport(1280, 900)))
	b.open(path)
	return b
}

func (b *tab) media(scheme, motion string) {
	b.t.Helper()
	_, err := chromedp.Call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion}}})
	check(b.t, err)
}

func (b *tab) open(path string) {
	b.t.Helper()
	check(b.t, chromedp.Do(b, chromedp.Navigate(b.h.server.URL+path)))
}

// live waits until the page says that it is.
func (b *tab) live() {
	b.t.Helper()
	b.until(`document.querySelector('#live').className === 'live on'`)
}

// until waits for a condition of the page. Where the page goes elsewhere
// meanwhile, the question is lost with it and asked again.
func (b *tab) until(condition string) {
	b.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		holds, err := chromedp.Run(b, chromedp.Evaluate[bool]("Boolean("+condition+")"))
		if err == nil && holds {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			b.t.Fatalf("never true: %s: %v\n%s\n%s", condition, err, strings.Join(b.complaints(), "\n"), b.state())
		}
	}
}

// state is the page in short, for a test that failed.
func (b *tab) state() string {
	s, _ := chromedp.Run(b, chromedp.Evaluate[string](`[location.href, document.title, document.activeElement.outerHTML.slice(0, 200), document.querySelector('#filter')?.value, JSON.stringify([...document.querySelectorAll('#rows input:not([type=hidden]), #rows textarea, #rows details')].map((e) => [e.name, e.value, e.checked, e.open])),
		document.body.innerText.slice(0, 1500)].join('\n')`))
	return s
}

// ask evaluates an expression in the page.
func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%.200s: %v", expression, err)
	}
	return v
}

// click presses what is under the pointer once the pointer is on the element,
// as a person does; a row may be made anew before that.
func (b *tab) click(selector string) {
	b.t.Helper()
	const place = `(() => { const e = [...document.querySelectorAll(%q)].find((e) => e.checkVisibility()); if (!e) return null;
		e.scrollIntoViewIfNeeded(); const r = e.getClientRects()[0]; return { X: r.x + r.width / 2, Y: r.y + r.height / 2 }; })()`
	const under = `Boolean(document.elementFromPoint(%v, %v)?.closest(%q))`
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		at, err := chromedp.Run(b, chromedp.Evaluate[*struct{ X, Y float64 }](fmt.Sprintf(place, selector)))
		if err == nil && at != nil {
			check(b.t, chromedp.Do(b, chromedp.MouseEvent("mouseMoved", at.X, at.Y)))
			if ask[bool](b, fmt.Sprintf(under, at.X, at.Y, selector)) {
				check(b.t, chromedp.Do(b, chromedp.MouseClickXY(at.X, at.Y)))
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.t.Fatalf("nothing to click: %s\n%s", selector, b.state())
}

// write types into a field.
func (b *tab) write(selector, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(document.querySelector(%q)?.focus(), document.activeElement.matches(%q))`, selector, selector))
	b.key(text)
}

// settled waits until the page has shown all that was committed, and nothing
// that it asked for is on its way.
func (b *tab) settled() {
	b.t.Helper()
	revision, err := b.h.Revision(b)
	check(b.t, err)
	b.until(fmt.Sprintf(`document.querySelector('#main').dataset.revision >= %d && flying === 0`, revision))
}

func (b *tab) key(keys string) { b.t.Helper(); check(b.t, chromedp.Do(b, chromedp.KeyEvent(keys))) }

func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.said...)
}

// sound fails the test for everything that axe finds in the page as it stands.
func (b *tab) sound(where string) {
	b.t.Helper()
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	check(b.t, err)
	ask[any](b, string(axe)+";0")
	for _, v := range ask[[]string](b, `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 200)).join('; ')))`) {
		b.t.Errorf("%s: %s", where, v)
	}
}

// silent fails the test for everything that the console heard.
func (b *tab) silent() {
	b.t.Helper()
	for _, m := range b.complaints() {
		b.t.Errorf("console: %s", m)
	}
}

// pictures is the folder for pictures that people look at; without one the test
// has nothing to do.
func pictures(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("INVITER_LOOK")
	if folder == "" {
		t.Skip("INVITER_LOOK names no folder for pictures")
	}
	return folder
}

// picture puts the whole page into a file of the folder.
func (b *tab) picture(folder, name string) {
	b.t.Helper()
	png, err := chromedp.Run(b, chromedp.FullScreenshot(100))
	check(b.t, err)
	check(b.t, os.WriteFile(filepath.Join(folder, name), png, 0o644))
}

// sight is one way to look at a page.
type sight struct {
	name, scheme, lang string
	width              int64
}

// publicLooks are the ways in which users' pages are looked at.
func publicLooks() []sight {
	return []sight{{"light", "light", "en", 1000}, {"dark", "dark", "en", 1000}, {"phone", "light", "de", 360}}
}
