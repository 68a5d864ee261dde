package carrier

import (
	"bytes"
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
	b = b[:min(len(b), maxLook)]
	switch {
	case k.typ == "text/html" && o.html == nil:
		o.html = &body{k, decodeText(k, b)}
	case k.typ == "text/plain" && o.plain == nil:
		o.plain = &body{k, decodeText(k, b)}
	}
}

// text is what the user wrote, not yet cleaned, without the invitations and
// files in it: they are credentials.
func (o *opener) text() string {
	if o.plain != nil {
		s := withoutFiles(unflow(o.plain.text, o.plain.kind))
		if strings.TrimSpace(s) != "" || o.html == nil {
			return s
		}
	}
	if o.html != nil {
		return withoutFiles(htmlText(o.html.text))
	}
	return ""
}

// decodeText decodes a text by its byte order mark, else as declared.
func decodeText(k kind, b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		return toUTF8("utf-16le", b[2:])
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return toUTF8("utf-16be", b[2:])
	}
	return toUTF8(k.params["charset"], bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF")))
}

// unflow undoes format=flowed (RFC 3676): lines that end in a blank go on.
func unflow(s string, k kind) string {
	if !strings.EqualFold(k.params["format"], "flowed") {
		return s
	}
	drop := strings.EqualFold(k.params["delsp"], "yes")
	var b strings.Builder
	for line := range strings.Lines(s) {
		text := strings.TrimRight(line, "\r\n")
		text = strings.TrimPrefix(text, " ") // stuffed
		switch {
		case !strings.HasSuffix(text, " ") || text == "-- ":
			b.WriteString(text + "\n")
		case drop:
			b.WriteString(text[:len(text)-1])
		default:
			b.WriteString(text)
		}
	}
	return b.String()
}

// CleanText keeps the lines of a text and cleans each; runs of empty lines
// become one, and the whole is bounded.
func CleanText(s string) string {
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
