package carrier_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"inviter/carrier"
	"inviter/invitation/sample"
)

func TestText(t *testing.T) {
	t.Parallel()
	const alternative = "From: a@b\nContent-Type: multipart/alternative; boundary=b\n\n"
	for name, c := range map[string]struct{ mail, want string }{
		"plain":              {"From: a@b\n\nHelp me,\r\nplease.\n\n\n\nJane", "Help me,\nplease.\n\nJane"},
		"latin 1":            {"From: a@b\nContent-Type: text/plain; charset=iso-8859-1\n\nJ\xf6rg", "Jörg"},
		"charset is a lie":   {"From: a@b\nContent-Type: text/plain; charset=us-ascii\n\nJörg", "Jörg"},
		"charset unknown":    {"From: a@b\nContent-Type: text/plain; charset=klingon\n\nJ\xf6rg", "Jörg"},
		"gb18030":            {"From: a@b\nContent-Type: text/plain; charset=gb18030\n\n\xc4\xe3\xba\xc3", "你好"},
		"quoted-printable":   {"From: a@b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nJ=C3=B6=\nrg = x", "Jörg = x"},
		"plain preferred":    {alternative + "--b\nContent-Type: text/html\n\n<b>html</b>\n--b\nContent-Type: text/plain\n\nplain\n--b--", "plain"},
		"boundary in a line": {alternative + "--b\nContent-Type: text/plain\n\nsee --b\nand --b--\n--b\n\nmore\n--b--", "see --b\nand --b--"},
		"empty plain":        {alternative + "--b\n\n \n--b\nContent-Type: text/html\n\n<b>html</b>\n--b--", "html"},
		"a file is no text":  {alternative + "--b\nContent-Disposition: attachment; filename=a.txt\n\nfile\n--b\nContent-Type: text/html\n\nhtml\n--b--", "html"},
		"html":               {"From: a@b\nContent-Type: text/html\n\n<html><head><title>t</title><style>p{}</style></head><body><p>Help&nbsp;me &amp;\nothers<br>x &lt; y<!-- c --><div>z</div><script>evil()</script>", "Help me & others\nx < y\nz"},
		"controls":           {"From: a@b\n\na\x00\x1b[1mb\u202ec", "a[1mbc"},
	} {
		if got := carrier.Mail([]byte(c.mail), limits).Text; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestTextIsBounded(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("é", 9000), strings.Repeat("é\r\n", 9000), strings.Repeat("<", 60_000)} {
		for _, m := range []sample.Mail{{Text: text}, {HTML: text}} {
			got := carrier.Mail(m.Bytes(), limits).Text
			if n := utf8.RuneCountInString(got); n > 2000 || n < 1000 {
				t.Errorf("%d characters of %.10q", n, text)
			}
		}
	}
}
