package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"inviter/invitation/sample"
	"inviter/ticket"
)

// asksEasy asks by the user's form and gives the new ticket.
func (h *house) asksEasy(c *http.Client, name, contact string) ticket.Ticket {
	h.t.Helper()
	a := h.post(c, "/ask/call", url.Values{"user": {name}, "contact": {contact}})
	secret, ok := strings.CutPrefix(a.Header.Get("Location"), "/t/")
	if !ok {
		h.t.Fatalf("%d %s", a.StatusCode, a.text)
	}
	t, err := h.BySecret(h.t.Context(), secret)
	check(h.t, err)
	return t
}

func (h *house) helps(id ticket.ID) {
	h.t.Helper()
	t, err := h.Claim(h.t.Context(), id, ada)
	check(h.t, err)
	_, err = h.Connected(h.t.Context(), id, ada, t.Claim.Number)
	check(h.t, err)
	_, err = h.Close(h.t.Context(), id, ada, t.Claim.Number, ticket.Solved, "")
	check(h.t, err)
}

// TestTrustedContact: the same browser, the same name and number, and no
// password call the second time; either side ends it.
func TestTrustedContact(t *testing.T) {
	t.Parallel()
	h := build(t)
	jane, tech := h.browser("", ""), h.browser("ada", ticket.RoleTechnician)
	first := h.asksEasy(jane, "Jane Doe", "2214")
	if a := h.get(jane, h.status(first.ID)); strings.Contains(a.text, "trusted contact") || strings.Contains(a.text, "Ask for help again") {
		t.Error("trusted before anybody helped, or asking twice is offered")
	}
	h.helps(first.ID)
	if a := h.get(jane, h.status(first.ID)); !strings.Contains(a.text, "You are a trusted contact of ours") || !strings.Contains(a.text, "2027-05-19") {
		t.Errorf("%s", a.text)
	}
	if a := h.get(tech, "/contacts"); !strings.Contains(a.text, "Jane Doe") || !strings.Contains(a.text, "2214") || !strings.Contains(a.text, "2027-05-19") {
		t.Errorf("%s", a.text)
	}
	second := h.asksEasy(jane, "jane doe", "2214")
	if !second.Has(ticket.TrustedContact) || second.PasswordRequired {
		t.Errorf("%+v", second)
	}
	for name, other := range map[string]ticket.Ticket{
		"another browser": h.asksEasy(h.browser("", ""), "Jane Doe", "2214"), "another name": h.asksEasy(jane, "Tom", "2214"), "another number": h.asksEasy(jane, "Jane Doe", "2215"),
	} {
		if other.Has(ticket.TrustedContact) || !other.PasswordRequired {
			t.Errorf("%s is trusted", name)
		}
	}
	h.post(tech, "/tickets/"+second.ID.String()+"/claim", nil)
	if a := h.get(tech, "/?show=mine"); !strings.Contains(a.text, "No password call needed") || strings.Contains(a.text, "Ask for the password in") {
		t.Error("the holder is told to ask for a password")
	}
	if a := h.get(jane, h.status(first.ID)+"/distrust"); a.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a link ends it: %d", a.StatusCode)
	}
	h.post(jane, h.status(first.ID)+"/distrust", nil)
	if got := h.is(second.ID, ticket.Claimed); got.Has(ticket.TrustedContact) || !got.PasswordRequired {
		t.Errorf("%+v", got)
	}
	if a := h.get(jane, h.status(first.ID)); strings.Contains(a.text, "You are a trusted contact") || !strings.Contains(a.text, "You ended being") {
		t.Errorf("%s", a.text)
	}
	if a := h.get(tech, "/contacts"); !strings.Contains(a.text, "Nobody yet") {
		t.Errorf("%s", a.text)
	}
}

// TestAskAgain: the way from an ended ticket keeps who one is; the team ends it.
func TestAskAgain(t *testing.T) {
	t.Parallel()
	h := build(t)
	first := h.arrives(func(d *ticket.Delivery, _ *sample.Invitation) {
		d.From = ticket.User{Key: ticket.MailKey("jane@example.org", ticket.Proven), Name: "Jane Doe", Address: "jane@example.org"}
	})
	h.helps(first.ID)
	jane, tech := h.browser("", ""), h.browser("ada", ticket.RoleTechnician)
	if a := h.get(jane, h.status(first.ID)); !strings.Contains(a.text, "Ask for help again") {
		t.Error("no way on after the end")
	}
	a := h.post(jane, h.status(first.ID)+"/again", nil)
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/ask" {
		t.Errorf("%d %s", a.StatusCode, a.Header.Get("Location"))
	}
	again := h.asksEasy(jane, "Jane Doe", "jane@example.org")
	if again.User.Key != first.User.Key || !again.Has(ticket.TrustedContact) {
		t.Errorf("%+v", again)
	}
	list, err := h.Trusts(t.Context())
	check(t, err)
	if a := h.post(h.browser("vic", ticket.RoleViewer), "/contacts/1/revoke", nil); a.StatusCode != http.StatusForbidden {
		t.Errorf("a viewer ends it: %d", a.StatusCode)
	}
	for range 2 { // once more is fine
		if a := h.post(tech, "/contacts/1/revoke", nil); a.StatusCode != http.StatusSeeOther || list[0].ID != 1 {
			t.Errorf("%d %+v", a.StatusCode, list)
		}
	}
	if got := h.is(again.ID, ticket.Waiting); got.Has(ticket.TrustedContact) {
		t.Error("trusted still")
	}
	if a := h.post(jane, "/t/none/again", nil); a.StatusCode != http.StatusNotFound {
		t.Errorf("%d", a.StatusCode)
	}
}
