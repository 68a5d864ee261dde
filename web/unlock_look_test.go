package web_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"inviter/e2e/private"
	"inviter/invitation/sample"
	"inviter/ticket"
)

// TestPasswordInABrowser: the answer comes into the row, a wrong word stays to
// be mended, a right one doesn't, and what was found out outlasts the next change.
func TestPasswordInABrowser(t *testing.T) {
	t.Parallel()
	browser := private.Chromium(t)
	h := build(t)
	id := h.locked(sample.Invitation.RA2)
	tab := private.Tab(t, browser)
	defer chromedp.Cancel(tab)
	h.enter(tab, "ada", ticket.RoleTechnician)
	check(t, chromedp.Do(tab, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(h.server.URL+"/?lang=en")))
	field := fmt.Sprintf("document.querySelector('#t%s input[name=password]')", id)
	try := func(password string) {
		t.Helper()
		becomes(t, tab, field+" !== null")
		asks(t, tab, fmt.Sprintf("(%s.value = %q) && (%s.form.requestSubmit(), true)", field, password, field))
	}
	says := func(text string) string {
		return fmt.Sprintf("document.querySelector('#t%s').innerText.includes(%q)", id, text)
	}
	try("wrong one")
	becomes(t, tab, says("The password does not fit this invitation."))
	becomes(t, tab, field+".value === 'wrong one'")
	look(t, tab, "unlock-wrong")
	try("CANARYPW2345")
	becomes(t, tab, says("Right. Not kept anywhere.")+" && "+says("10.77.66.55:51234"))
	becomes(t, tab, field+".value === ''")
	look(t, tab, "unlock-right")

	grown, err := h.Connected(t.Context(), 1, ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}, 1)
	check(t, err)
	becomes(t, tab, "Number(document.querySelector('#main').dataset.revision) >= 0 && document.querySelector('#t1 details[data-keep=work]') !== null")
	asks(t, tab, "document.querySelector('#t1 details[data-keep=work]').open = true")
	becomes(t, tab, says("Right. Not kept anywhere.")+" && "+says("10.77.66.55:51234"))
	if grown.Claim.Connected.IsZero() {
		t.Error("not connected")
	}
}

// becomes waits until a condition of the page is true.
func becomes(t *testing.T, tab context.Context, condition string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](condition)); err != nil {
		text, _ := chromedp.Run(tab, chromedp.Evaluate[string]("document.body.innerText"))
		t.Fatalf("never came true: %s: %v\n%s", condition, err, text)
	}
}

func asks(t *testing.T, tab context.Context, script string) {
	t.Helper()
	if _, err := chromedp.Run(tab, chromedp.Evaluate[bool](script)); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}

// look takes the tab's pictures into the folder INVITER_LOOK, if that is set.
func look(t *testing.T, tab context.Context, name string) {
	t.Helper()
	folder := os.Getenv("INVITER_LOOK")
	if folder == "" {
		return
	}
	for _, l := range []struct {
		name, scheme string
		width        int64
	}{{"light", "light", 1280}, {"dark", "dark", 1280}, {"narrow", "light", 360}, {"narrow-dark", "dark", 360}} {
		_, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: l.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		check(t, err)
		check(t, chromedp.Do(tab, chromedp.EmulateViewport(l.width, 900)))
		png, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
		check(t, err)
		check(t, os.WriteFile(filepath.Join(folder, name+"-"+l.name+".png"), png, 0o644))
	}
}
