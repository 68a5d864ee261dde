package templates_test

import (
	"testing"

	"inviter/templates"
)

func TestFill(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                   "",
		"nothing to fill":    "nothing to fill",
		"{name}":             "Ada",
		"a {name} b {name}":  "a Ada b Ada",
		"{tricky}, {name}":   "{name}, Ada", // a value is never looked into
		"{other} {name}":     "{other} Ada",
		"{{name}}":           "{Ada}",
		"{ {name} }":         "{ Ada }",
		"unclosed {name":     "unclosed {name",
		"closed} {name} } {": "closed} Ada } {",
		"{empty}.":           ".",
		"ü{name}ß":           "üAdaß",
	} {
		if got := templates.Fill(text, []string{"name", "Ada", "tricky", "{name}", "empty", "", "name", "second"}); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if got := templates.Fill("{name}", nil); got != "{name}" {
		t.Errorf("nothing to fill with: %q", got)
	}
}
