package web_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/invitation/sample"
	"inviter/ticket"
)

// nastyStrings goes through every field that a user controls, on every page
// that shows it, without a word of the console or the policy.
func nastyStrings(t *testing.T, browser context.Context) {
	h := build(t)
	words := nasty()
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/?limit=1000")
	b.live()
	h.areNasty(words)
	b.until(fmt.Sprintf(`document.querySelectorAll('#rows > li').length === %d`, len(words)))
	h.source("share:<b>support</b>", ticket.SourceFailing, `<img src=x onerror="alert(1)">`)
	b.until(`document.querySelector('.alarm')`)
	b.noElements("live")
	b.click(`#t3 .claim`)
	b.until(`document.querySelector('#t3 .open')`)
	h.endNasty(words)
	paths := []string{"/?limit=1000", "/?limit=1000&lang=de", "/history?limit=1000", "/history?limit=1000&q=" + url.QueryEscape(words[0]), "/sources", "/reports", "/?show=missed&limit=1000"}
	for i := range 20 {
		paths = append(paths, fmt.Sprintf("/tickets/%d", i+1))
		if i < 8 {
			paths = append(paths, h.status(ticket.ID(i+1)), "/?q="+url.QueryEscape(words[i]))
		}
	}
	for _, path := range paths {
		b.open(path)
		b.noElements(path)
	}
	b.silent()
}

// areNasty has a mail or file, and something refused, for each of the words.
func (h *house) areNasty(words []string) {
	h.t.Helper()
	var batch []ticket.Delivery
	for i, n := range words {
		inv, err := invitation.Parse(sample.Invitation{User: n, Password: "Passw0rd", Start: h.clock.time(), Minutes: 360, Seed: int64(i + 1)}.RA1())
		check(h.t, err)
		d := ticket.Delivery{
			Source: "share:" + n, Item: n, Received: h.clock.time(), Note: n, Flags: []ticket.Flag{ticket.NameMismatch}, Quarantine: i%9 == 8,
			From: ticket.User{Key: fmt.Sprintf("mail:%d", i), Name: n, Address: n, Phone: n}, Invitations: []invitation.Invitation{inv},
		}
		if i%2 == 0 {
			d.Source = "mailbox:helpdesk"
		}
		bad := ticket.Delivery{Source: "mailbox:" + n, Item: n + "?", Received: h.clock.time(), From: d.From, Refusal: &invitation.Refusal{Code: invitation.Damaged, Detail: n}}
		batch = append(batch, d, bad)
	}
	_, err := h.Submit(context.Background(), batch)
	check(h.t, err)
}

// endNasty ends some tickets with the words as notes, and lets some expire.
func (h *house) endNasty(words []string) {
	h.t.Helper()
	grace, ctx := ticket.Technician{Name: "grace", Role: ticket.RoleTechnician}, context.Background()
	for i := 19; i < 60; i++ {
		id := ticket.ID(i + 1)
		if i%9 == 8 {
			continue
		}
		_, err := h.Claim(ctx, id, grace)
		check(h.t, err)
		_, err = h.Release(ctx, id, grace, 1, ticket.ReasonOther, words[i])
		check(h.t, err)
		_, err = h.Claim(ctx, id, grace)
		check(h.t, err)
		_, err = h.Close(ctx, id, grace, 2, ticket.Solved, words[i])
		check(h.t, err)
	}
	h.arrives(func(d *ticket.Delivery, s *sample.Invitation) { d.From.Name, d.Note, s.Minutes = words[0], words[0], 1 })
	h.clock.pass(2 * time.Minute)
}

// noElements fails where a user's words became more than words.
func (b *tab) noElements(where string) {
	b.t.Helper()
	if n := ask[int](b, `document.querySelectorAll('body script, body img, body iframe, b b, bdi svg, .note svg, [onerror], [onmouseover], [onload]').length`); n != 0 {
		b.t.Errorf("%s: %d elements came from users", where, n)
	}
}

// nasty is 500 strings that break pages: markup, bidi, long ones, control
// characters, and a crowd with each of the odd signs of general punctuation.
func nasty() []string {
	list := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `{{.}} {who}`, "\u202eevil\u202c gnp.exe", "a\x1b[31m\x07",
		strings.Repeat("W", 200), strings.Repeat("long words ", 100), "علياء بنت سلطان المنصوري", `</textarea></svg></title>`, "\u2028\ufeff", "𝕹𝖆𝖘𝖙𝖞 \U0001F468\u200d\U0001F469",
		strings.Repeat("e\u0301", 80), "%00%0d%0aSet-Cookie:x=y", `\u003cscript\u003e`, "&lt;b&gt;", "*stars*", "=1+1", `<!--`, `]]>`, `</li></ol><base href=//evil.example>`,
	}
	shapes := []string{`<svg/onload=alert(%d)>"'&%c`, `<a href="javascript:alert(%d)">%c`, `%d%c<style>*{display:none}</style>`, "\u2067%d\u202e%c</bdi>", "x\u0000%d\u009b%c\r\n\t"}
	for i := len(list); i < 500; i++ {
		list = append(list, fmt.Sprintf(shapes[i%len(shapes)], i, rune(0x2000+i%0x70)))
	}
	return list
}

// onlyOurScripts: not even a file of ours runs that the policy doesn't name by
// its hash, and the console tells of each that was kept out.
func onlyOurScripts(t *testing.T, browser context.Context) {
	h := build(t)
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.live() // ours runs
	const put = `new Promise((done) => { const s = document.createElement('script'); s.%s; s.onload = () => done('ran'); s.onerror = () => done('kept out'); document.body.append(s); %s })`
	for name, script := range map[string]string{
		"a script without its hash": fmt.Sprintf(put, `src = document.querySelector('script').src`, ``),
		"another file of ours":      fmt.Sprintf(put, `src = '/api/v1/openapi.yaml'`, ``),
		"words in the page":         fmt.Sprintf(put, `textContent = 'window.evil = 1'`, `done(window.evil ? 'ran' : 'kept out')`),
	} {
		if got := ask[string](b, script); got != "kept out" {
			t.Errorf("%s %s", name, got)
		}
	}
	for deadline := time.Now().Add(patience); len(b.complaints()) < 3; time.Sleep(time.Millisecond) { // they come beside the answers
		if time.Now().After(deadline) {
			t.Fatalf("the console told of %d: tests would not hear of a breach", len(b.complaints()))
		}
	}
}
