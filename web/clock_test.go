package web_test

import (
	"strings"
	"testing"

	"inviter/ticket"
	"inviter/web"
)

func TestDoubtedClockIsSaid(t *testing.T) {
	t.Parallel()
	trouble := "the computer's clock jumped ahead by 5h"
	h := build(t, func(o *web.Options) { o.ClockTrouble = func() string { return trouble } })
	if a := h.call("", "GET", "/readyz", ""); a.StatusCode != 503 || !strings.Contains(a.text, trouble) {
		t.Errorf("readyz: %d %s", a.StatusCode, a.text)
	}
	token := h.hire("grace", ticket.RoleTechnician)
	if j := h.call(token, "GET", "/api/v1/sources", ""); !strings.Contains(j.text, trouble) {
		t.Errorf("sources: %s", j.text)
	}
	page := h.get(h.browser("lena", ticket.RoleLead), "/").text
	if !strings.Contains(page, `class="alarm"`) || !strings.Contains(page, "jumped ahead by 5h") {
		t.Errorf("the page says nothing: %s", page)
	}
	trouble = ""
	if a := h.call("", "GET", "/readyz", ""); a.StatusCode != 200 {
		t.Errorf("readyz again: %d %s", a.StatusCode, a.text)
	}
}
