package account

import (
	"strings"
	"testing"
)

func TestCleanName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"ada", true},
		{"Ada Lovelace", true},
		{"أمل", true},
		{"jürgen@example.org", true},
		{strings.Repeat("a", 64), true},
		{strings.Repeat("ü", 64), true},
		{strings.Repeat("u\u0308", 64), true}, // composes to 64
		{"", false},
		{strings.Repeat("a", 65), false},
		{strings.Repeat("a", 1<<20), false},
		{" ada", false},
		{"ada ", false},
		{"a/b", false},
		{"a\x00b", false},
		{"a\nb", false},
		{"a\x7fb", false},
		{"a\u0085b", false},
		{"a\u202eb", false}, // right-to-left override
		{"a\u2066b", false}, // isolate
		{"a\u200bb", false}, // zero width space
		{"a\u00a0b", false}, // looks like a blank, isn't one
		{"a\ufeffb", false},
		{"a\xffb", false},
		{".", false},
		{"..", false},
		{"．．", false}, // the same, wide
		{"user", false},
		{"USER", false},
		{"users", true},
	} {
		if _, _, err := cleanName(c.name); (err == nil) != c.ok {
			t.Errorf("cleanName(%.80q) = %v, want ok %v", c.name, err, c.ok)
		}
	}
}

func TestNamesThatAreOne(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		one  bool
	}{
		{"ada", "ADA", true},
		{"straße", "STRASSE", true},
		{"ü", "u\u0308", true},
		{"Ada", "Ａｄａ", true}, // full width
		{"ΣΊΣΥΦΟΣ", "σίσυφος", true},
		{"ada", "adа", false}, // Cyrillic а
		{"ada", "ada1", false},
	} {
		_, a, errA := cleanName(c.a)
		_, b, errB := cleanName(c.b)
		if errA != nil || errB != nil || (a == b) != c.one {
			t.Errorf("%q and %q: %q, %q (%v, %v), want one: %v", c.a, c.b, a, b, errA, errB, c.one)
		}
	}
}
