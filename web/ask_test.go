package web_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

// hands sends the form of /ask, as a browser does; "file" is the file.
func (h *house) hands(c *http.Client, path string, fields map[string]string, headers ...string) answer {
	h.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, value := range fields {
		if name != "file" {
			check(h.t, form.WriteField(name, value))
			continue
		}
		part, err := form.CreateFormFile("file", "Invitation.msrcIncident")
		check(h.t, err)
		_, err = part.Write([]byte(value))
		check(h.t, err)
	}
	check(h.t, form.Close())
	return h.sends(c, path, form.FormDataContentType(), &b, headers...)
}

// sends posts a body of any type from our own page.
func (h *house) sends(c *http.Client, path, mediaType string, body io.Reader, headers ...string) answer {
	h.t.Helper()
	r, err := http.NewRequest(http.MethodPost, h.server.URL+path, body)
	check(h.t, err)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", mediaType)
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	resp, err := c.Do(r)
	check(h.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	check(h.t, err)
	return answer{resp, string(text)}
}

// file is an invitation made now.
func (h *house) file(seed int64) string {
	return string(sample.Invitation{User: "jdoe", Password: "K7WXB2NRT9QD", Start: h.clock.time(), Minutes: 60, Seed: seed}.RA1())
}

func TestAskHandsIn(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Ask.Mails = true })
	user := h.browser("", "")
	if a := h.get(user, "/ask"); a.StatusCode != http.StatusOK || !strings.Contains(a.text, "Hand in an invitation") || strings.Contains(a.text, "Access code") {
		t.Fatalf("%d\n%s", a.StatusCode, a.text)
	}
	a := h.hands(user, "/ask", map[string]string{
		"file": h.file(1), "user": " Jane\u202e Doe ", "phone": "2214, password K7WXB2NRT9QD", "mail": "Jane <jane@example.org>", "note": "It beeps. The password is K7WXB2NRT9QD.",
	})
	got := h.is(1, ticket.Waiting)
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != h.status(1) {
		t.Errorf("%d %s", a.StatusCode, a.Header.Get("Location"))
	}
	if got.User.Name != "Jane Doe" || got.User.Address != "jane@example.org" || got.User.Key != "ticket:1" || got.Deliveries[0].Source != "upload" {
		t.Errorf("%+v", got.User)
	}
	if strings.Contains(got.Note+got.User.Phone, "K7WX") || !got.Has(ticket.PasswordInMail) {
		t.Errorf("the password is shown: %q %q", got.Note, got.User.Phone)
	}
	if a := h.hands(user, "/ask", map[string]string{"file": h.file(1), "user": "Jane Doe"}); a.Header.Get("Location") != h.status(1) {
		t.Errorf("twice: %d %s", a.StatusCode, a.Header.Get("Location"))
	}
	if a := h.hands(user, "/ask", map[string]string{"text": "Hello,\n\n" + h.file(2), "file": "", "user": "Jane Doe"}); a.Header.Get("Location") != h.status(2) {
		t.Errorf("pasted: %d %s", a.StatusCode, a.Header.Get("Location"))
	}
	h.is(1, ticket.Waiting) // the same name proves nothing: nobody is pushed out of the line
	h.is(2, ticket.Waiting)
}

// TestAskVerdicts: the form's own answer, and what the script asks before.
func TestAskVerdicts(t *testing.T) {
	t.Parallel()
	h := build(t)
	user := h.browser("", "")
	known := h.arrives()
	old := h.file(3)
	h.clock.pass(2 * time.Hour)
	mailed := string(sample.Invitation{User: "user1", Password: "Passw0rd", Start: known.Start, Minutes: 360, Seed: 1}.RA1())
	for name, c := range map[string]struct {
		text   string
		status int
		look   string // what is said before
		says   string // and to the form; "" where it is taken
	}{
		"good":    {h.file(4), 303, "can be used until <time", ""},
		"over":    {old, 303, "This invitation ended at", ""},
		"none":    {"", 400, "No file was chosen", "No file was chosen"},
		"other":   {"Dear helpdesk, my printer is on fire.", 422, "This is no invitation", "This is no invitation"},
		"damaged": {h.file(5)[:200], 422, "<b>", "<b>"},
		"known":   {mailed, 422, "This is an invitation", "We have this one already"},
		"large":   {strings.Repeat("x", 5<<20+1), 413, "", "much larger than an invitation"},
	} {
		look := h.hands(user, "/ask/look", map[string]string{"text": c.text})
		if !strings.Contains(look.text, c.look) {
			t.Errorf("%s: the look says %s", name, look.text)
		}
		a := h.hands(user, "/ask", map[string]string{"text": c.text, "user": "Jane", "note": "<b>typed & kept</b> password: K7WXB2NRT9QD"})
		if a.StatusCode != c.status || !strings.Contains(a.text, c.says) {
			t.Errorf("%s: %d, want %d with %q:\n%.1500s", name, a.StatusCode, c.status, c.says, a.text)
		}
		if c.says != "" && (strings.Contains(a.text, "K7WX") || name != "large" && !strings.Contains(a.text, "&lt;b&gt;typed &amp; kept&lt;/b&gt;")) {
			t.Errorf("%s: what was typed is lost, or shows the password", name)
		}
	}
	if n, err := h.Counts(t.Context()); err != nil || n[ticket.Waiting] != 2 || n[ticket.Expired] != 1 {
		t.Errorf("%v %v", n, err)
	}
}

func TestAskKeepsStrangersOut(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Ask.Code = "open sesame" })
	user := h.browser("", "")
	if a := h.get(user, "/ask", "Accept-Language", "de"); !strings.Contains(a.text, "Zugangscode") {
		t.Error("no code is asked for")
	}
	if a := h.hands(user, "/ask", map[string]string{"file": h.file(1), "user": "Jane", "code": "open barley"}); a.StatusCode != http.StatusForbidden || !strings.Contains(a.text, "access code is wrong") || !strings.Contains(a.text, "choose the file once more") {
		t.Errorf("%d\n%s", a.StatusCode, a.text)
	}
	if a := h.hands(user, "/ask", map[string]string{"file": h.file(1), "user": "Jane", "code": "open sesame"}); a.StatusCode != http.StatusSeeOther {
		t.Errorf("%d\n%s", a.StatusCode, a.text)
	}
	ada := h.browser("ada", ticket.RoleTechnician)
	if a := h.hands(ada, "/ask", map[string]string{"file": h.file(2), "user": "Tom"}); a.StatusCode != http.StatusSeeOther || strings.Contains(h.get(ada, "/ask").text, "Access code") {
		t.Errorf("signed in: %d\n%s", a.StatusCode, a.text)
	}
	for range 40 {
		h.hands(user, "/ask", map[string]string{"code": "guess"})
	}
	if a := h.hands(user, "/ask", map[string]string{"file": h.file(3), "code": "open sesame"}); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("guessing on and on: %d", a.StatusCode)
	}
	if a := h.hands(user, "/ask", map[string]string{"file": h.file(4)}, "Sec-Fetch-Site", "cross-site"); a.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %d", a.StatusCode)
	}
	if n, err := h.Counts(t.Context()); err != nil || n[ticket.Waiting] != 2 {
		t.Errorf("%v %v", n, err)
	}
}

func TestAskOfStrangers(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Ask = web.Ask{Doubtful: true, Quarantine: true} })
	h.hands(h.browser("", ""), "/ask", map[string]string{"file": h.file(1), "user": "Jane"})
	if stranger := h.is(1, ticket.Quarantined); !stranger.Has(ticket.DoubtfulSender) {
		t.Error("not marked")
	}
	h.hands(h.browser("ada", ticket.RoleTechnician), "/ask", map[string]string{"file": h.file(2), "user": "Tom"})
	h.is(2, ticket.Waiting)
	off := build(t, func(o *web.Options) { o.Ask.Off = true })
	for _, a := range []answer{off.get(off.browser("", ""), "/ask"), off.hands(off.browser("", ""), "/ask", nil), off.hands(off.browser("", ""), "/ask/look", nil)} {
		if a.StatusCode != http.StatusNotFound {
			t.Errorf("switched off: %d", a.StatusCode)
		}
	}
}

// TestAskHoldsAgainstFloods: per network, and whatever comes.
func TestAskHoldsAgainstFloods(t *testing.T) {
	t.Parallel()
	h := build(t)
	user := h.browser("", "")
	taken := 0
	for n := range 80 {
		if h.hands(user, "/ask", map[string]string{"file": h.file(int64(n))}).StatusCode == http.StatusSeeOther {
			taken++
		}
	}
	if taken != 60 {
		t.Errorf("%d taken at once", taken)
	}
	if a := h.hands(user, "/ask", map[string]string{"file": h.file(99), "user": "Jane Roe", "note": "It beeps."}); a.StatusCode != http.StatusTooManyRequests ||
		!strings.Contains(a.text, "wait a minute") || !strings.Contains(a.text, "Jane Roe") || !strings.Contains(a.text, "It beeps.") {
		t.Errorf("%d", a.StatusCode)
	}
	h.clock.pass(time.Minute)
	for i, fields := range []map[string]string{
		{"note": strings.Repeat("x", 3000), "file": h.file(100)}, {"user": "\xff\xfe", "file": h.file(101)}, {"file": "\x00", "user": fmt.Sprint(nasty())},
	} {
		if a := h.hands(user, "/ask", fields); a.StatusCode != http.StatusBadRequest && a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%d: %d", i, a.StatusCode)
		}
	}
	if a := h.sends(user, "/ask", "multipart/form-data; boundary=x", strings.NewReader("--x\r\n")); a.StatusCode != http.StatusBadRequest {
		t.Errorf("a broken form: %d", a.StatusCode)
	}
}
