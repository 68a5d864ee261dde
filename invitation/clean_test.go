package invitation_test

import (
	"strings"
	"testing"

	"inviter/invitation"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                     "",
		"Jane Doe":                             "Jane Doe",
		"  a \t\r\n b\u00a0\u2028c ":           "a b c",
		"a\x00b\x1b[31mc\x7f\u0085":            "ab[31mc",
		"\u202eevil\u202c \u2066x\u2069\ufeff": "evil x",
		"bad \xff\xfe utf\ufffd":               "bad utf",
		"می\u200cخواهم":                        "می\u200cخواهم",
		strings.Repeat("é", 300):               strings.Repeat("é", 256),
		strings.Repeat("ab ", 200):             strings.TrimSpace(strings.Repeat("ab ", 86)[:256]),
	} {
		if got := invitation.Clean(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
