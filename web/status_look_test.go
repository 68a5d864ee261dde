package web_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"inviter/e2e/private"
	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

// moments are status pages at each moment of a ticket's life, by name.
func moments(h *house) map[string]string {
	ctx := context.Background()
	paths := map[string]string{}
	for range 8 { // so that there is something to estimate from
		t := h.arrives()
		h.clock.pass(4 * time.Minute)
		_, err := h.Claim(ctx, t.ID, ada)
		check(h.t, err)
		_, err = h.Close(ctx, t.ID, ada, 1, ticket.Solved, "")
		check(h.t, err)
	}
	add := func(name string, then func(id ticket.ID) error, change ...func(*ticket.Delivery, *sample.Invitation)) {
		id := h.arrives(change...).ID
		check(h.t, then(id))
		paths[name] = h.status(id)
	}
	claim := func(id ticket.ID) error { _, err := h.Claim(ctx, id, ada); return err }
	add("claimed", claim, func(_ *ticket.Delivery, s *sample.Invitation) { s.Minutes = 46 })
	add("connected", func(id ticket.ID) error {
		check(h.t, claim(id))
		_, err := h.Connected(ctx, id, ada, 1)
		return err
	})
	add("closed", func(id ticket.ID) error {
		check(h.t, claim(id))
		_, err := h.Close(ctx, id, ada, 1, ticket.Solved, "")
		return err
	})
	add("withdrawn", func(id ticket.ID) error { _, err := h.Withdraw(ctx, id); return err })
	add("disowned", func(id ticket.ID) error { _, err := h.Disown(ctx, id); return err })
	add("quarantined", func(ticket.ID) error { return nil }, func(d *ticket.Delivery, _ *sample.Invitation) { d.Quarantine = true })
	add("next", func(ticket.ID) error { return nil }, func(d *ticket.Delivery, s *sample.Invitation) { s.Minutes = 9 })
	h.clock.pass(time.Second)
	add("waiting", func(ticket.ID) error { return nil })
	paths["invalid"] = "/t/x"
	return paths
}

// TestStatusInChromium: the user's page in a real browser.
func TestStatusInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	browser := private.Chromium(t)
	t.Run("live", func(t *testing.T) { statusLive(t, browser) })
	t.Run("the user acts", func(t *testing.T) { statusActs(t, browser) })
	t.Run("axe and width", func(t *testing.T) { statusAxe(t, browser) })
}

// statusLive: what happens is seen without a reload, and what is in the user's hands stays.
func statusLive(t *testing.T, browser context.Context) {
	h := build(t)
	first := h.arrives().ID
	h.clock.pass(time.Second)
	mine := h.arrives().ID
	b := h.sit(t, browser, "", "", h.status(mine))
	file := filepath.Join(t.TempDir(), "Invitation.msrcIncident")
	check(t, os.WriteFile(file, []byte("x"), 0o600))
	ask[any](b, `window.untouched = 1; document.querySelectorAll('#do details')[1].open = true; document.querySelectorAll('#do summary')[1].focus(); 0`)
	check(t, chromedp.Do(b, chromedp.SetUploadFiles(`#file`, []string{file}, chromedp.NodeReady)))
	b.until(`document.querySelector('h1').textContent === 'You are number 2 in line'`)
	_, err := h.Claim(t.Context(), first, ada)
	check(t, err)
	b.until(`document.querySelector('h1').textContent === 'You are next in line' && document.querySelector('#heard').textContent === 'You are next in line'`)
	if !ask[bool](b, `document.querySelectorAll('#do details')[1].open`) {
		t.Error("the question was folded under the user's hands")
	}
	_, err = h.Claim(t.Context(), mine, ada)
	check(t, err)
	given, err := h.Status(t.Context(), mine)
	check(t, err)
	b.until(fmt.Sprintf(`document.querySelector('.phrase')?.textContent === %q && document.title.startsWith('Ada is on the way')`, given.Words))
	if !ask[bool](b, `document.querySelectorAll('#do details')[1].open && document.activeElement === document.querySelectorAll('#do summary')[1] && document.querySelector('#file').files.length === 1`) {
		t.Error("what the user had in hand was lost with the claim")
	}
	tech := h.sit(t, browser, "ada.lovelace", ticket.RoleTechnician, "/?show=mine")
	tech.until(fmt.Sprintf(`document.querySelector('#t%d .open').textContent.includes(%q)`, mine, given.Words))
	if ask[int](b, `window.untouched`) != 1 {
		t.Error("the page was loaded anew")
	}
	b.silent()
}

// statusActs: a fresh file, then withdrawn, and the holder's page says so at once.
func statusActs(t *testing.T, browser context.Context) {
	h := build(t)
	old := h.arrives()
	h.clock.pass(time.Second)
	file := filepath.Join(t.TempDir(), "Invitation.msrcIncident")
	check(t, os.WriteFile(file, sample.Invitation{User: "jdoe", Password: "Passw0rd", Start: h.clock.time(), Minutes: 60, Seed: 99}.RA1(), 0o600))
	b := h.sit(t, browser, "", "", h.status(old.ID))
	b.click(`#do details:first-of-type summary`)
	check(t, chromedp.Do(b, chromedp.SetUploadFiles(`#file`, []string{file})))
	b.click(`#do details[open] button`)
	b.until(`document.body.textContent.includes('Number 2') && document.querySelector('h1').textContent === 'You are next in line'`)
	h.is(old.ID, ticket.Superseded)
	tech := h.sit(t, browser, "grace", ticket.RoleTechnician, "/")
	tech.live()
	tech.click(`#t2 .claim`)
	tech.until(`document.querySelector('#t2 .open')`)
	b.until(`document.querySelector('.phrase')`)
	b.click(`#do details:nth-of-type(2) summary`)
	b.click(`#do details[open] .ends`)
	b.until(`document.querySelector('h1').textContent === 'You have withdrawn it'`)
	tech.until(`!document.querySelector('#t2 button:enabled')`)
	h.is(2, ticket.Withdrawn)
	b.silent()
}

// statusAxe: axe finds nothing at any moment, in both languages, and nothing is wider than a phone.
func statusAxe(t *testing.T, browser context.Context) {
	h := build(t, func(o *web.Options) { o.Phone = "+49 30 123456" })
	for name, path := range moments(h) {
		b := h.sit(t, browser, "", "", path+"?lang=en")
		for i, look := range []struct {
			scheme, lang string
			width        int64
		}{{"light", "en", 1280}, {"dark", "de", 320}} {
			if i > 0 {
				b.open(path + "?lang=" + look.lang)
			}
			b.media(look.scheme, "reduce")
			check(t, chromedp.Do(b, chromedp.EmulateViewport(look.width, 900)))
			ask[any](b, `for (const d of document.querySelectorAll('details')) d.open = true; 0`)
			b.sound(fmt.Sprintf("%s, %s, %s, %d px", name, look.lang, look.scheme, look.width))
			if wide := ask[int](b, `document.documentElement.scrollWidth`); int64(wide) > look.width {
				t.Errorf("%s is %d px wide at %d", name, wide, look.width)
			}
		}
		if name != "invalid" { // the browser itself complains of a 404
			b.silent()
		}
		chromedp.Cancel(b)
	}
}

// TestStatusLook takes pictures into INVITER_LOOK, to be looked at by people.
func TestStatusLook(t *testing.T) {
	folder := pictures(t)
	browser := private.Chromium(t)
	h := build(t, func(o *web.Options) { o.Phone, o.Desk = "4400", "Example Org Helpdesk" })
	for name, path := range moments(h) {
		for _, look := range publicLooks() {
			b := h.sit(t, browser, "", "", path+"?lang="+look.lang)
			b.media(look.scheme, "reduce")
			check(t, chromedp.Do(b, chromedp.EmulateViewport(look.width, 700), chromedp.Sleep(200*time.Millisecond)))
			b.picture(folder, "status-"+name+"-"+look.name+".png")
			chromedp.Cancel(b)
		}
	}
}
