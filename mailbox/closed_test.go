package mailbox

import (
	"testing"

	"github.com/emersion/go-imap/v2"
)

// What a server adds that differs each time is no news.
func TestSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                  "it says no",
		"Permission denied": "it says: Permission denied",
		"Permission denied (0.001 + 0.000 secs).":         "it says: Permission denied",
		"Permission denied (0.001 + 0.000 + 0.001 secs).": "it says: Permission denied",
		"No such folder (yet)":                            "it says: No such folder (yet)",
		"Two\r\nlines":                                    "it says: Two  lines",
	} {
		if got := said(&imap.Error{Text: text}); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestWordsOfAClosedFolder(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		closed
		folders []string
	}{
		"mail stays where it is, for mx can't make the folder A (it says: no): make it there, or name another":            {closed{true, "it says: no"}, []string{"A"}},
		"mail stays where it is, for mx can't make the folders A and B (it says: no): make them there, or name others":    {closed{true, "it says: no"}, []string{"A", "B"}},
		"mail stays where it is, for mx can't move it to A and B (it says: full): allow it there, or name another folder": {closed{false, "it says: full"}, []string{"A", "B"}},
	} {
		if got := c.words("mx", c.folders); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
