package templates_test

import (
	"strings"
	"testing"
	"time"

	"inviter/templates"
)

func TestChatSaysWhoWaits(t *testing.T) {
	t.Parallel()
	l := language(t, "en")
	q := templates.ChatQueue{Now: now, Waiting: 12, URL: "https://help.example.org", Line: []templates.ChatTicket{
		{Number: 42, User: "Jane Doe", Since: ago(8 * time.Minute), Expires: in(time.Hour)},
		{Number: 43, Since: now, Expires: in(time.Hour)},
	}}
	if got, want := l.ChatQueue(q), "12 wait:\n42: Jane Doe, for 8 min, until 15:23\n43: Somebody, for just now, until 15:23\nhttps://help.example.org/"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := l.ChatQueue(templates.ChatQueue{}); got != "Nobody waits." {
		t.Error(got)
	}
}

// TestChatHarmsNoRoom: a name calls nobody, is no link, and begins no line.
func TestChatHarmsNoRoom(t *testing.T) {
	t.Parallel()
	nasty := "<!channel> @here [x](https://evil.example) *a*\n99: Me"
	for _, tag := range templates.Languages() {
		l := language(t, tag)
		for name, got := range map[string]string{
			"queue":    l.ChatQueue(templates.ChatQueue{Now: now, Waiting: 1, Line: []templates.ChatTicket{{Number: 1, User: nasty, Since: now, Expires: now}}}),
			"claimed":  l.ChatClaim(templates.ChatClaim{Now: now, User: nasty}),
			"taken":    l.ChatClaim(templates.ChatClaim{Now: now, Refused: "taken", Who: nasty}),
			"first":    l.ChatClaim(templates.ChatClaim{Now: now, Refused: "first-refusal", Who: nasty}),
			"stranger": l.Told("chat.stranger", "id", nasty),
		} {
			if strings.Contains(got, "<!") || strings.Contains(got, " @") || strings.Contains(got, "](") || strings.Contains(got, "://evil") || strings.Contains(got, "\n99") {
				t.Errorf("%s, %s: %q", tag, name, got)
			}
		}
	}
}

// TestChatHasWordsForEveryRefusal: no code of the program's is shown.
func TestChatHasWordsForEveryRefusal(t *testing.T) {
	t.Parallel()
	for _, tag := range templates.Languages() {
		l := language(t, tag)
		for _, code := range []string{"", "taken", "first-refusal", "ask-outside", "expired", "closed", "withdrawn", "superseded", "refused", "quarantined", "unknown", "forbidden", "unavailable"} {
			got := l.ChatClaim(templates.ChatClaim{Now: now, Number: 42, User: "Jane", Refused: code, Who: "ada", Since: now, Until: now})
			if !strings.Contains(got, "42") || strings.Contains(got, "title.") || strings.Contains(got, "chat.") || strings.Contains(got, "{") {
				t.Errorf("%s %s: %q", tag, code, got)
			}
		}
	}
}
