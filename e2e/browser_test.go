package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"inviter/e2e/private"
)

// reader is a person in front of a real browser.
type reader struct {
	t   *testing.T
	tab context.Context
}

// signIn opens a browser window of the person's own and logs in by the form.
func (h *helpdesk) signIn(t *testing.T, browser context.Context, name string) *reader {
	t.Helper()
	r := &reader{t, private.Tab(t, browser)}
	r.do(
		chromedp.Navigate(h.url+"/login"),
		chromedp.SendKeys(chromedp.CSS("input[name=name]"), name),
		chromedp.SendKeys(chromedp.CSS("input[name=password]"), passwordOf(name)),
		chromedp.Submit(chromedp.CSS("input[name=password]")),
	)
	r.reaches("the live page", `document.querySelector("#live.on") !== null`)
	return r
}

func (r *reader) do(steps ...chromedp.Action[chromedp.Void]) {
	r.t.Helper()
	if err := chromedp.Do(r.tab, steps...); err != nil {
		r.t.Fatal(err)
	}
}

// sees waits until the page shows it; the page is never loaded anew for that.
func (r *reader) sees(what, condition string) {
	r.t.Helper()
	if _, err := chromedp.Run(r.tab, chromedp.Poll[bool](condition)); err != nil {
		text, _ := chromedp.Run(r.tab, chromedp.Evaluate[string]("document.body.innerText"))
		r.t.Fatalf("never saw %s: %v\n%s", what, err, text)
	}
}

// reads is the text of the ticket's row.
func (r *reader) reads(id int64) string {
	r.t.Helper()
	text, err := chromedp.Run(r.tab, chromedp.Evaluate[string](fmt.Sprintf("document.getElementById('t%d').innerText", id)))
	if err != nil {
		r.t.Fatal(err)
	}
	return text
}

func row(id int64, selector string) string {
	return fmt.Sprintf("document.querySelector('#t%d %s')", id, selector)
}

func (r *reader) click(id int64, selector string) {
	r.t.Helper()
	if _, err := chromedp.Run(r.tab, chromedp.Evaluate[bool](row(id, selector)+".click() === undefined")); err != nil {
		r.t.Fatalf("click %s: %v", selector, err)
	}
}

// From a mail to a closed ticket as two technicians live it, each in a browser
// of their own: it appears without a reload, both claim at the same moment, one
// holds it, the other reads who; the file comes byte for byte; handed back, the
// other takes it; closed, nobody can.
func TestTwoTechniciansAndOneMail(t *testing.T) {
	t.Parallel()
	mail := private.Dovecot(t, private.DovecotOptions{})
	browser := private.Chromium(t)
	h := newHelpdesk(t, mailboxAt(mail.URL("help", "INBOX"), ""))
	h.serve()
	people := map[string]*person{"ada": h.technician("ada", "technician"), "grace": h.technician("grace", "technician")}
	pages := map[string]*reader{"ada": h.signIn(t, browser, "ada"), "grace": h.signIn(t, browser, "grace")}

	file := invite(1, "jdoe").RA2()
	mailTo(t, mail, mailWith("Jane Doe <jane.doe@example.org>", "Printer", file))
	id := people["ada"].appear(1, "waiting")[0].ID
	for name, page := range pages {
		page.sees(name+"'s row", row(id, "button.claim")+" !== null")
		if text := page.reads(id); !strings.Contains(text, "Jane Doe") || !strings.Contains(text, "Printer") {
			t.Errorf("%s reads %q", name, text)
		}
	}

	var race sync.WaitGroup
	for _, page := range pages {
		race.Go(func() { page.click(id, "button.claim") })
	}
	race.Wait()
	holder, other := "ada", "grace"
	if people["ada"].appear(1, "claimed")[0].Claim.Holder == "grace" {
		holder, other = other, holder
	}
	pages[holder].sees("the opened row", row(id, ".open")+" !== null")
	pages[other].sees("who has it", fmt.Sprintf("%s.innerText.includes(%q)", row(id, ".act"), holder))
	if text := pages[other].reads(id); strings.Contains(text, "Download") {
		t.Errorf("%s is offered the file: %q", other, text)
	}

	pages[holder].click(id, "form[action$=invitation] button")
	a := people[holder].wants(http.StatusOK, http.MethodPost, people[holder].on(id, "invitation"), map[string]int{"claim": 1})
	if !bytes.Equal(a.Body, file) {
		t.Errorf("the file changed on its way: %d bytes, sent %d", len(a.Body), len(file))
	}
	people[other].wants(http.StatusConflict, http.MethodPost, people[other].on(id, "invitation"), map[string]int{"claim": 1})

	pages[holder].click(id, "form[action$=release] [value=no-answer]")
	pages[other].sees("the ticket back in line", row(id, "button.claim")+" !== null")
	pages[other].click(id, "button.claim")
	pages[other].sees("the opened row", row(id, ".open")+" !== null")
	pages[holder].sees("that it is gone to the other", fmt.Sprintf("%s.innerText.includes(%q)", row(id, ".act"), other))

	pages[other].click(id, "form[action$=close] [value=solved]")
	people[holder].appear(1, "closed")
	// Where the row has the focus it stays, dead, until the reader lets go of it.
	pages[holder].sees("the end", row(id, "button:enabled")+" === null")
	gone := people[holder].wants(http.StatusGone, http.MethodPost, people[holder].on(id, "claim"), nil)
	if code, _ := gone.problem(); code != "closed" {
		t.Errorf("claim after the end: %s", gone.Body)
	}
}

// Without JavaScript the same verbs work by forms and reloads.
func TestWithoutScript(t *testing.T) {
	t.Parallel()
	h, id := dropped(t)
	client := h.formClient("ada")
	for _, step := range []struct {
		verb string
		form map[string]string
		want string
	}{
		{"claim", nil, "claimed"},
		{"release", map[string]string{"claim": "1", "reason": "interrupted"}, "waiting"},
		{"claim", nil, "claimed"},
		{"close", map[string]string{"claim": "2", "outcome": "solved", "note": "done"}, "closed"},
	} {
		client.post(t, fmt.Sprintf("%s/tickets/%d/%s", h.url, id, step.verb), step.form)
		ada := client.person
		if v := ada.wants(http.StatusOK, http.MethodGet, fmt.Sprintf("/tickets/%d", id), nil).ticket(t); v.State != step.want {
			t.Fatalf("after %s: %s", step.verb, v.State)
		}
	}
}
