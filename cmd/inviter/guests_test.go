package main

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"inviter/account"
	"inviter/invitation/sample"
	"inviter/ticket"
)

// asks sends the form of /ask with a fresh invitation.
func (b browser) asks(want int, seed int64, user string) string {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "Invitation.msrcIncident")
	if err == nil {
		_, err = part.Write(sample.Invitation{User: "jdoe", Password: "secret", Start: time.Now(), Minutes: 60, Seed: seed}.RA2())
	}
	if err == nil {
		err = form.WriteField("user", user)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := b.http.Post(b.url+"/ask", form.FormDataContentType(), &body)
	return b.read(r, err, want)
}

// TestWhoIsAGuest: whoever can have no account by this name, but nobody whom a
// role makes one of the team, or whose account is disabled.
func TestWhoIsAGuest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		role ticket.Role
		err  error
		want bool
	}{
		{"", account.ErrNoRole, true}, {"", account.ErrName, true}, {"", account.ErrTaken, true}, {"", account.ErrDisabled, false}, {"", account.ErrLogIn, false},
		{"", nil, false}, {ticket.RoleLead, account.ErrName, false}, {ticket.RoleLead, account.ErrTaken, false}, {ticket.RoleLead, nil, false},
	} {
		if got := onlyGuest(account.Identity{Role: c.role}, c.err); got != c.want {
			t.Errorf("role %q, %v: %v", c.role, c.err, got)
		}
	}
}

// TestGuestsAsk: who has no account signs in at the provider and may ask for
// help, and nothing else; a stranger may not even do that.
func TestGuestsAsk(t *testing.T) {
	t.Parallel()
	_, at := signOnOffice(t, "[senders]\nallow = ['example.org']\n[ask]\nsign_in = true\n")
	eve := newBrowser(t, at)
	if page := eve.get(200, "/ask"); !strings.Contains(page, `href="/login/sso?next=%2Fask"`) || strings.Contains(page, `name="file"`) {
		t.Errorf("to a stranger:\n%s", page)
	}
	if page := eve.asks(403, 1, "Eve"); !strings.Contains(page, "not signed in any more") {
		t.Errorf("a stranger's form:\n%s", page)
	}
	if page := eve.signsOn(200, "eve", "/ask"); !strings.Contains(page, "You are signed in as") || !strings.Contains(page, `name="file"`) {
		t.Errorf("signed in:\n%s", page)
	}
	if page := eve.asks(200, 2, "Eve"); !strings.Contains(page, "You are next in line") {
		t.Errorf("handed in:\n%s", page)
	}
	if page := eve.get(200, "/"); !strings.Contains(page, `href="/login/sso?next=%2F"`) {
		t.Errorf("the queue, to a guest:\n%s", page)
	}
	if page := newBrowser(t, at).signsOn(403, "eve", "/history"); !strings.Contains(page, "have no role at this helpdesk") {
		t.Errorf("a guest at another page:\n%s", page)
	}
	ada := newBrowser(t, at)
	ada.signsOn(200, "ada", "/ask")
	if page := ada.get(200, "/tickets/1"); !strings.Contains(page, "Eve") || strings.Contains(page, "Doubtful sender") {
		t.Errorf("the ticket:\n%s", page)
	}
}
