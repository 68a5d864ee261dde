package templates

import (
	"html/template"
	"strings"
)

// rich is a text with *strong* words in it and placeholders filled with
// markup. Text and markup never mix up: the text's own characters are escaped,
// and values must have been made by bdi, since or another function here.
func (l *Language) rich(key string, pairs ...template.HTML) template.HTML {
	text := template.HTMLEscapeString(l.message(key).other)
	var b strings.Builder
	for i, part := range strings.Split(text, "*") {
		if i%2 == 1 {
			part = "<b>" + part + "</b>"
		}
		b.WriteString(part)
	}
	plain := make([]string, len(pairs))
	for i, p := range pairs {
		plain[i] = string(p)
	}
	return template.HTML(fill(b.String(), plain))
}

// bdi sets foreign text apart: escaped, shown as far as it can be shown, and in
// its own writing direction, so that it can't reorder what stands around it.
func bdi(s string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(visible(s)) + "</bdi>")
}

// visible replaces what would act instead of being read: control characters,
// and the marks that override the direction of writing.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0, overrides(r):
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// overrides tells the characters of UAX #9 that embed, override or isolate.
// The implicit marks (LRM, RLM, ALM) are harmless and needed in honest names.
func overrides(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
