package web_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"inviter/e2e/private"
	"inviter/ticket"
	"inviter/web"
)

// TestSupportInChromium: support links in a real browser; every tab has a
// profile of its own, as another computer would.
func TestSupportInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	browser := private.Chromium(t)
	t.Run("two computers", func(t *testing.T) { supportTwoComputers(t, browser) })
	t.Run("time passes", func(t *testing.T) { supportTimePasses(t, browser) })
	t.Run("by phone, without script", func(t *testing.T) { supportByPhone(t, browser) })
	t.Run("axe and width", func(t *testing.T) { supportAxe(t, browser) })
}

// heads waits for a page's first line.
func (b *tab) heads(line string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.querySelector('h1').textContent === %q`, line))
}

// supportTwoComputers: a link's whole life, told live on both sides.
func supportTwoComputers(t *testing.T, browser context.Context) {
	h := build(t)
	tech := h.sit(t, browser, "ada.lovelace", ticket.RoleTechnician, "/links")
	tech.live()
	check(t, chromedp.Do(tech, chromedp.SendKeys(`#note`, "Second monitor stays black")))
	tech.click(`form[action="/links"] button`)
	tech.until(`document.querySelector('#n-link1')?.textContent.startsWith('No computer yet.')`)
	tech.live()
	path := mustURL(t, ask[string](tech, `document.querySelector('.links code').textContent`)).Path

	one, two := h.sit(t, browser, "", "", path), h.sit(t, browser, "", "", path)
	one.heads("Ada offers to help")
	two.heads("Ada offers to help")
	one.until(`document.querySelector('.words').textContent === 'Second monitor stays black'`)
	one.click(`#do button`)
	one.heads("This computer is ready")
	two.heads("The support session is invalid") // told at once, and nothing of the link stays
	two.until(`!document.body.textContent.includes('Second monitor')`)
	tech.until(`document.querySelector('#n-link1').textContent.startsWith('One computer')`)

	one.open("/s") // leaving ends nothing
	one.open(path)
	one.heads("This computer is ready")
	file := filepath.Join(t.TempDir(), "Invitation.msrcIncident")
	check(t, os.WriteFile(file, h.made(1), 0o600))
	check(t, chromedp.Do(one, chromedp.SetUploadFiles(`#file`, []string{file})))
	one.click(`#do form button`)
	one.heads("Ada has your invitation")
	h.is(1, ticket.Claimed)
	tech.until(`document.querySelector('#n-link1 a')?.getAttribute('href') === '/tickets/1'`)
	ask[any](one, `window.untouched = 1`)
	h.clock.pass(time.Second)
	tech.click(`form[action="/links/1/ask-again"] button`)
	one.heads("Ada asks for a new invitation")
	check(t, chromedp.Do(one, chromedp.SetValue(`#text`, string(h.made(2)))))
	if ask[int](one, `window.untouched`) != 1 {
		t.Error("the page was loaded anew")
	}
	h.clock.pass(time.Second)
	one.click(`#do form button`)
	one.heads("Ada has your invitation")
	h.is(1, ticket.Superseded)
	h.is(2, ticket.Claimed)
	tech.until(`document.querySelector('#n-link1 a')?.getAttribute('href') === '/tickets/2'`)
	tech.click(`details[data-keep=link1] summary`)
	tech.click(`details[data-keep=link1] button[value=solved]`)
	one.heads("The support session was closed by your technician")
	one.until(`document.querySelector('#heard').textContent === document.querySelector('h1').textContent && document.body.textContent.includes('Number 2 has ended')`)
	h.is(2, ticket.Closed)
	one.open(path) // whoever comes afterwards
	one.heads("The support session is invalid")
	tech.silent()
}

// supportTimePasses: the end of its time is told on the open page, and a stream
// that was cut off meanwhile learns of a close all the same.
func supportTimePasses(t *testing.T, browser context.Context) {
	h := build(t, func(o *web.Options) { o.Beat = 20 * time.Millisecond })
	token := h.hire("ada", ticket.RoleTechnician)
	first, second := h.invites(token, `{"lifetime":"10m"}`), h.invites(token, `{"lifetime":"20m"}`)
	b, c := h.sit(t, browser, "", "", first.path), h.sit(t, browser, "", "", second.path)
	b.click(`#do button`)
	b.heads("This computer is ready")
	c.heads("Ada offers to help")
	h.clock.pass(10 * time.Minute)
	b.heads("The support session has expired")
	ask[any](c, `window.untouched = 1; 0`)
	h.call(token, "POST", "/api/v1/links/"+second.id+"/close", "")
	c.heads("The support session was closed by your technician")
	if ask[int](c, `window.untouched`) != 1 {
		t.Error("the page was loaded anew")
	}
}

// supportByPhone: six digits, and all of it without script.
func supportByPhone(t *testing.T, browser context.Context) {
	h := build(t)
	token := h.hire("ada", ticket.RoleTechnician)
	l := h.invites(token, `{"lifetime":"10m"}`)
	b := h.sit(t, browser, "", "", "/s")
	_, err := chromedp.Call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	check(t, err)
	b.open("/s")
	check(t, chromedp.Do(b, chromedp.SendKeys(`#code`, l.code[:3]+" "+l.code[3:])))
	b.click(`button.solid`)
	b.heads("Ada offers to help")
	b.click(`#do button`)
	b.heads("This computer is ready")
	file := filepath.Join(t.TempDir(), "Invitation.msrcIncident")
	check(t, os.WriteFile(file, h.made(1), 0o600))
	check(t, chromedp.Do(b, chromedp.SetUploadFiles(`#file`, []string{file})))
	b.click(`#do form button`)
	b.heads("Ada has your invitation")
	h.call(token, "POST", "/api/v1/links/"+l.id+"/close", "")
	b.click(`#do summary`)
	b.click(`#do details form button`) // a page that was open, and could not be told live
	b.heads("The support session was closed by your technician")
}

// supportMoments are the pages of support links at each moment: who sits there, and where.
func supportMoments(h *house) map[string]func(t *testing.T, browser context.Context) *tab {
	token := h.hire("ada.lovelace", ticket.RoleTechnician)
	note := `"note":"Second monitor stays black"`
	user := func(then func(b *tab, l invited)) func(*testing.T, context.Context) *tab {
		return func(t *testing.T, browser context.Context) *tab {
			l := h.invites(token, `{"lifetime":"4h",`+note+`}`)
			b := h.sit(t, browser, "", "", l.path)
			then(b, l)
			return b
		}
	}
	yes := func(b *tab) { b.click(`#do button`); b.heads("This computer is ready") }
	brings := func(b *tab) {
		yes(b)
		h.items++
		ask[any](b, fmt.Sprintf(`document.querySelector('#text').value = %q; 0`, h.made(int64(100+h.items))))
		b.click(`#do form button`)
		b.heads("Ada has your invitation")
	}
	technician := func(t *testing.T, browser context.Context) *tab {
		return h.sit(t, browser, "ada.lovelace", ticket.RoleTechnician, "/links")
	}
	return map[string]func(*testing.T, context.Context) *tab{
		"offered": user(func(*tab, invited) {}),
		"ready":   user(func(b *tab, _ invited) { yes(b) }),
		"held":    user(func(b *tab, _ invited) { brings(b) }),
		"asked": user(func(b *tab, l invited) {
			brings(b)
			h.clock.pass(time.Second)
			h.call(token, "POST", "/api/v1/links/"+l.id+"/ask-again", "")
			b.heads("Ada asks for a new invitation")
		}),
		"closed": user(func(b *tab, l invited) {
			brings(b)
			h.call(token, "POST", "/api/v1/links/"+l.id+"/close", "")
			b.heads("The support session was closed by your technician")
		}),
		"invalid": user(func(b *tab, _ invited) { b.open("/s/x") }),
		"code":    user(func(b *tab, _ invited) { b.open("/s") }),
		"links":   technician,
		"no links": func(t *testing.T, browser context.Context) *tab {
			return h.sit(t, browser, "grace", ticket.RoleTechnician, "/links?said=expired")
		},
	}
}

// supportAxe: axe finds nothing at any moment, in both languages, and nothing is wider than a phone.
func supportAxe(t *testing.T, browser context.Context) {
	h := build(t, func(o *web.Options) { o.Phone = "+49 30 123456" })
	for name, open := range supportMoments(h) {
		b := open(t, browser)
		for _, look := range []struct {
			scheme, lang string
			width        int64
		}{{"light", "en", 1280}, {"dark", "de", 320}} {
			if name != "closed" { // a page that is told live is in no language but its own
				b.open(ask[string](b, `location.pathname`) + "?lang=" + look.lang)
			}
			b.media(look.scheme, "reduce")
			check(t, chromedp.Do(b, chromedp.EmulateViewport(look.width, 900)))
			ask[any](b, `for (const d of document.querySelectorAll('details')) d.open = true; 0`)
			b.sound(fmt.Sprintf("%s, %s, %s, %d px", name, look.lang, look.scheme, look.width))
			if wide := ask[int](b, `document.documentElement.scrollWidth`); int64(wide) > look.width {
				t.Errorf("%s is %d px wide at %d", name, wide, look.width)
			}
		}
		for _, m := range b.complaints() {
			if !strings.Contains(m, "Failed to load resource") { // the browser itself, of a 404
				t.Errorf("%s: %s", name, m)
			}
		}
		chromedp.Cancel(b)
	}
}

// TestSupportLook takes pictures into INVITER_LOOK, to be looked at by people.
func TestSupportLook(t *testing.T) {
	folder := pictures(t)
	browser := private.Chromium(t)
	h := build(t, func(o *web.Options) { o.Phone, o.Desk = "4400", "Example Org Helpdesk" })
	for name, open := range supportMoments(h) {
		b := open(t, browser)
		for _, look := range publicLooks() {
			if name != "closed" {
				b.open(ask[string](b, `location.pathname`) + "?lang=" + look.lang)
			}
			b.media(look.scheme, "reduce")
			check(t, chromedp.Do(b, chromedp.EmulateViewport(look.width, 700), chromedp.Sleep(200*time.Millisecond)))
			b.picture(folder, "support-"+name+"-"+look.name+".png")
		}
		chromedp.Cancel(b)
	}
}
