package web_test

import (
	"strings"
	"testing"
	"time"

	"inviter/ticket"
	"inviter/web"
)

func TestDoubtedClockIsSaid(t *testing.T) {
	t.Parallel()
	jump := ticket.Jump{By: 5 * time.Hour, Rest: 4 * time.Minute}
	h := build(t, func(o *web.Options) { o.ClockJump = func() ticket.Jump { return jump } })
	const trouble = "jumped ahead by 5h0m0s"
	if a := h.call("", "GET", "/readyz", ""); a.StatusCode != 503 || !strings.Contains(a.text, trouble) {
		t.Errorf("readyz: %d %s", a.StatusCode, a.text)
	}
	token := h.hire("grace", ticket.RoleTechnician)
	if j := h.call(token, "GET", "/api/v1/sources", ""); !strings.Contains(j.text, `"name":"clock"`) || !strings.Contains(j.text, trouble) {
		t.Errorf("sources: %s", j.text)
	}
	lena := h.browser("lena", ticket.RoleLead)
	for _, path := range []string{"/", "/sources", "/history"} {
		page := h.get(lena, path).text
		if strings.Count(page, `class="alarm"`) != 1 || !strings.Contains(page, "clock has jumped ahead by 5 h.") || !strings.Contains(page, "believed in 4 min") {
			t.Errorf("%s: %s", path, page)
		}
		if strings.Contains(page, "has not been read yet") || strings.Contains(page, "/sources/clock/scan") || strings.Contains(page, "/sources/upload:clock/scan") {
			t.Errorf("%s takes the clock for a source: %s", path, page)
		}
	}
	jump = ticket.Jump{}
	if a := h.call("", "GET", "/readyz", ""); a.StatusCode != 200 {
		t.Errorf("readyz again: %d %s", a.StatusCode, a.text)
	}
	if page := h.get(lena, "/").text; strings.Contains(page, `class="alarm"`) {
		t.Errorf("still an alarm: %s", page)
	}
}
