package demo

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
	"time"
)

// invitation is the person's file, made at that moment on the person's PC. The
// same moment gives the same bytes.
func (p person) invitation(made time.Time) []byte {
	i := p.Invitation
	i.Start = made.Add(-p.age)
	b := i.RA2()
	if p.xp {
		b = i.RA1()
	}
	if p.damage {
		b = b[:len(b)*2/3]
	}
	return b
}

// letter is the person's mail with the invitation, if there is one, as a mail
// program would send it at that moment. The same moment gives the same bytes.
func (p person) letter(made time.Time) []byte {
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	id := fmt.Sprintf("%s.%d", p.id, made.UnixMilli())
	_ = parts.SetBoundary("=_" + id) // of letters, digits and dots: never refused
	for _, line := range [][2]string{
		{"From", p.mail.String()},
		{"To", "Helpdesk <" + Alias + ">"},
		{"Subject", mime.QEncoding.Encode("utf-8", p.subject)},
		{"Date", made.Format(time.RFC1123Z)},
		{"Message-ID", "<" + id + "@example.org>"},
		{"Content-Language", p.lang},
		{"MIME-Version", "1.0"},
		{"Content-Type", `multipart/mixed; boundary="` + parts.Boundary() + `"`},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", line[0], line[1])
	}
	b.WriteString("\r\n")
	p.addText(parts)
	if p.file != "" {
		p.addFile(parts, made)
	}
	_ = parts.Close() // into memory: never fails, like the writes below
	return b.Bytes()
}

func (p person) addText(parts *multipart.Writer) {
	w, _ := parts.CreatePart(textproto.MIMEHeader{
		"Content-Type":              {"text/plain; charset=utf-8"},
		"Content-Transfer-Encoding": {"quoted-printable"},
	})
	q := quotedprintable.NewWriter(w)
	_, _ = q.Write([]byte(strings.ReplaceAll(p.text, "\n", "\r\n")))
	_ = q.Close()
}

func (p person) addFile(parts *multipart.Writer, made time.Time) {
	w, _ := parts.CreatePart(textproto.MIMEHeader{
		"Content-Type":              {"application/octet-stream"},
		"Content-Disposition":       {mime.FormatMediaType("attachment", map[string]string{"filename": p.file})},
		"Content-Transfer-Encoding": {"base64"},
	})
	const width = 76
	text := base64.StdEncoding.EncodeToString(p.invitation(made))
	for len(text) > 0 {
		n := min(width, len(text))
		_, _ = fmt.Fprintf(w, "%s\r\n", text[:n])
		text = text[n:]
	}
}
