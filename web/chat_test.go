package web_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"inviter/invitation/sample"
	"inviter/ticket"
	"inviter/web"
)

const slackSecret = "8f742231b10e8888abcd99yyyzzz85a5"

// room is a house with chat systems of both kinds. U1 is ada, U2 a viewer, U3
// nobody that there is.
func room(t *testing.T, change ...func(*web.Options)) *house {
	t.Helper()
	people := map[string]string{"U1": "Ada", "U2": "vic", "U3": "ghost"}
	h := build(t, append([]func(*web.Options){func(o *web.Options) {
		o.Chats = []web.Chat{{Name: "mattermost", Tokens: []string{"token-of-queue", "token-of-claim"}, People: people}, {Name: "slack", Signing: slackSecret, People: people}}
	}}, change...)...)
	h.hire("ada", ticket.RoleTechnician)
	h.hire("vic", ticket.RoleViewer)
	return h
}

// types sends a slash command, as Mattermost does.
func (h *house) commands(user, command, text string) answer {
	h.t.Helper()
	return h.chats("/chat/mattermost", url.Values{"token": {"token-of-claim"}, "user_id": {user}, "user_name": {"x"}, "command": {command}, "text": {text}}.Encode())
}

func (h *house) chats(path, body string, headers ...string) answer {
	h.t.Helper()
	return h.call("", "POST", path, body, append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

// says is the answer's text, seen by nobody else.
func (h *house) says(user, command, text string) string {
	h.t.Helper()
	a := h.commands(user, command, text)
	m := a.json(h.t)
	if a.StatusCode != 200 || m["response_type"] != "ephemeral" || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
		h.t.Fatalf("%d %s", a.StatusCode, a.text)
	}
	h.clock.pass(10 * time.Second)
	return m["text"].(string)
}

func TestChatCommands(t *testing.T) {
	t.Parallel()
	h := room(t)
	if got := h.says("U1", "/help-queue", ""); got != "Nobody waits." {
		t.Error(got)
	}
	if got := h.says("U1", "/claim", "next"); got != "Nobody waits." {
		t.Error(got)
	}
	for range 12 {
		h.arrives()
		h.clock.pass(time.Minute)
	}
	got := h.says("U1", "/help-queue", "")
	if !strings.HasPrefix(got, "12 wait:\n1: User 1, for 12 min, until ") || strings.Count(got, "\n") != 11 || strings.Contains(got, "printer") {
		t.Errorf("%q", got)
	}
	if got := h.says("U1", "/claim", "#2"); !strings.HasPrefix(got, "Number 2 is yours: User 2, until ") || !strings.HasSuffix(got, "/tickets/2") {
		t.Error(got)
	}
	if c := h.is(2, ticket.Claimed).Claim; c.Holder != "ada" {
		t.Errorf("%+v", c)
	}
	if got := h.says("U1", "/claim", "2"); !strings.HasPrefix(got, "Number 2 is yours") {
		t.Errorf("again: %s", got)
	}
	_, err := h.Claim(t.Context(), 3, ticket.Technician{Name: "grace", Role: ticket.RoleTechnician})
	check(t, err)
	for text, want := range map[string]string{
		"3": "grace has had number 3 since", "99": "Number 99: There is no such ticket.", "x": "Try `/help-queue`", "-1": "Try", "1 2": "Try", "99999999999999999999": "Try",
	} {
		if got := h.says("U1", "/claim", text); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", text, got)
		}
	}
	if got := h.says("U1", "/desk", "claim next"); !strings.HasPrefix(got, "Number 1 is yours") {
		t.Error(got)
	}
	if got := h.says("U1", "/desk", " QUEUE "); !strings.HasPrefix(got, "9 wait:") {
		t.Error(got)
	}
	for _, text := range []string{"", "dance", strings.Repeat("x", 9000)} {
		if got := h.says("U1", "/desk", text); !strings.HasPrefix(got, "Try") {
			t.Errorf("%.20s: %q", text, got)
		}
	}
}

func TestChatKnowsWhoTypes(t *testing.T) {
	t.Parallel()
	h := room(t)
	h.arrives()
	for user, want := range map[string]string{"U2": "Number 1: Not allowed.", "U3": "Nobody here goes by your chat id, U3.", "U9": "Nobody here goes by your chat id, U9.", "": "Nobody here", "ada": "Nobody here"} {
		if got := h.says(user, "/claim", "1"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", user, got)
		}
	}
	h.is(1, ticket.Waiting)
	check(t, h.accounts.Disable(t.Context(), "ada"))
	if got := h.says("U1", "/claim", "1"); !strings.HasPrefix(got, "Nobody here") {
		t.Errorf("disabled: %q", got)
	}
	h.is(1, ticket.Waiting)
}

func TestChatAsksOutside(t *testing.T) {
	t.Parallel()
	h := room(t)
	h.arrives(func(d *ticket.Delivery, _ *sample.Invitation) { d.Flags = []ticket.Flag{ticket.OutsideNetworks} })
	for _, which := range []string{"1", "next"} {
		if got := h.says("U1", "/claim", which); !strings.HasPrefix(got, "Number 1 has an address outside your networks") || !strings.HasSuffix(got, "/tickets/1") {
			t.Errorf("%s: %q", which, got)
		}
	}
	h.is(1, ticket.Waiting)
}

// TestChatTokens: whoever is not the chat system learns nothing, not even
// whether there is one.
func TestChatTokens(t *testing.T) {
	t.Parallel()
	h := room(t)
	good := "token=token-of-queue&user_id=U1&command=/help-queue"
	if a := h.chats("/chat/mattermost", good); a.StatusCode != 200 {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	var first string
	for path, body := range map[string]string{
		"/chat/mattermost": "user_id=U1&command=/help-queue", "/chat/mattermost?": "token=&user_id=U1", "/chat/mattermost?token=token-of-queue": "token=token-of-queu&user_id=U1",
		"/chat/nobody": good, "/chat/slack": good, "/chat/mattermost?x": "%zz",
	} {
		a := h.chats(path, body)
		if first == "" {
			first = a.text
		}
		if a.StatusCode != http.StatusUnauthorized || a.text != first {
			t.Errorf("%s %s: %d %s", path, body, a.StatusCode, a.text)
		}
	}
	if a := h.chats("/chat/mattermost", good+"&x="+strings.Repeat("x", 70<<10)); a.StatusCode != 413 {
		t.Errorf("too large: %d", a.StatusCode)
	}
	for range 40 {
		h.chats("/chat/mattermost", "token=guess")
	}
	if a := h.chats("/chat/mattermost", "token=guess"); a.StatusCode != http.StatusTooManyRequests {
		t.Errorf("guessing on: %d", a.StatusCode)
	}
	off := build(t)
	if a := off.chats("/chat/mattermost", good); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("nothing is configured: %d", a.StatusCode)
	}
}

// sign is a request as Slack sends it, signed at a time.
func sign(body string, at time.Time) []string {
	stamp := strconv.FormatInt(at.Unix(), 10)
	m := hmac.New(sha256.New, []byte(slackSecret))
	fmt.Fprintf(m, "v0:%s:%s", stamp, body)
	return []string{"X-Slack-Request-Timestamp", stamp, "X-Slack-Signature", "v0=" + hex.EncodeToString(m.Sum(nil))}
}

func TestChatSignatures(t *testing.T) {
	t.Parallel()
	h := room(t)
	body := "token=x&user_id=U1&command=%2Fhelp-queue&text="
	send := func(body string, headers []string) int { return h.chats("/chat/slack", body, headers...).StatusCode }
	now := h.clock.time()
	headers := sign(body, now)
	if got := send(body, headers); got != 200 {
		t.Errorf("its own: %d", got)
	}
	if got := send(body, headers); got != 401 {
		t.Errorf("heard before: %d", got)
	}
	h.clock.pass(4 * time.Minute)
	if got := send(body, headers); got != 401 {
		t.Errorf("heard before, within the window: %d", got)
	}
	now = h.clock.time()
	wrong := sign(body, now)
	wrong[3] = wrong[3][:len(wrong[3])-1] + "x"
	other := sign(body, now)
	other[1] = strconv.FormatInt(now.Unix()+1, 10)
	for name, c := range map[string]struct {
		body    string
		headers []string
	}{
		"another body": {body + "x", sign(body, now)}, "wrong": {body, wrong}, "another time": {body, other}, "none": {body, nil},
		"too old": {body, sign(body, now.Add(-301*time.Second))}, "too new": {body, sign(body, now.Add(301*time.Second))}, "no time": {body, []string{"X-Slack-Signature", sign(body, now)[3]}},
	} {
		if got := send(c.body, c.headers); got != 401 {
			t.Errorf("%s: %d", name, got)
		}
	}
	for _, d := range []time.Duration{-299 * time.Second, 299 * time.Second} {
		if got := send(body, sign(body, now.Add(d))); got != 200 {
			t.Errorf("%v off: %d", d, got)
		}
	}
}

// TestChatSignatureOfTheirOwnExample is what Slack's documentation signs, byte for byte.
func TestChatSignatureOfTheirOwnExample(t *testing.T) {
	t.Parallel()
	h := room(t)
	h.clock.pass(time.Unix(1531420618, 0).Sub(h.clock.time()))
	body := "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner" +
		"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	a := h.chats("/chat/slack", body, "X-Slack-Request-Timestamp", "1531420618", "X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503")
	if a.StatusCode != 200 || !strings.Contains(a.text, "U2CERLKJA") {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
}

func TestChatTooMuch(t *testing.T) {
	t.Parallel()
	h := room(t)
	for range 10 {
		h.commands("U1", "/help-queue", "")
	}
	if a := h.commands("U1", "/help-queue", ""); !strings.Contains(a.text, "a lot in a short time") {
		t.Error(a.text)
	}
	if a := h.commands("U2", "/help-queue", ""); !strings.Contains(a.text, "Nobody waits") {
		t.Errorf("somebody else waits for it: %s", a.text)
	}
}
