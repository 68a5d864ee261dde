package web_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"inviter/e2e/private"
	"inviter/ticket"
	"inviter/web"
)

// TestAskInChromium: handing in, in a real browser.
func TestAskInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	browser := private.Chromium(t)
	t.Run("drop", func(t *testing.T) { askDrops(t, browser) })
	t.Run("without script", func(t *testing.T) { askWithoutScript(t, browser) })
	t.Run("requests without a file", func(t *testing.T) { asksWithoutFile(t, browser) })
	t.Run("axe and width", func(t *testing.T) { askAxe(t, browser) })
}

// askDrops: a wrong file is told at once, the right one too, and both before
// anything is sent. Then the status page of the new ticket.
func askDrops(t *testing.T, browser context.Context) {
	h := build(t)
	b := h.sit(t, browser, "", "", "/ask?lang=de")
	drop := func(name, content string) {
		ask[any](b, fmt.Sprintf(`{const data = new DataTransfer(); data.items.add(new File([%q], %q));
			for (const type of ['dragover', 'drop']) document.querySelector('.drop').dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));} 0`, content, name))
	}
	drop("holiday.txt", "Nothing to see here.")
	b.until(`document.querySelector('#verdict').textContent.includes('Das ist keine Einladung')`)
	drop("Einladung.msrcIncident", h.file(1))
	b.until(`document.querySelector('#verdict').textContent.includes('Das ist eine Einladung')`)
	if n, err := h.Counts(t.Context()); err != nil || n[ticket.Waiting] != 0 {
		t.Errorf("the look made a ticket: %v %v", n, err)
	}
	check(t, chromedp.Do(b, chromedp.SendKeys(`#user`, "Jürgen Weiß"), chromedp.SendKeys(`#note`, "Es piept.")))
	b.click(`.hand-in .solid`)
	b.until(`document.querySelector('h1').textContent === 'Sie sind als Nächstes an der Reihe'`)
	if got := h.is(1, ticket.Waiting); got.User.Name != "Jürgen Weiß" || got.Note != "Es piept." {
		t.Errorf("%+v", got)
	}
	b.silent()
}

func askWithoutScript(t *testing.T, browser context.Context) {
	h := build(t)
	b := h.sit(t, browser, "", "", "/login")
	_, err := chromedp.Call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	check(t, err)
	b.open("/ask?lang=en")
	file := filepath.Join(t.TempDir(), "Invitation.msrcIncident")
	check(t, os.WriteFile(file, []byte(h.file(1)[:300]), 0o600))
	hand := func() {
		check(t, chromedp.Do(b, chromedp.SetUploadFiles(`#file`, []string{file})))
		b.click(`.hand-in .solid`)
	}
	check(t, chromedp.Do(b, chromedp.SendKeys(`#user`, "Jane Doe")))
	hand()
	check(t, chromedp.Do(b, chromedp.WaitVisible(`#verdict .last`)))
	check(t, os.WriteFile(file, []byte(h.file(1)), 0o600))
	hand() // the name stands there still
	check(t, chromedp.Do(b, chromedp.WaitVisible(`.so-far`)))
	if got := h.is(1, ticket.Waiting); got.User.Name != "Jane Doe" {
		t.Errorf("%+v", got)
	}
}

// asksWithoutFile: a technician writes down a call, a user asks by Easy Connect,
// and who claims them gets the lines ready.
func asksWithoutFile(t *testing.T, browser context.Context) {
	h := build(t)
	ada := h.sit(t, browser, "ada", ticket.RoleTechnician, "/?lang=de")
	ada.click(`a[href="/offer"]`)
	check(t, chromedp.Do(ada, chromedp.WaitVisible(`#computer`), chromedp.SendKeys(`#computer`, "PC 17")))
	ada.click(`.asks .solid`)
	check(t, chromedp.Do(ada, chromedp.WaitVisible(`#wrong`), chromedp.SetValue(`#computer`, "PC-17")))
	ada.click(`.asks .solid`)
	check(t, chromedp.Do(ada, chromedp.WaitVisible(`#trail`)))
	user := h.sit(t, browser, "", "", "/ask?lang=de")
	user.click(`.easy > summary`)
	check(t, chromedp.Do(user, chromedp.SendKeys(`#easy-user`, "Jürgen"), chromedp.SendKeys(`#contact`, "318")))
	user.click(`.easy button`)
	check(t, chromedp.Do(user, chromedp.WaitVisible(`.so-far`)))
	ada.open("/?lang=de")
	ada.live()
	ada.click(`#t1 .claim`)
	ada.until(`document.querySelector('#t1 .open')?.textContent.includes('msra /offerra PC-17')`)
	ada.click(`#t2 .claim`)
	ada.until(`document.querySelector('#t2 .open')?.textContent.includes('318') && document.querySelector('#t2 .open').textContent.includes('msra /offereasyhelp')`)
	user.until(`document.querySelector('h1').textContent.startsWith('Ada ')`)
	user.silent()
}

// askLooks is /ask in each language, empty and after a refusal.
func askLooks(b *tab, lang string) map[string]func() {
	return map[string]func(){
		"empty": func() { b.open("/ask?lang=" + lang) },
		"easy": func() {
			b.open("/ask?lang=" + lang)
			b.click(`.easy > summary`)
			check(b.t, chromedp.Do(b, chromedp.SendKeys(`#easy-user`, "Jane"), chromedp.SendKeys(`#contact`, "2214"), chromedp.SendKeys(`#easy-code`, "x")))
			b.click(`.easy button`)
			check(b.t, chromedp.Do(b, chromedp.WaitVisible(`#verdict .last`)))
		},
		"said": func() {
			b.open("/ask?lang=" + lang)
			check(b.t, chromedp.Do(b, chromedp.SendKeys(`#user`, "Maximiliane-Charlotte Freifrau von Hohenstein-Oberweiler"), chromedp.SendKeys(`#code`, "x")))
			b.click(`.hand-in .solid`)
			check(b.t, chromedp.Do(b, chromedp.WaitVisible(`#verdict .last`)))
		},
	}
}

func askAxe(t *testing.T, browser context.Context) {
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	check(t, err)
	h := build(t, func(o *web.Options) { o.Phone, o.Ask = "4400", web.Ask{Code: "sesame", Mails: true} })
	b := h.sit(t, browser, "", "", "/ask?lang=en")
	for _, look := range []struct {
		scheme, lang string
		width        int64
	}{{"light", "en", 1280}, {"dark", "de", 320}} {
		b.media(look.scheme, "reduce")
		check(t, chromedp.Do(b, chromedp.EmulateViewport(look.width, 900)))
		for name, show := range askLooks(b, look.lang) {
			show()
			ask[any](b, `for (const d of document.querySelectorAll('details')) d.open = true; 0`)
			ask[any](b, string(axe)+";0")
			for _, v := range ask[[]string](b, `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 200)).join('; ')))`) {
				t.Errorf("%s, %s, %s, %d px: %s", name, look.lang, look.scheme, look.width, v)
			}
			if wide := ask[int](b, `document.documentElement.scrollWidth`); int64(wide) > look.width {
				t.Errorf("%s is %d px wide at %d", name, wide, look.width)
			}
			for _, words := range ask[[]string](b, `[...document.querySelectorAll('.pic text')].filter((x) => { const a = x.getBBox(), v = x.ownerSVGElement.viewBox.baseVal; return a.x < 8 || a.x + a.width > v.width - 8; }).map((x) => x.textContent)`) {
				t.Errorf("%s: a picture has no room for %q", look.lang, words)
			}
		}
	}
}

// TestAskLook takes pictures into INVITER_LOOK, to be looked at by people.
func TestAskLook(t *testing.T) {
	folder := pictures(t)
	browser := private.Chromium(t)
	h := build(t, func(o *web.Options) {
		o.Phone, o.Desk, o.Ask = "4400", "Example Org Helpdesk", web.Ask{Code: "sesame", Mails: true}
	})
	for _, look := range []struct {
		name, scheme, lang string
		width              int64
	}{{"light", "light", "en", 1200}, {"dark", "dark", "de", 1200}, {"phone", "light", "de", 360}} {
		b := h.sit(t, browser, "", "", "/ask?lang="+look.lang)
		b.media(look.scheme, "reduce")
		check(t, chromedp.Do(b, chromedp.EmulateViewport(look.width, 700)))
		for name, show := range askLooks(b, look.lang) {
			show()
			ask[any](b, `for (const d of document.querySelectorAll('.how details')) d.open = true; 0`)
			check(t, chromedp.Do(b, chromedp.Sleep(200*time.Millisecond)))
			b.picture(folder, "ask-"+name+"-"+look.name+".png")
		}
		chromedp.Cancel(b)
	}
}

// TestRequestsLook takes pictures of what technicians see of requests without a file.
func TestRequestsLook(t *testing.T) {
	folder := pictures(t)
	browser := private.Chromium(t)
	h := build(t)
	user := h.browser("", "")
	first := h.asksEasy(user, "Jane Doe", "2214")
	h.helps(first.ID)
	h.post(user, h.status(first.ID)+"/answer", url.Values{"solved": {"no"}})
	done := h.asksEasy(h.browser("", ""), "Tom Becker", "318")
	h.helps(done.ID)
	h.post(user, h.status(done.ID)+"/answer", url.Values{"solved": {"no"}})
	tech := h.browser("grace", ticket.RoleTechnician)
	h.post(tech, "/offer", url.Values{"user": {"Priya Raman"}, "computer": {"PC-0417"}, "phone": {"407"}, "note": {"VPN connects, but nothing opens"}})
	again := h.asksEasy(user, "Jane Doe", "2214")
	h.post(tech, "/tickets/"+again.ID.String()+"/claim", nil)
	h.post(tech, "/tickets/3/claim", nil)
	h.asksEasy(h.browser("", ""), "Lin Wei", "room 3.17")
	for _, look := range []struct {
		name, scheme, lang string
		width              int64
	}{{"light", "light", "en", 1200}, {"dark", "dark", "de", 1200}, {"phone", "light", "de", 360}} {
		for name, path := range map[string]string{"queue": "/", "contacts": "/contacts", "offer": "/offer", "known": h.status(first.ID)} {
			b := h.sit(t, browser, "grace", ticket.RoleTechnician, path+"?lang="+look.lang)
			b.media(look.scheme, "reduce")
			check(t, chromedp.Do(b, chromedp.EmulateViewport(look.width, 700), chromedp.Sleep(200*time.Millisecond)))
			b.picture(folder, "req-"+name+"-"+look.name+".png")
			chromedp.Cancel(b)
		}
	}
}
