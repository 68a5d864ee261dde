package sample

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"strings"
	"time"
)

// Mail is a mail as a user's program would write it: RFC 5322 with CRLF line
// ends, attachments in base64. Nothing is drawn at random.
type Mail struct {
	From, To, Subject string // From and To as they shall stand: "Jane Doe <jane@example.org>"
	Date              time.Time
	MessageID         string   // without angle brackets; "" leaves it out
	Fields            []string // further header lines, "Auto-Submitted: auto-replied"
	Text, HTML        string   // bodies; both make a multipart/alternative
	Files             []File
}

// File is an attachment.
type File struct {
	Name string // "" leaves it out
	Type string // "" is application/octet-stream
	Body []byte
}

// Bytes is the mail.
func (m Mail) Bytes() []byte {
	var b bytes.Buffer
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	line("From", m.From)
	line("To", m.To)
	line("Subject", mime.QEncoding.Encode("utf-8", m.Subject))
	if !m.Date.IsZero() {
		line("Date", m.Date.Format(time.RFC1123Z))
	}
	if m.MessageID != "" {
		line("Message-ID", "<"+m.MessageID+">")
	}
	for _, f := range m.Fields {
		b.WriteString(f + "\r\n")
	}
	b.WriteString("MIME-Version: 1.0\r\n")
	b.WriteString(m.content())
	return b.Bytes()
}

// content is the header fields of the body, an empty line, and the body.
func (m Mail) content() string {
	var parts []string
	switch {
	case m.HTML != "" && m.Text != "":
		parts = append(parts, multipart("alternative", []string{textPart("plain", m.Text), textPart("html", m.HTML)}))
	case m.HTML != "":
		parts = append(parts, textPart("html", m.HTML))
	default:
		parts = append(parts, textPart("plain", m.Text))
	}
	if len(m.Files) == 0 {
		return parts[0]
	}
	for _, f := range m.Files {
		parts = append(parts, f.part())
	}
	return multipart("mixed", parts)
}

func textPart(subtype, text string) string {
	return "Content-Type: text/" + subtype + "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + wrapped([]byte(text))
}

func (f File) part() string {
	typ := f.Type
	if typ == "" {
		typ = "application/octet-stream"
	}
	disposition := "attachment"
	if f.Name != "" {
		disposition = mime.FormatMediaType("attachment", map[string]string{"filename": f.Name})
	}
	return "Content-Type: " + typ + "\r\nContent-Disposition: " + disposition +
		"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + wrapped(f.Body)
}

func multipart(subtype string, parts []string) string {
	const boundary = "=_sample_"
	mark := boundary + subtype
	var b strings.Builder
	fmt.Fprintf(&b, "Content-Type: multipart/%s; boundary=%q\r\n\r\n", subtype, mark)
	for _, p := range parts {
		b.WriteString("--" + mark + "\r\n" + p + "\r\n")
	}
	b.WriteString("--" + mark + "--\r\n")
	return b.String()
}

func wrapped(body []byte) string {
	s := base64.StdEncoding.EncodeToString(body)
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return b.String() + s + "\r\n"
}
