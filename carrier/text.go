package carrier

import (
	"strings"

	"inviter/invitation"
)

// body is a text part that may be what the user wrote.
type body struct {
	kind kind
	text string
}

// note remembers the first plain and the first HTML body: parts of type text
// that aren't files.
func (o *opener) note(k kind, b []byte) {
	if k.name != "" {
		return
	}
	switch {
	case k.typ == "text/html" && o.html == nil:
		o.html = &body{k, toUTF8(k.params["charset"], b[:min(len(b), maxLook)])}
	case k.typ == "text/plain" && o.plain == nil:
		o.plain = &body{k, toUTF8(k.params["charset"], b[:min(len(b), maxLook)])}
	}
}

// text is what the user wrote.
func (o *opener) text() string {
	switch {
	case o.plain != nil && strings.TrimSpace(o.plain.text) != "":
		return cleanText(o.plain.text)
	case o.html != nil:
		return cleanText(htmlText(o.html.text))
	}
	return ""
}

// cleanText keeps the lines of a text and cleans each; runs of empty lines
// become one, and the whole is bounded.
func cleanText(s string) string {
	var b strings.Builder
	left, gap := maxText, false
	for line := range strings.Lines(s) {
		line = invitation.CleanLine(line, left)
		if line == "" {
			gap = b.Len() > 0
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		if gap {
			b.WriteByte('\n')
		}
		gap = false
		b.WriteString(line)
		if left -= len([]rune(line)) + 2; left <= 0 {
			break
		}
	}
	return b.String()
}
