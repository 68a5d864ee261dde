package web_test

import (
	"net/http"
	"strings"
	"testing"

	"inviter/ticket"
	"inviter/web"
)

// TestCodesHandedIn: the holder alone sees and copies the id.
func TestCodesHandedIn(t *testing.T) {
	t.Parallel()
	h := build(t, func(o *web.Options) { o.Codes = true })
	ada, grace := h.hire("ada", ticket.RoleTechnician), h.hire("grace", ticket.RoleTechnician)
	a := h.call(ada, "POST", "/api/v1/tickets", "rustdesk://987654321?password=hunter2 my printer")
	got := a.json(t)
	if a.StatusCode != http.StatusCreated || got["kind"] != "code" || got["format"] != "rustdesk" || got["note"] != "•••••••• my printer" || got["endpoints"] != nil {
		t.Fatalf("%d %s", a.StatusCode, a.text)
	}
	claimed := h.call(ada, "POST", "/api/v1/tickets/1/claim", "")
	if !strings.Contains(claimed.text, `"endpoints":[{"uri":"rustdesk://987654321"}]`) {
		t.Errorf("%s", claimed.text)
	}
	if other := h.call(grace, "GET", "/api/v1/tickets/1", ""); strings.Contains(other.text, "987654321") {
		t.Errorf("%s", other.text)
	}
	file := h.call(ada, "POST", "/api/v1/tickets/1/invitation", `{"claim":1}`)
	if file.text != "RustDesk: rustdesk://987654321?password=hunter2\r\n" || !strings.Contains(file.Header.Get("Content-Disposition"), `"ticket-1.txt"`) {
		t.Errorf("%s %v", file.text, file.Header)
	}
	for lang, wants := range map[string][]string{"en": {"RustDesk id", "rustdesk://987654321"}, "de": {"RustDesk-ID", "rustdesk://987654321"}} {
		page := h.get(h.browser("ada", ticket.RoleTechnician), "/tickets/1", "Accept-Language", lang).text
		for _, want := range wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q", lang, want)
			}
		}
		for _, not := range []string{"hunter2", "msra /openfile", "/assistance", `name="password"`} {
			if strings.Contains(page, not) {
				t.Errorf("%s: %q", lang, not)
			}
		}
	}
	if page := h.get(h.browser("grace", ticket.RoleTechnician), "/tickets/1").text; strings.Contains(page, "987654321") || !strings.Contains(page, "RustDesk") {
		t.Error("another sees too much or too little")
	}
	no := h.call(ada, "POST", "/api/v1/tickets", "https://us02web.zoom.us/j/1234567890")
	if no.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(no.text, "A meeting room is no invitation") {
		t.Errorf("%d %s", no.StatusCode, no.text)
	}
}
