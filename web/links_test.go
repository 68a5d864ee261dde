package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"inviter/carrier"
	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

// invited is a support link as its technician got it.
type invited struct {
	id        string
	code, url string
	path      string
}

// invites makes a support link through the API.
func (h *house) invites(token, body string) invited {
	h.t.Helper()
	a := h.call(token, "POST", "/api/v1/links", body)
	if a.StatusCode != http.StatusCreated {
		h.t.Fatalf("%d %s", a.StatusCode, a.text)
	}
	m := a.json(h.t)
	l := invited{id: fmt.Sprint(m["id"]), code: m["code"].(string), url: m["url"].(string)}
	l.path = mustURL(h.t, l.url).Path
	return l
}

// computerOf opens a link on a new computer and says yes there.
func (h *house) computerOf(l invited) *http.Client {
	h.t.Helper()
	c := h.browser("", "")
	h.get(c, l.path)
	if a := h.post(c, l.path+"/confirm", nil); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != l.path {
		h.t.Fatalf("%d to %s\n%s", a.StatusCode, a.Header.Get("Location"), a.text)
	}
	return c
}

// made is an invitation of that number.
func (h *house) made(n int64) []byte {
	return sample.Invitation{User: "jdoe", Password: "Passw0rd", Start: h.clock.time(), Minutes: 60, Seed: n}.RA1()
}

const (
	saysInvalid = "The support session is invalid"
	saysExpired = "The support session has expired"
	saysClosed  = "The support session was closed by your technician"
	saysOffered = "Are you sitting at the computer that needs help?"
	saysReady   = "This computer is ready"
)

// tells checks which of the link's sentences a page shows, and that it is the only one.
func tells(t *testing.T, name string, a answer, want string) {
	t.Helper()
	for _, s := range []string{saysInvalid, saysExpired, saysClosed, saysOffered, saysReady} {
		if strings.Contains(a.text, s) != (s == want) {
			t.Errorf("%s: %d, want %q:\n%s", name, a.StatusCode, want, a.text)
			return
		}
	}
	status := map[string]int{saysInvalid: 404, saysExpired: 410, saysClosed: 410}[want]
	if status != 0 && a.StatusCode != status || status == 0 && a.StatusCode != 200 {
		t.Errorf("%s: %d with %q", name, a.StatusCode, want)
	}
}

// TestLinkTellsEveryComputerWhatIsItsOwn is the whole table: what happened to
// the link, who looks, and whether the page was open then.
func TestLinkTellsEveryComputerWhatIsItsOwn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bound, closed, over bool
		mine, mineOpen      string // on the first computer
		other, otherOpen    string // on the second
	}{
		"new":                      {false, false, false, saysOffered, saysOffered, saysOffered, saysOffered},
		"closed, never opened":     {false, true, false, saysInvalid, saysClosed, saysInvalid, saysClosed},
		"expired, never opened":    {false, false, true, saysExpired, saysExpired, saysExpired, saysExpired},
		"bound":                    {true, false, false, saysReady, saysReady, saysInvalid, saysInvalid},
		"bound, closed":            {true, true, false, saysInvalid, saysClosed, saysInvalid, saysInvalid},
		"bound, expired":           {true, false, true, saysExpired, saysExpired, saysInvalid, saysInvalid},
		"bound, closed, expired":   {true, true, true, saysInvalid, saysClosed, saysInvalid, saysInvalid},
		"closed unopened, expired": {false, true, true, saysInvalid, saysClosed, saysInvalid, saysClosed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			token := h.hire("ada", ticket.RoleTechnician)
			l := h.invites(token, `{"lifetime":"10m","note":"printer"}`)
			first, second := h.browser("", ""), h.browser("", "")
			if c.bound {
				first = h.computerOf(l)
			}
			if c.closed {
				if a := h.call(token, "POST", "/api/v1/links/"+l.id+"/close", ""); a.StatusCode != 200 || a.json(t)["state"] != "closed" {
					t.Fatalf("%d %s", a.StatusCode, a.text)
				}
			}
			if c.over {
				h.clock.pass(10 * time.Minute)
			}
			tells(t, "mine", h.get(first, l.path), c.mine)
			tells(t, "mine, open", h.get(first, l.path, "Inviter-Open", "1"), c.mineOpen)
			tells(t, "the other's", h.get(second, l.path), c.other)
			tells(t, "the other's, open", h.get(second, l.path, "Inviter-Open", "1"), c.otherOpen)
			lower := strings.ToUpper(l.path[3:])
			tells(t, "in capitals", h.get(first, "/s/"+lower), c.mine)
			a := h.post(second, "/s", url.Values{"code": {l.code[:3] + " " + l.code[3:]}})
			if c.other == saysOffered {
				if a.StatusCode != 303 || a.Header.Get("Location") != l.path {
					t.Errorf("by code: %d to %s", a.StatusCode, a.Header.Get("Location"))
				}
			} else {
				tells(t, "by code", a, c.other)
			}
			if c.mine == saysInvalid || c.other == saysInvalid {
				if a := h.get(second, l.path); strings.Contains(a.text, "printer") || strings.Contains(a.text, "Ada") {
					t.Error("invalid tells of the link")
				}
			}
		})
	}
}

func TestLinkUnknownIsInvalid(t *testing.T) {
	t.Parallel()
	h := build(t)
	c := h.browser("", "")
	for _, path := range []string{"/s/x", "/s/aaaaaaaaaaaaaaaaaaaaaaaaaa", "/s/" + strings.Repeat("a", 3000)} {
		tells(t, path, h.get(c, path), saysInvalid)
		tells(t, path, h.post(c, path+"/confirm", nil), saysInvalid)
		tells(t, path, h.uploads2(c, path+"/invitation", h.made(1)), saysInvalid)
		if a := h.get(c, path+"/events"); a.StatusCode == 200 {
			t.Error("there is a stream")
		}
	}
	if a := h.get(c, "/s"); a.StatusCode != 200 || !strings.Contains(a.text, "Six digits") {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
}

// uploads2 is uploads with the answer's text.
func (h *house) uploads2(c *http.Client, path string, file []byte) answer {
	h.t.Helper()
	const boundary = "xxBOUNDARYxx"
	body := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"Invitation.msrcIncident\"\r\n\r\n" + string(file) + "\r\n--" + boundary + "--\r\n"
	return h.sendsForm(c, path, "multipart/form-data; boundary="+boundary, []byte(body))
}

func (h *house) pastes(c *http.Client, path, text string) answer {
	h.t.Helper()
	const boundary = "xxBOUNDARYxx"
	body := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--" + boundary +
		"\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n" + text + "\r\n--" + boundary + "--\r\n"
	return h.sendsForm(c, path, "multipart/form-data; boundary="+boundary, []byte(body))
}

func (h *house) sendsForm(c *http.Client, path, kind string, body []byte) answer {
	h.t.Helper()
	r, err := http.NewRequest(http.MethodPost, h.server.URL+path, bytes.NewReader(body))
	check(h.t, err)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return h.do(jarred{c}, r)
}

// jarred sends with a browser's cookies and follows nothing.
type jarred struct{ *http.Client }

func (j jarred) RoundTrip(r *http.Request) (*http.Response, error) { return j.Do(r) }

func TestLinkIsTakenByAYesAlone(t *testing.T) {
	t.Parallel()
	h := build(t)
	l := h.invites(h.hire("ada", ticket.RoleTechnician), `{"lifetime":"1h"}`)
	for range 3 { // programs that look behind every link
		tells(t, "scanner", h.get(h.browser("", ""), l.path), saysOffered)
	}
	bare := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if a := h.post(bare, l.path+"/confirm", nil); a.StatusCode != 303 || a.Header.Get("Location") != l.path+"?said=cookies" {
		t.Errorf("without cookies: %d to %s", a.StatusCode, a.Header.Get("Location"))
	}
	if a := h.get(bare, l.path+"?said=cookies"); !strings.Contains(a.text, "keeps no cookies") {
		t.Error("nothing tells why")
	}
	mine, other := h.computerOf(l), h.browser("", "")
	tells(t, "again", h.get(mine, l.path), saysReady)
	if a := h.post(mine, l.path+"/confirm", nil); a.StatusCode != 303 {
		t.Errorf("a double click: %d", a.StatusCode)
	}
	h.get(other, l.path)
	tells(t, "the second yes", h.post(other, l.path+"/confirm", nil), saysInvalid)
	tells(t, "the second one's file", h.uploads2(other, l.path+"/invitation", h.made(1)), saysInvalid)
	if a := h.call(h.hire("ada", ticket.RoleTechnician), "GET", "/api/v1/tickets", ""); strings.Contains(a.text, `"id"`) {
		t.Errorf("another computer's file became a ticket: %s", a.text)
	}
	if a := h.browse(h.browser("", ""), "POST", l.path+"/confirm", nil, "Sec-Fetch-Site", "cross-site"); a.StatusCode != 403 {
		t.Errorf("from another site: %d", a.StatusCode)
	}
	second := h.invites(h.hire("ada", ticket.RoleTechnician), "") // a computer may have two
	if a := h.post(mine, second.path+"/confirm", nil); a.StatusCode != 303 {
		t.Errorf("%d", a.StatusCode)
	}
	tells(t, "the first of two", h.get(mine, l.path), saysReady)
	tells(t, "the second of two", h.get(mine, second.path), saysReady)
}

func TestLinkBringsAnInvitation(t *testing.T) {
	t.Parallel()
	h := build(t)
	token := h.hire("ada", ticket.RoleTechnician)
	l := h.invites(token, `{"lifetime":"2h","note":"Second monitor stays black"}`)
	mine := h.computerOf(l)
	goes := func(name string, a answer, said string) {
		t.Helper()
		want := l.path
		if said != "" {
			want += "?said=" + said
		}
		if a.StatusCode != 303 || a.Header.Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q\n%s", name, a.StatusCode, a.Header.Get("Location"), want, a.text)
		} else if page := h.get(mine, want); page.StatusCode != 200 || said != "" && !strings.Contains(page.text, `role="alert"`) {
			t.Errorf("%s: %d, nothing is said of %s", name, page.StatusCode, said)
		}
	}
	goes("nothing", h.uploads2(mine, l.path+"/invitation", nil), "none")
	goes("rubbish", h.uploads2(mine, l.path+"/invitation", []byte("hello")), "not-an-invitation")
	goes("no form", h.post(mine, l.path+"/invitation", nil), "none")
	one := h.made(1)
	goes("a file", h.uploads2(mine, l.path+"/invitation", one), "")
	first := h.is(1, ticket.Claimed)
	if first.Claim.Holder != "ada" || first.Note != "Second monitor stays black" || first.User.Key != "link:1" || first.Deliveries[0].Source != "link" {
		t.Errorf("%+v %+v", first, first.Claim)
	}
	page := h.get(mine, l.path).text
	given, err := h.Status(t.Context(), 1)
	check(t, err)
	for _, want := range []string{"Ada</bdi> has your invitation", given.Words, "/t/" + given.Secret} {
		if !strings.Contains(page, want) && !strings.Contains(page, strings.ReplaceAll(want, "</bdi>", "")) {
			t.Errorf("lacks %q:\n%s", want, page)
		}
	}
	goes("the same once more", h.uploads2(mine, l.path+"/invitation", one), "known")
	if a := h.call(token, "POST", "/api/v1/tickets/1/invitation", `{"claim":1}`); a.StatusCode != 200 || a.text != string(one) {
		t.Errorf("the holder gets %d, %d bytes", a.StatusCode, len(a.text))
	}
	h.clock.pass(time.Second)
	goes("pasted", h.pastes(mine, l.path+"/invitation", string(h.made(2))), "")
	h.is(1, ticket.Superseded)
	if second := h.is(2, ticket.Claimed); second.Claim.Holder != "ada" {
		t.Errorf("%+v", second.Claim)
	}
	goes("an older one", h.uploads2(mine, l.path+"/invitation", sample.Invitation{User: "j", Start: h.clock.time().Add(-time.Minute), Minutes: 60, Seed: 9}.RA1()), "older")
	goes("a dead one", h.uploads2(mine, l.path+"/invitation", sample.Invitation{User: "j", Start: h.clock.time().Add(-2 * time.Hour), Minutes: 60, Seed: 10}.RA1()), "dead")
	h.is(2, ticket.Claimed)
	if a := h.call(token, "GET", "/api/v1/refusals", ""); !strings.Contains(a.text, `"source":"link"`) {
		t.Errorf("what could not be used is not seen: %s", a.text)
	}
}

func TestLinkBounds(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) {
		o.Limits = carrier.Limits{Mail: 100 << 10, Invitation: 64 << 10, Depth: 20, Parts: 50}
	})
	token := h.hire("ada", ticket.RoleTechnician)
	for _, body := range []string{`{"lifetime":"0s"}`, `{"lifetime":"999ms"}`, `{"lifetime":"-1h"}`, `{"lifetime":"24h1s"}`, `{"lifetime":"soon"}`, `{"lifetime":3}`, `[`,
		`{"lifetime":"1h","note":"` + strings.Repeat("x", 501) + `"}`} {
		if a := h.call(token, "POST", "/api/v1/links", body); a.StatusCode != 400 || a.json(t)["code"] != "bad-request" {
			t.Errorf("%.60s: %d %s", body, a.StatusCode, a.text)
		}
	}
	for _, body := range []string{`{"lifetime":"1s"}`, `{"lifetime":"24h"}`, `{}`, ``} {
		h.invites(token, body)
	}
	l := h.invites(token, `{"lifetime":"1h","note":"a\nb\u202Ec"}`)
	mine := h.computerOf(l)
	if a := h.uploads2(mine, l.path+"/invitation", bytes.Repeat([]byte("x"), 110<<10)); a.Header.Get("Location") != l.path+"?said=too-large" {
		t.Errorf("%d %s", a.StatusCode, a.Header.Get("Location"))
	}
	if a := h.get(mine, l.path); strings.Contains(a.text, "\u202E") {
		t.Error("a note turns the page's writing round")
	}
	for range 15 {
		h.post(mine, l.path+"/invitation", nil)
	}
	if a := h.uploads2(mine, l.path+"/invitation", h.made(1)); !strings.HasSuffix(a.Header.Get("Location"), "said=too-many") {
		t.Errorf("pushed 16 times: %d %s", a.StatusCode, a.Header.Get("Location"))
	} else if page := h.get(mine, l.path+"?said=too-many"); !strings.Contains(page.text, "That was a lot in a short time") {
		t.Errorf("%s", page.text)
	}
}

func TestLinkVerbsOfTechnicians(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, bob, lena := h.hire("ada", ticket.RoleTechnician), h.hire("bob", ticket.RoleTechnician), h.hire("lena", ticket.RoleLead)
	l := h.invites(ada, `{"lifetime":"1h","note":"x"}`)
	if !regexp.MustCompile(`^\d{6}$`).MatchString(l.code) || !regexp.MustCompile(`^http://127\.0\.0\.1/s/[a-z2-7]{26}$`).MatchString(l.url) {
		t.Errorf("%+v", l)
	}
	if a := h.call(ada, "GET", "/api/v1/links", ""); !strings.Contains(a.text, `"code":"`+l.code+`"`) || !strings.Contains(a.text, `"state":"open"`) {
		t.Error(a.text)
	}
	if a := h.call(bob, "GET", "/api/v1/links", ""); a.text != `{"links":[]}`+"\n" {
		t.Error(a.text)
	}
	is := func(name string, a answer, status int, what, want string) answer {
		t.Helper()
		if a.StatusCode != status || a.json(t)[what] != want {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.text)
		}
		return a
	}
	api := "/api/v1/links/" + l.id
	is("a colleague closes", h.call(bob, "POST", api+"/close", ""), 403, "code", "forbidden")
	is("a colleague asks", h.call(bob, "POST", api+"/ask-again", ""), 403, "code", "forbidden")
	is("unknown", h.call(ada, "POST", "/api/v1/links/99/close", ""), 404, "code", "unknown")
	is("no number", h.call(ada, "POST", "/api/v1/links/x/ask-again", ""), 404, "code", "unknown")
	mine := h.computerOf(l)
	h.uploads2(mine, l.path+"/invitation", h.made(1))
	h.clock.pass(time.Second)
	a := is("asks", h.call(ada, "POST", api+"/ask-again", ""), 200, "state", "bound")
	if m := a.json(t); m["asked_at"] == nil || m["ticket"] != float64(1) || m["code"] != nil || m["url"] != nil {
		t.Errorf("%v: an answer that may be kept holds no secret", m)
	}
	if page := h.get(mine, l.path); !strings.Contains(page.text, "asks for a new invitation") {
		t.Error("the user is not asked")
	}
	h.clock.pass(time.Second)
	h.uploads2(mine, l.path+"/invitation", h.made(2))
	if page := h.get(mine, l.path); strings.Contains(page.text, "asks for a new invitation") {
		t.Error("the user is still asked")
	}
	is("wonderful", h.call(ada, "POST", api+"/close", `{"outcome":"wonderful"}`), 400, "code", "bad-request")
	is("closes both", h.call(ada, "POST", api+"/close", `{"outcome":"solved","note":"cable"}`), 200, "state", "closed")
	is("again", h.call(ada, "POST", api+"/close", ""), 200, "state", "closed")
	h.is(2, ticket.Closed)
	is("asks too late", h.call(ada, "POST", api+"/ask-again", ""), 410, "code", "closed")
	tells(t, "a file too late", h.uploads2(mine, l.path+"/invitation", h.made(3)), saysClosed)
	other := h.invites(bob, `{"lifetime":"1s"}`)
	h.clock.pass(time.Second)
	is("ask after its time", h.call(bob, "POST", "/api/v1/links/"+other.id+"/ask-again", ""), 410, "code", "expired")
	is("close after its time", h.call(bob, "POST", "/api/v1/links/"+other.id+"/close", ""), 410, "code", "expired")
	third := h.invites(bob, "")
	is("a lead closes", h.call(lena, "POST", "/api/v1/links/"+third.id+"/close", ""), 200, "state", "closed")
}

func TestLinkMadeOnce(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada := h.hire("ada", ticket.RoleTechnician)
	make := func(key, body string) answer {
		return h.call(ada, "POST", "/api/v1/links", body, "Idempotency-Key", key)
	}
	one, again, other := make("k", `{"lifetime":"1h"}`), make("k", `{"lifetime":"1h"}`), make("l", `{"lifetime":"1h"}`)
	if one.text != again.text || one.text == other.text || again.StatusCode != 201 {
		t.Errorf("%s%s%s", one.text, again.text, other.text)
	}
	if a := make("k", `{"lifetime":"2h"}`); a.StatusCode != 400 {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	if _, found, _ := h.Asked(t.Context(), queueOnce("account ada", "k")); found {
		t.Error("the answer was stored, with what lets people in")
	}
}

func TestLinkOfADisabledTechnician(t *testing.T) {
	t.Parallel()
	h := build(t)
	l := h.invites(h.hire("ada", ticket.RoleTechnician), "")
	mine := h.computerOf(l)
	check(t, h.accounts.Disable(t.Context(), "ada"))
	h.uploads2(mine, l.path+"/invitation", h.made(1))
	h.is(1, ticket.Waiting) // never lost, and in nobody's hands
	if page := h.get(mine, l.path); !strings.Contains(page.text, "Number 1 is in line") {
		t.Error(page.text)
	}
	check(t, h.Dismiss(t.Context(), "ada", "root"))
	tells(t, "reloaded", h.get(mine, l.path), saysInvalid)
	tells(t, "open", h.get(mine, l.path, "Inviter-Open", "1"), saysClosed)
	if page := h.get(mine, l.path, "Inviter-Open", "1"); !strings.Contains(page.text, "Number 1 goes on") {
		t.Error(page.text)
	}
}
