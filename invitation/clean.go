package invitation

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName is how many characters Clean leaves of a foreign text.
const MaxName = 256

// Clean makes one line of foreign text fit to show: without control and format
// characters (bidi marks above all, which can turn the rest of a page around),
// with every run of white space as one blank, and of at most MaxName characters.
func Clean(s string) string { return CleanLine(s, MaxName) }

// CleanLine is Clean with a bound of its own, in characters.
func CleanLine(s string, limit int) string {
	var b strings.Builder
	count, gap := 0, false
	for _, r := range s {
		switch {
		case r == utf8.RuneError, hidden(r):
			continue
		case unicode.IsSpace(r):
			gap = true
			continue
		}
		if gap && count > 0 {
			if count++; count >= limit {
				break
			}
			b.WriteByte(' ')
		}
		gap = false
		if count++; count > limit {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// hidden tells which characters a reader can't see but the page may obey. The
// joiners stay: Persian words and joined emoji need them.
func hidden(r rune) bool {
	if r == '\u200C' || r == '\u200D' {
		return false
	}
	return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r)
}
