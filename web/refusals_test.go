package web_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

// rejects records something of a source that can't be used, and gives its number.
func (h *house) rejects(source, raw string) string {
	h.t.Helper()
	h.items++
	d := ticket.Delivery{
		Source: source, Item: strconv.Itoa(h.items) + "#2m-dn70", Received: h.clock.time(), From: ticket.User{Key: "mail:eve", Address: "eve@example.org"},
		Refusal: &invitation.Refusal{Code: invitation.Damaged, Detail: "cut off"},
	}
	if raw != "" {
		d.Raw = &ticket.Raw{Name: "a.msrcIncident", Body: []byte(raw)}
	}
	_, err := h.Submit(context.Background(), []ticket.Delivery{d})
	check(h.t, err)
	list, err := h.Queue.Refusals(context.Background())
	check(h.t, err)
	return strconv.FormatInt(list[0].ID, 10)
}

// reading has sources find an invitation in what says "good".
func reading(o *web.Options) {
	o.Reread = func(k ticket.Kept) (ticket.Delivery, error) {
		d := ticket.Delivery{Source: k.Source, Item: k.Item, From: k.From, Received: k.Received}
		if !strings.HasPrefix(string(k.Raw.Body), "good") {
			d.Refusal = &invitation.Refusal{Code: invitation.BadTime, Detail: "no time"}
			return d, nil
		}
		inv, err := invitation.Parse(sample.Invitation{User: "eve", Start: k.Received, Minutes: 60, Seed: int64(len(k.Raw.Body))}.RA1())
		d.Invitations = []invitation.Invitation{inv}
		return d, err
	}
}

func TestRefusalsOverTheAPI(t *testing.T) {
	t.Parallel()
	h := build(t, reading)
	ada, lena := h.hire("ada", ticket.RoleTechnician), h.hire("lena", ticket.RoleLead)
	good, bad, gone := h.rejects("mailbox:helpdesk", "good mail"), h.rejects("share:support", "bad"), h.rejects("share:support", "")
	list := h.call(ada, "GET", "/api/v1/refusals", "").json(t)["refusals"].([]any)
	first := list[2].(map[string]any)
	for field, want := range map[string]any{"source": "mailbox:helpdesk", "from": "eve@example.org", "code": "damaged", "message": "cut off", "kept": true} {
		if first[field] != want {
			t.Errorf("%s is %v", field, first[field])
		}
	}
	if list[0].(map[string]any)["kept"] != false {
		t.Errorf("%v", list[0])
	}
	path := func(id, verb string) string { return "/api/v1/refusals/" + id + "/" + verb }

	a := h.call(ada, "POST", path(good, "retry"), "", "Idempotency-Key", "once")
	if a.StatusCode != 200 || a.json(t)["outcome"] != "queued" || len(a.json(t)["tickets"].([]any)) != 1 {
		t.Fatalf("%d %s", a.StatusCode, a.text)
	}
	if again := h.call(ada, "POST", path(good, "retry"), "", "Idempotency-Key", "once"); again.StatusCode != 200 || again.text != a.text {
		t.Errorf("%d %s", again.StatusCode, again.text)
	}
	for what, c := range map[string]struct {
		answer answer
		status int
		code   string
	}{
		"retried twice":     {h.call(ada, "POST", path(good, "retry"), ""), 404, "unknown"},
		"refused again":     {h.call(ada, "POST", path(bad, "retry"), ""), 422, "bad-time"},
		"not kept":          {h.call(ada, "POST", path(gone, "retry"), ""), 410, "not-kept"},
		"not a lead's":      {h.call(ada, "POST", path(bad, "item"), ""), 403, "forbidden"},
		"dismissed by none": {h.call(ada, "POST", path(bad, "dismiss"), ""), 403, "forbidden"},
		"no number":         {h.call(ada, "POST", path("x", "retry"), ""), 404, "unknown"},
		"no item":           {h.call(lena, "POST", path(gone, "item"), ""), 410, "not-kept"},
	} {
		if c.answer.StatusCode != c.status || c.answer.json(t)["code"] != c.code {
			t.Errorf("%s: %d %s", what, c.answer.StatusCode, c.answer.text)
		}
	}
	raw := h.call(lena, "POST", path(bad, "item"), "")
	if raw.text != "bad" || raw.Header.Get("Content-Disposition") != `attachment; filename="refusal-`+bad+`.bin"` || raw.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v %s", raw.Header, raw.text)
	}
	for _, id := range []string{bad, gone} {
		if a := h.call(lena, "POST", path(id, "dismiss"), ""); a.StatusCode != http.StatusNoContent {
			t.Errorf("%d %s", a.StatusCode, a.text)
		}
	}
	if list := h.call(ada, "GET", "/api/v1/refusals", "").json(t)["refusals"].([]any); len(list) != 0 {
		t.Errorf("%v", list)
	}
}

// TestWhatWasHandedInIsReadOnceMore: uploads are kept too; a wider limit makes
// an invitation of one that was too large.
func TestWhatWasHandedInIsReadOnceMore(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Limits = carrier.Limits{Mail: 5 << 20, Invitation: 300} })
	ada := h.hire("ada", ticket.RoleTechnician)
	file := sample.Invitation{User: "jane", Password: "x", Start: h.clock.time(), Minutes: 60}.RA1()
	if a := h.call(ada, "POST", "/api/v1/tickets", string(file)); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Fatalf("%d %s", a.StatusCode, a.text)
	}
	if a := h.call(ada, "POST", "/api/v1/refusals/1/retry", ""); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	h.site.Limits = carrier.DefaultLimits()
	a := h.call(ada, "POST", "/api/v1/refusals/1/retry", "")
	if a.StatusCode != 200 || a.json(t)["outcome"] != "queued" {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
}

// TestRefusalButtons: the forms work without script, in both languages.
func TestRefusalButtons(t *testing.T) {
	t.Parallel()
	h := build(t, reading)
	grace, lena := h.browser("grace", ticket.RoleTechnician), h.browser("lena", ticket.RoleLead)
	good, bad, other := h.rejects("mailbox:helpdesk", "good mail!"), h.rejects("share:support", "bad"), h.rejects("share:none", "good too")
	has := func(page string, wants map[string]bool) {
		t.Helper()
		for text, want := range wants {
			if strings.Contains(page, text) != want {
				t.Errorf("%q on the page: %v", text, !want)
			}
		}
	}
	has(h.get(grace, "/sources").text, map[string]bool{"/refusals/" + good + "/retry": true, "Read once more": true, "/dismiss": false, "/item": false,
		"1#2m-dn70": true, "2#2m-dn70": false}) // what tells a share's files apart is not for people
	has(h.get(lena, "/sources", "Accept-Language", "de").text, map[string]bool{"Noch einmal lesen": true, "Herunterladen": true, "Verwerfen": true})
	has(h.get(h.browser("vic", ticket.RoleViewer), "/sources").text, map[string]bool{"/refusals/": false})
	press := func(c *http.Client, id, verb, said string) {
		t.Helper()
		a := h.post(c, "/refusals/"+id+"/"+verb, nil, "Referer", h.server.URL+"/sources")
		if a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/sources?") {
			t.Fatalf("%d %s", a.StatusCode, a.Header.Get("Location"))
		}
		has(h.get(c, a.Header.Get("Location")).text, map[string]bool{said: true})
	}
	press(grace, good, "retry", "came of it")
	press(grace, good, "retry", "not in the list any more")
	press(grace, bad, "retry", "still refused")
	press(grace, other, "retry", "came of it")
	if a := h.post(lena, "/refusals/"+bad+"/item", nil); a.text != "bad" {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	press(lena, bad, "dismiss", "Dismissed")
	has(h.get(lena, "/sources").text, map[string]bool{"/refusals/": false})
}
