package web_test

import (
	"context"
	"strings"
	"testing"

	"inviter/ticket"
)

// isTold: somebody who looks elsewhere is told of who waits, as they chose.
func isTold(t *testing.T, browser context.Context) {
	h := build(t)
	b := h.sit(t, browser, "ada", ticket.RoleTechnician, "/")
	b.live()
	b.until(`document.querySelector('link[rel=icon]').getAttribute('href') === '/icon/0'`)
	// what the browser would show and play is caught; its clock for the repeat too
	ask[any](b, `window.shown = []; window.Notification = class { constructor(title, o) { shown.push(title + ': ' + o.body); } static permission = 'granted'; static async requestPermission() { return 'granted'; } };
		document.hasFocus = () => false; window.later = []; const real = setTimeout; window.setTimeout = (f, ms) => ms === 60000 ? later.push(f) : real(f, ms); 0`)
	b.click(`button[popovertarget=told]`)
	b.until(`document.querySelector('#told').matches(':popover-open')`)
	ask[any](b, `const tone = document.querySelector('#told-tone'); tone.value = 'bell'; tone.dispatchEvent(new Event('change', { bubbles: true })); 0`)
	b.until(`Number(document.querySelector('#told').dataset.played) >= 2`) // it is played to choose by
	b.click(`#told [name=notify]`)
	b.until(`JSON.parse(localStorage.told).notify === true && JSON.parse(localStorage.told).tone === 'bell'`)
	ask[any](b, `document.querySelector('#told').hidePopover(); document.querySelector('#told').dataset.played = 0; 0`)
	h.arrives()
	b.until(`shown.length === 1 && Number(document.querySelector('#told').dataset.played) === 2 && document.querySelector('link[rel=icon]').getAttribute('href') === '/icon/1' && document.title.startsWith('1 waiting')`)
	if got := ask[string](b, `shown[0]`); got != "User 1 is waiting: The printer prints twice." {
		t.Errorf("shown: %q", got)
	}
	h.arrives()
	b.until(`shown.length === 2 && later.length === 2`)
	_, err := h.Claim(t.Context(), 2, ticket.Technician{Name: "grace", Role: ticket.RoleTechnician})
	check(t, err)
	b.until(`document.querySelector('#t2.held')`)
	ask[any](b, `for (const f of later.splice(0)) f(); 0`) // a minute later: one waits, one is claimed
	b.until(`shown.length === 3`)
	if got := ask[string](b, `shown[2]`); !strings.HasPrefix(got, "User 1 still waits") || ask[int](b, `later.length`) != 0 {
		t.Errorf("the repeat: %q", got)
	}
	// in quiet hours nobody is told, but title and icon count
	ask[any](b, `const [from, to] = document.querySelectorAll('#told input[type=time]'); from.value = '14:00'; to.value = '15:00'; to.dispatchEvent(new Event('change', { bubbles: true })); 0`)
	h.arrives()
	b.until(`document.querySelector('#t3') && document.title.startsWith('2 waiting')`)
	if n := ask[int](b, `shown.length`); n != 3 {
		t.Errorf("told in quiet hours: %d", n)
	}
	// the choice is there after a reload
	b.open("/")
	b.until(`document.querySelector('#told-tone').value === 'bell' && document.querySelector('#told [name=notify]').checked && document.querySelector('#told-from').value === '14:00'`)
	b.silent()
}

// TestIconCounts: the tab's icon is ours, for every number and nothing else.
func TestIconCounts(t *testing.T) {
	t.Parallel()
	h := build(t)
	for path, want := range map[string]string{"/icon/0": "<path", "/icon/7": ">7<", "/icon/42": ">42<", "/icon/100": ">99+<"} {
		a := h.call("", "GET", path, "")
		if a.StatusCode != 200 || a.Header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(a.text, want) {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.text)
		}
	}
	for _, path := range []string{"/icon/-1", "/icon/101", "/icon/x", "/icon/1e2"} {
		if a := h.call("", "GET", path, ""); a.StatusCode != 404 {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
}
