package carrier_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"inviter/carrier"
)

// worst are inputs of the full 5 MB that were made to be slow.
func worst() map[string][]byte {
	const size = 5<<20 - 4096
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	plain := func(s string) []byte { return []byte("From: a@b\nContent-Type: text/plain\n\n" + fill(s)) }
	page := func(s string) []byte {
		return []byte("From: a@b\nContent-Type: text/html\n\n<p>UPLOAD KH=" + fill(s) + ">")
	}
	parts := func(body string) []byte {
		each := "--b\n" + strings.Repeat(body, size/500/len(body)) + "\n"
		return []byte("From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat(each, 500))
	}
	var bombs []entry
	for i := range 5 {
		bombs = append(bombs, entry{fmt.Sprint(i), make([]byte, 1<<20-1)})
	}
	bomb := zipped(bombs...)
	packed := func(text string) []byte {
		var pages []entry
		for i := range 5 {
			pages = append(pages, entry{fmt.Sprint(i, ".html"), []byte("<p>UPLOAD KH=" + strings.Repeat(text, (1<<20-100)/len(text)))})
		}
		return []byte("From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Transfer-Encoding: base64\n\n"+b64(zipped(pages...)), 20))
	}
	var crowd []entry
	for i := range 40_000 {
		crowd = append(crowd, entry{fmt.Sprint(i), nil})
	}
	keywords := "anydesk teamviewer splashtop rustdesk quick assist easy connect zoho session= agentinvite vnc:// rdp:// meet.jit.si zoom.us "
	secret := ""
	for i := range 20 {
		own := jane
		own.Seed, own.Endpoints = int64(i), []string{"10.0.0.7:1"}
		secret += "--b\n\n" + string(own.RA2()) + "\n"
	}
	return map[string][]byte{
		"one line of delimiters":  []byte("From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" + fill("--b")),
		"delimiters on lines":     []byte("From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" + fill("\n--bx")),
		"nested multiparts":       append(nested(25, nil), fill("x")...),
		"long boundary of dashes": []byte("From: a@b\nContent-Type: multipart/mixed; boundary=" + strings.Repeat("-", 100) + "\n\n" + fill("-")),
		"starts of invitations":   plain("<UPLOADINFO TYPE=\n"),
		"starts in parts":         parts("\n<UPLOADINFO TYPE=\n"),
		"starts in parts, E":      parts("\n<E><A\n"),
		"whole ones in text":      parts("\n<E><A/><L N='h' P='1'/></E>\n"),
		"open tags":               page("<a "),
		"open angles":             page("<"),
		"styles without an end":   page("<style>"),
		"comments without an end": page("<!-- "),
		"entities":                page("&lt;E&gt;&lt;A "),
		"begin lines":             plain("begin 644 a\n"),
		"uuencoded":               plain("begin 644 a\nM" + strings.Repeat("0", 60) + "\n"),
		"base64 lines":            plain(strings.Repeat("QUJD", 19) + "\n"),
		"base64 short runs":       plain(strings.Repeat("QUJD", 19) + "\n<\n"),
		"header fields":           []byte(fill("Received:;x\n")),
		"header folds":            []byte("From: " + fill("a\n b")),
		"header addresses":        []byte("Reply-To: " + fill("(a,<") + "\n\n"),
		"mails in mails":          []byte(fill("From: a@b\n\n")),
		"bombs":                   parts("Content-Transfer-Encoding: base64\n\n" + b64(bomb)),
		"pages in zips":           packed("<"),
		"starts in zips":          packed("<UPLOADINFO TYPE=\n"),
		"large directory":         zipped(crowd...),
		"keywords":                plain(keywords + "123456789 ABCDEFG https://x.example/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@ad "),
		"words with invitations":  []byte("From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" + strings.Repeat("pw:x y ", 9000) + "\n" + secret),
		"tnef":                    append([]byte{0x78, 0x9F, 0x3E, 0x22, 1, 0}, bytes.Repeat([]byte{2, 2, 0x90, 6, 0, 0, 0, 0, 0, 0, 0}, size/11)...),
		"parameters":              []byte("From: a@b\nContent-Type: multipart/mixed" + fill("; x=\"")),
		"quoted-printable":        []byte("From: a@b\nContent-Transfer-Encoding: quoted-printable\n\n" + fill("=")),
	}
}

// BenchmarkWorst must stay far below the 2 s and 128 MB that one input may cost.
func BenchmarkWorst(b *testing.B) {
	for name, raw := range worst() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				carrier.File("a.eml", raw, limits)
			}
		})
	}
}
