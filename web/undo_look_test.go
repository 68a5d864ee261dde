package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"inviter/invitation/sample"
	"inviter/ticket"
)

// claimUndone: a wrong click is taken back in one, as long as nothing came of it.
func claimUndone(t *testing.T, browser context.Context) {
	h := build(t)
	h.arrives()
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.live()
	b.click(`#t1 .claim`)
	b.until(`document.querySelector('#t1.yours .act form[action$="/undo"] button')`)
	b.click(`#t1 .act form[action$="/undo"] button`)
	b.until(`document.querySelector('#t1 .claim') && !document.querySelector('#t1 .open')`)
	b.click(`#t1 .claim`)
	b.until(`document.querySelector('#t1 .act form[action$="/undo"]')`)
	b.settled()
	h.clock.pass(ticket.UndoFor) // the page's clock has not come so far: the server decides
	b.click(`#t1 .act form[action$="/undo"] button`)
	b.until(`document.querySelector('#t1.yours .said')?.textContent.includes('can’t be undone any more') && !document.querySelector('#t1 form[action$="/undo"]')`)
	ask[any](b, `document.querySelector('#t1 .open').insertAdjacentHTML('beforeend', '<form data-until="1" id="past"></form>'); dispatchEvent(new Event('visibilitychange')); 0`)
	b.until(`!document.querySelector('#past')`) // the page takes it away by itself, as soon as it looks
	trail := h.get(h.browser("ada", ticket.RoleTechnician), "/tickets/1").text
	if !strings.Contains(trail, "took the claim back at once") {
		t.Error("the trail doesn't tell of it")
	}
	b.silent()
}

// nextAsksFirst: n doesn't claim past a warning that a click would have to answer.
func nextAsksFirst(t *testing.T, browser context.Context) {
	h := build(t)
	h.arrives(func(d *ticket.Delivery, _ *sample.Invitation) { d.Flags = []ticket.Flag{ticket.OutsideNetworks} })
	h.clock.pass(time.Minute)
	h.arrives()
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.live()
	b.key("n")
	b.until(`document.querySelector('#t1 .said')?.textContent.includes('outside your networks') && document.activeElement.matches('#t1 summary.claim')`)
	if one, err := h.Ticket(t.Context(), 1); err != nil || one.State != ticket.Waiting {
		t.Errorf("%+v, %v", one, err)
	}
	b.key(kb.Enter)
	b.until(`document.querySelector('#t1 details[open]')`)
	b.click(`#t1 details form button`)
	b.until(`document.querySelector('#t1.yours .open')`)
	b.key("n")
	b.until(`document.querySelector('#t2.yours .open')`) // the next one has no flag
	b.silent()
}

// TestNextWithoutScriptAsksToo: the same by forms.
func TestNextWithoutScriptAsksToo(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.arrives(func(d *ticket.Delivery, _ *sample.Invitation) { d.Flags = []ticket.Flag{ticket.OutsideNetworks} })
	c := h.browser("ada", ticket.RoleTechnician)
	a := h.post(c, "/claims", url.Values{}, "Referer", h.server.URL+"/")
	if to := a.Header.Get("Location"); a.StatusCode != 303 || to != "/?about=1&said=ask-outside#t1" {
		t.Fatalf("%d %s", a.StatusCode, to)
	}
	if text := h.get(c, "/?about=1&said=ask-outside").text; !strings.Contains(text, "outside your networks") || !strings.Contains(text, "Claim anyway") {
		t.Error("the row doesn't say so")
	}
	if a := h.call(h.hire("ada", ticket.RoleTechnician), "POST", "/api/v1/claims", ""); a.StatusCode != 200 {
		t.Errorf("a program isn't asked: %d", a.StatusCode)
	}
}

// TestNextIsTheQueuesNext: what the page would lead to is what the queue gives.
func TestNextIsTheQueuesNext(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.arrives()
	h.clock.pass(time.Minute)
	h.arrives(func(d *ticket.Delivery, s *sample.Invitation) { s.Minutes = 9 }) // ends first
	h.arrives(func(d *ticket.Delivery, _ *sample.Invitation) { d.Flags = []ticket.Flag{ticket.OutsideNetworks} })
	c := h.browser("ada", ticket.RoleTechnician)
	for _, want := range []string{"#t2", "#t1", "#t3"} {
		if to := h.post(c, "/claims", url.Values{}, "Referer", h.server.URL+"/").Header.Get("Location"); !strings.HasSuffix(to, want) {
			t.Errorf("led to %s, want %s", to, want)
		}
	}
}
