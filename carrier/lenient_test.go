package carrier_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"inviter/carrier"
	"inviter/invitation"
)

func b64(b []byte) string {
	s := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	for len(s) > 76 {
		out.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return out.String() + s + "\n"
}

// TestPartWithoutFields: the blank line that ends its empty header isn't the file's.
func TestPartWithoutFields(t *testing.T) {
	t.Parallel()
	file := jane.ConnectionString()
	for name, body := range map[string][]byte{"bare": bytes.TrimSpace(file), "zip": zipped(entry{"a", bytes.TrimSpace(file)})} {
		for _, end := range []string{"\n", "\r\n"} {
			lines := []string{"From: jane@example.org", "Content-Type: multipart/mixed; boundary=b", "", "--b", "", string(body), "--b--", ""}
			c := carrier.Mail([]byte(strings.Join(lines, end)), limits)
			if len(c.Found) != 1 || !bytes.Equal(c.Found[0].File, bytes.TrimSpace(file)) {
				t.Errorf("%s %q: %+v", name, end, c)
			}
		}
	}
}

// TestWhereStrictReadersGiveUp has the rows on which go-message 0.18 loses an
// invitation or its name, or a whole mail.
func TestWhereStrictReadersGiveUp(t *testing.T) {
	t.Parallel()
	file := jane.RA2()
	enc := b64(file)
	const top = "From: jane@example.org\nSubject: help\nMIME-Version: 1.0\n"
	const mixed = top + "Content-Type: multipart/mixed; boundary=b\n\n"
	const text = "--b\nContent-Type: text/plain\n\nhello\n"
	part := func(header string) string { return "--b\n" + header + "\nContent-Transfer-Encoding: base64\n\n" + enc }
	const file1 = "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=a.msrcIncident"
	for name, c := range map[string]struct{ mail, path string }{
		"as it should be":           {mixed + text + part(file1) + "--b--\n", "2/a.msrcIncident"},
		"mbox line":                 {"From jane@example.org Mon May  6 07:08:09 2024\n" + mixed + text + part(file1) + "--b--\n", "2/a.msrcIncident"},
		"malformed top line":        {"this line is nothing\n" + "X y: z\n" + mixed + text + part(file1) + "--b--\n", ""},
		"malformed line inside":     {top + "what is this\nContent-Type: multipart/mixed; boundary=b\n\n" + text + part(file1) + "--b--\n", "2/a.msrcIncident"},
		"leading blank":             {" " + mixed + text + part(file1) + "--b--\n", "2/a.msrcIncident"},
		"leading empty lines":       {"\n\n" + mixed + text + part(file1) + "--b--\n", "2/a.msrcIncident"},
		"part line without colon":   {mixed + text + part("no colon here\n"+file1) + "--b--\n", ""},
		"doubled semicolon":         {top + "Content-Type: multipart/mixed;; boundary=b\n\n" + text + part(file1) + "--b--\n", "2/a.msrcIncident"},
		"boundary missing":          {top + "Content-Type: multipart/mixed\n\n" + text + part(file1) + "--b--\n", "2/a.msrcIncident"},
		"boundary wrong":            {top + "Content-Type: multipart/mixed; boundary=c\n\n" + text + part(file1) + "--b--\n", "2/a.msrcIncident"},
		"boundary with blanks":      {top + "Content-Type: multipart/mixed; boundary = \"b\" ; x\n\n" + text + part(file1) + "--b--\n", "2/a.msrcIncident"},
		"preamble and epilogue":     {mixed + "This is MIME.\n" + text + part(file1) + "--b--\nbye\n", "2/a.msrcIncident"},
		"no final boundary":         {mixed + text + part(file1), "2/a.msrcIncident"},
		"one boundary inside other": {mixed + "--bb\n" + text + part(file1) + "--b--\n", "2/a.msrcIncident"},
		"final boundary run on":     {mixed + text + part(file1) + "--b--", "2/a.msrcIncident"},
		"unknown encoding first":    {mixed + "--b\nContent-Transfer-Encoding: zip9\n\nhello\n" + part(file1) + "--b--\n", "2/a.msrcIncident"},
		"unknown encoding":          {mixed + text + "--b\n" + file1 + "\nContent-Transfer-Encoding: zip9\n\n" + string(file) + "\n--b--\n", "2/a.msrcIncident"},
		"encoding not said":         {mixed + text + "--b\n" + file1 + "\n\n" + enc + "--b--\n", "2/a.msrcIncident"},
		"encoding with comment":     {mixed + text + "--b\n" + file1 + "\nContent-Transfer-Encoding: BASE64 ; x\n\n" + enc + "--b--\n", "2/a.msrcIncident"},
		"base64 with footer":        {mixed + text + part(file1) + "-- \nlist footer, go away!\n--b--\n", "2/a.msrcIncident"},
		"base64 with blanks":        {mixed + text + "--b\n" + file1 + "\nContent-Transfer-Encoding: base64\n\n" + strings.ReplaceAll(enc, "\n", " \t\n ") + "--b--\n", "2/a.msrcIncident"},
		"part without header":       {mixed + text + "--b\n\n" + string(file) + "\n--b--\n", "2"},
		"not multipart":             {top + file1 + "\nContent-Transfer-Encoding: base64\n\n" + enc, "1/a.msrcIncident"},
		"LF and CRLF mixed":         {mixed + text + strings.ReplaceAll(part(file1), "\n", "\r\n") + "--b--\n", "2/a.msrcIncident"},
		"header alone, then part":   {mixed + "--b\nContent-Type: text/plain\n" + part(file1) + "--b--\n", "2/a.msrcIncident"},
		"multipart in base64":       {top + "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n" + b64([]byte(text+part(file1)+"--b--\n")), "2/a.msrcIncident"},
	} {
		for ends, mail := range map[string][]byte{"LF": []byte(c.mail), "CRLF": crlf(c.mail)} {
			t.Run(name+" "+ends, func(t *testing.T) {
				t.Parallel()
				got := carrier.Mail(mail, limits)
				if len(got.Found) != 1 || got.Found[0].Key != keyOf(t, file) || len(got.Refused) != 0 {
					t.Fatalf("%+v\nin %s", got, mail)
				}
				if c.path != "" && got.Found[0].Path != c.path {
					t.Errorf("at %s, want %s", got.Found[0].Path, c.path)
				}
			})
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		`Content-Disposition: attachment; filename="a b.msrcIncident"`:                                                "a b.msrcIncident",
		`Content-Disposition: attachment; filename=a b.msrcIncident`:                                                  "a b.msrcIncident",
		`Content-Disposition: attachment; filename*=utf-8''J%C3%B6rg.msrcIncident`:                                    "Jörg.msrcIncident",
		`Content-Disposition: attachment; filename*=iso-8859-1'de'J%F6rg.msrcIncident`:                                "Jörg.msrcIncident",
		"Content-Disposition: attachment;\n filename*0*=utf-8''J%C3%B6;\n filename*1=rg.msrc;\n filename*2*=Incident": "Jörg.msrcIncident",
		"Content-Disposition: attachment;\n filename*0=\"a.msrc\";\n filename*1=\"Incident\"":                         "a.msrcIncident",
		`Content-Disposition: attachment; filename="=?utf-8?B?SsO2cmcubXNyY0luY2lkZW50?="`:                            "Jörg.msrcIncident",
		`Content-Disposition: attachment; filename==?iso-8859-1?Q?J=F6rg.msrcIncident?=`:                              "Jörg.msrcIncident",
		"Content-Disposition: attachment; filename=\"J\xf6rg.msrcIncident\"":                                          "Jörg.msrcIncident",
		"Content-Disposition: inline; filename=J\xc3\xb6rg.msrcIncident":                                              "Jörg.msrcIncident",
		`Content-Type: text/xml; name="a.msrcIncident"`:                                                               "a.msrcIncident",
		`Content-Disposition: attachment; filename="..\..\etc\passwd"`:                                                "passwd",
		`Content-Disposition: attachment; filename="../a/b.MSRCINCIDENT"`:                                             "b.MSRCINCIDENT",
		`Content-Disposition: attachment; filename=".."`:                                                              "",
		"Content-Disposition: attachment; filename*=utf-8''a%00%E2%80%AEb%0A.xml":                                     "ab .xml",
		`Content-Disposition: attachment; filename="say \"hi\".xml"`:                                                  `say "hi".xml`,
		`Content-Disposition: attachment; filename="never closed.xml; x=y`:                                            "never closed.xml",
		`Content-Disposition: attachment; filename*=bad`:                                                              "bad",
		`Content-Disposition: attachment; filename*=utf-8''%zz.xml`:                                                   "%zz.xml",
		`Content-Disposition: attachment; filename="` + strings.Repeat("n", 999) + `"`:                                strings.Repeat("n", 200),
	} {
		mail := "From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" + header + "\n\n" + string(jane.RA2()) + "\n--b--\n"
		got := carrier.Mail([]byte(mail), limits)
		if path := strings.TrimSuffix("1/"+want, "/"); len(got.Found) != 1 || got.Found[0].Path != path {
			t.Errorf("%s\ngave %q, want %q", header, paths(got), path)
		}
	}
}

func TestTransferEncodings(t *testing.T) {
	t.Parallel()
	utf16 := jane
	utf16.Encoding = 2
	file := utf16.RA1()
	var quoted strings.Builder
	for i, c := range file {
		if fmt.Fprintf(&quoted, "=%02X", c); i%20 == 19 {
			quoted.WriteString("= \n")
		}
	}
	for name, body := range map[string]string{
		"base64":           b64(file),
		"quoted-printable": quoted.String(),
		"Quoted-Printable": strings.ToLower(quoted.String()),
		"binary":           string(file),
	} {
		mail := "From: a@b\nContent-Type: x/y\nContent-Transfer-Encoding: " + name + "\n\n" + body
		got := carrier.Mail([]byte(mail), limits)
		if len(got.Found) != 1 || !bytes.Equal(got.Found[0].File, file) {
			t.Errorf("%s: %+v", name, got)
		}
		inside := "From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: " + name + "\n\n" + body + "\r\n--b--"
		if got := carrier.Mail([]byte(inside), limits); len(got.Found) != 1 || !bytes.Equal(got.Found[0].File, file) {
			t.Errorf("%s, inside: %+v", name, got)
		}
	}
}

func TestWhatIsRefusedAndWhatIgnored(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, body string
		code       invitation.Code
	}{
		"named, empty":             {"a.msrcIncident", "", invitation.NotAnInvitation},
		"named, a note instead":    {"a.msrcIncident.txt", "The attachment was removed.", invitation.NotAnInvitation},
		"named, a picture":         {"A.MSRCINCIDENT_", "\x89PNG\r\n\x1a\n\x00", invitation.NotAnInvitation},
		"named, a page":            {"a.msrcIncident", "<html><body>removed</body></html>", invitation.NotAnInvitation},
		"shaped, cut":              {"a.txt", string(jane.RA2()[:700]), invitation.Damaged},
		"shaped, without a name":   {"", string(jane.RA2()[:700]), invitation.Damaged},
		"shaped, forbidden":        {"a", `<!DOCTYPE UPLOADINFO []>` + string(jane.RA1()[40:]), invitation.ForbiddenXML},
		"named, large":             {"a.msrcIncident", strings.Repeat("x", 70_000), invitation.TooLarge},
		"named, very large":        {"a.msrcIncident", strings.Repeat("x", 700_000), invitation.TooLarge},
		"shaped, large":            {"a.xml", string(jane.RA2()) + strings.Repeat(" ", 70_000), invitation.TooLarge},
		"a picture":                {"a.png", "\x89PNG\r\n\x1a\n\x00", ""},
		"a large picture":          {"a.png", "\x89PNG\r\n\x1a\n\x00" + strings.Repeat("x", 700_000), ""},
		"a page":                   {"a.html", "<!DOCTYPE html><html></html>", ""},
		"other XML":                {"a.xml", "<?xml version='1.0'?><note/>", ""},
		"text about an invitation": {"a.txt", "Use UPLOADINFO and <UPLOADINFO in the file", ""},
		"empty":                    {"a.txt", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mail := "From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment; filename=\"" + c.file +
				"\"\nContent-Transfer-Encoding: base64\n\n" + b64([]byte(c.body)) + "--b--\n"
			as := carrier.File(c.file, []byte(c.body), limits)
			for how, got := range map[string]carrier.Content{"mail": carrier.Mail([]byte(mail), limits), "file": as} {
				if c.code == "" && (len(got.Refused) != 0 || got.Ignored != 1) || c.code != "" && (len(got.Refused) != 1 || got.Refused[0].Refusal.Code != c.code) {
					t.Errorf("%s: %v, ignored %d", how, codes(got), got.Ignored)
				}
				if len(got.Found) != 0 {
					t.Errorf("%s: found %v", how, paths(got))
				}
			}
		})
	}
}
