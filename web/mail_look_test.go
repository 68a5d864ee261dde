package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"inviter/e2e/private"
	"inviter/templates"
)

// letters is every kind of mail as a user gets it, by name; longest has words
// of a length that nobody expects.
func letters() map[string]templates.Mail {
	now := epoch()
	head := func(name string) templates.Letterhead {
		return templates.Letterhead{Desk: "Example Org Helpdesk", Phone: "+49 30 123456", Number: 437, Name: name, At: now, Link: "https://help.example.org/t/mfrggzdfmztwq2lknnwg23tpoa"}
	}
	jane, plain := head("Jane Doe"), head("Jane Doe")
	plain.Link, plain.Phone, plain.Number = "", "", 0
	endless := head("Wolfeschlegelsteinhausenbergerdorff" + strings.Repeat("x", 165))
	return map[string]templates.Mail{
		"queued":     templates.QueuedMail{Letterhead: jane, Place: 3, Came: now.Add(-time.Minute), Expires: now.Add(5 * time.Hour), Replaces: 431},
		"queued-odd": templates.QueuedMail{Letterhead: endless, Came: now, Expires: now.Add(30 * time.Hour), Checked: true},
		"queued-rtl": templates.QueuedMail{Letterhead: head("فاطمة الزهراء"), Place: 1, Came: now, Expires: now.Add(time.Hour), Code: true},
		"refused":    templates.RefusedMail{Letterhead: plain, Code: "damaged"},
		"rejected":   templates.RefusedMail{Letterhead: jane},
		"expired":    templates.ExpiredMail{Letterhead: jane, Expires: now},
		"dead":       templates.ExpiredMail{Letterhead: jane, Expires: now.Add(-48 * time.Hour), Dead: true},
		"superseded": templates.SupersededMail{Letterhead: jane, By: 440},
		"claimed":    templates.ClaimedMail{Letterhead: jane, Holder: "Grace", Words: "tango panda", Came: now.Add(-time.Hour), Expires: now.Add(46 * time.Minute)},
		"claimed-odd": templates.ClaimedMail{Letterhead: endless, Holder: strings.Repeat("G", 64), Words: "mayonnaise marathon", Came: now.Add(-time.Hour),
			Expires: now.Add(46 * time.Minute)},
		"closed": templates.ClosedMail{Letterhead: jane, Holder: "Grace", Outcome: "solved"},
	}
}

// postman serves the mails' HTML as /LANGUAGE/NAME.
func postman(t *testing.T) *httptest.Server {
	t.Helper()
	set, err := pages()
	check(t, err)
	mux := http.NewServeMux()
	for _, tag := range templates.Languages() {
		for name, m := range letters() {
			written, err := set.Match(tag, "").Write(m)
			check(t, err)
			mux.HandleFunc("/"+tag+"/"+name, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = w.Write([]byte(written.HTML))
			})
		}
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// windows are those in which mails are read.
func windows() map[string]int64 { return map[string]int64{"phone": 320, "desktop": 1000} }

// reads opens a mail as a window and a scheme have it.
func (b *tab) reads(address, scheme string, width int64) {
	b.t.Helper()
	b.media(scheme, "reduce")
	check(b.t, chromedp.Do(b, chromedp.EmulateViewport(width, 700)))
	check(b.t, chromedp.Do(b, chromedp.Navigate(address)))
}

// TestMailsInChromium: every kind of mail in both languages, on a phone and a
// desk, light and dark: nothing is wider than the window, axe finds nothing,
// and the scheme is the reader's.
func TestMailsInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	browser, server := private.Chromium(t), postman(t)
	b := &tab{Context: private.Tab(t, browser), t: t}
	for name := range letters() {
		for _, tag := range templates.Languages() {
			for _, scheme := range []string{"light", "dark"} {
				where := fmt.Sprintf("%s, %s, %s", name, tag, scheme)
				for window, width := range windows() {
					b.reads(server.URL+"/"+tag+"/"+name, scheme, width)
					if wide := ask[int](b, `document.documentElement.scrollWidth`); int64(wide) > width {
						t.Errorf("%s, %s: %d px wide in %d", where, window, wide, width)
					}
				}
				if dark := ask[bool](b, `getComputedStyle(document.body).backgroundColor.match(/\d+/)[0] < 100`); dark != (scheme == "dark") {
					t.Errorf("%s: the paper is dark: %v", where, dark)
				}
				b.sound(where)
			}
		}
	}
}

// TestMailsLook takes pictures into INVITER_LOOK, to be looked at by people.
func TestMailsLook(t *testing.T) {
	folder := pictures(t)
	browser, server := private.Chromium(t), postman(t)
	b := &tab{Context: private.Tab(t, browser), t: t}
	for name := range letters() {
		for _, tag := range templates.Languages() {
			for _, scheme := range []string{"light", "dark"} {
				for window, width := range windows() {
					b.reads(server.URL+"/"+tag+"/"+name, scheme, width)
					b.picture(folder, fmt.Sprintf("mail-%s-%s-%s-%s.png", name, tag, window, scheme))
				}
			}
		}
	}
}
