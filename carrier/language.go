package carrier

import (
	"strings"
	"unicode"
)

// language is the primary subtag of the first tag in a list of language tags
// (RFC 3282, RFC 5646): "de-DE, en;q=0.5" is "de".
func language(value string) string {
	first, _, _ := strings.Cut(value, ",")
	first, _, _ = strings.Cut(first, ";")
	tag, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(first)), "-")
	if len(tag) < 2 || len(tag) > 3 || strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return tag
}

// wrote guesses the language of a text by its small words. It says nothing
// where few were found, or of both languages many: a mail that quotes another,
// or names and numbers alone.
func wrote(text string) string {
	german, english := 0, 0
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		switch w {
		case "der", "die", "das", "und", "ich", "nicht", "ist", "ein", "eine", "einen", "mein", "meine", "meinen", "bitte", "mit",
			"auf", "für", "wir", "sie", "geht", "habe", "hallo", "danke", "vielen", "beim", "kann", "mehr", "grüße", "guten", "hilfe":
			german++
		case "the", "and", "i", "my", "is", "not", "of", "please", "with", "for", "you", "it", "can", "have", "this", "hello",
			"thanks", "help", "to", "hi", "me", "regards", "dear", "does", "doesn", "cannot", "would", "when":
			english++
		}
	}
	switch {
	case german >= 2 && german > 2*english:
		return "de"
	case english >= 2 && english > 2*german:
		return "en"
	}
	return ""
}
