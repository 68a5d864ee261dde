package web_test

import (
	"strings"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
)

// TestAListIsNotSentAgain: who says what they have gets nothing as long as
// nothing has changed for them, and everything after that.
func TestAListIsNotSentAgain(t *testing.T) {
	t.Parallel()
	h := build(t)
	ada, vic := h.hire("ada", ticket.RoleTechnician), h.hire("vic", ticket.RoleViewer)
	h.arrives()
	h.arrives(func(_ *ticket.Delivery, s *sample.Invitation) { s.Minutes = 60 })
	list := func(token, query, has string) (tag string, sent bool) {
		t.Helper()
		a := h.call(token, "GET", "/api/v1/tickets"+query, "", "If-None-Match", has)
		tag = a.Header.Get("ETag")
		switch {
		case a.StatusCode == 304 && a.text == "" && tag != "":
			return tag, false
		case a.StatusCode == 200 && strings.HasPrefix(a.text, `{"tickets":[`):
			return tag, true
		}
		t.Fatalf("%d, %q, %s", a.StatusCode, tag, a.text)
		return "", false
	}
	tag, _ := list(ada, "", "")
	if tag == "" {
		t.Fatal("no tag")
	}
	wants := func(why string, sent bool, token, query, has string) {
		t.Helper()
		if _, got := list(token, query, has); got != sent {
			t.Errorf("%s: sent %v, want %v", why, got, sent)
		}
	}
	for _, has := range []string{tag, `"x", ` + tag, "W/" + tag} {
		wants("the same again", false, ada, "", has)
	}
	wants("another tag", true, ada, "", `"x"`)
	wants("another reader, who may see less", true, vic, "", tag)
	wants("another list", true, ada, "?state=claimed", tag)
	h.clock.pass(time.Minute)
	wants("time alone", false, ada, "", tag)
	h.clock.pass(time.Hour)
	wants("one's time has come, whether or not the clock has been by", true, ada, "", tag)

	h.arrives(func(d *ticket.Delivery, s *sample.Invitation) { d.Quarantine, s.Minutes = true, 60 })
	h.clock.pass(time.Hour - time.Millisecond)
	tag, _ = list(ada, "", "")
	wants("right before a quarantined one's time", false, ada, "", tag)
	h.clock.pass(time.Millisecond)
	wants("a quarantined one's time has come", true, ada, "", tag)

	tag, _ = list(ada, "", "")
	wants("the rest again", false, ada, "", tag)
	h.call(ada, "POST", "/api/v1/tickets/1/claim", "").ok(t, 200)
	wants("after a claim", true, ada, "", tag)

	if tag, sent := list(ada, "?state=expired,closed", ""); tag != "" || !sent {
		t.Errorf("history has a tag: %q", tag)
	}
	other := build(t)
	other.arrives()
	if a := other.call(other.hire("ada", ticket.RoleTechnician), "GET", "/api/v1/tickets", "", "If-None-Match", tag); a.StatusCode != 200 {
		t.Errorf("another run's tag: %d", a.StatusCode)
	}
}
