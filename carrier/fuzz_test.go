package carrier_test

import (
	"testing"
	"unicode/utf8"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/invitation/sample"
)

// sound says what must hold of whatever was read.
func sound(t *testing.T, c carrier.Content, l carrier.Limits) {
	t.Helper()
	keys := map[invitation.Key]bool{}
	for _, f := range c.Found {
		if keys[f.Key] || len(f.File) == 0 || len(f.File) > l.Invitation || f.Path != invitation.CleanLine(f.Path, 1<<20) {
			t.Fatalf("%+v", f)
		}
		keys[f.Key] = true
	}
	for _, r := range c.Refused {
		if r.Refusal == nil || r.Refusal.Code == "" || r.Refusal.Detail == "" {
			t.Fatalf("%+v", r)
		}
	}
	if c.Ignored < 0 || !utf8.ValidString(c.Text) || utf8.RuneCountInString(c.Text) > 2000 || !utf8.ValidString(c.Header.Subject) {
		t.Fatalf("%+v", c)
	}
}

func FuzzMail(f *testing.F) {
	small := jane
	small.Endpoints = []string{"10.0.0.7:5"}
	f.Add(sample.Mail{From: "Jane <jane@example.org>", Subject: "ö", Date: start, Text: "a", HTML: "<p>b", Files: []sample.File{{Name: "a.msrcIncident", Body: small.RA1()}}}.Bytes())
	f.Add(nested(3, small.RA1()))
	f.Add(forwarded(2, nested(1, small.RA1())))
	f.Add(many(3, small.RA1()))
	f.Add([]byte("From: a@b\nContent-Type: multipart/mixed;; boundary=\"b\"\n\n--b\nContent-Disposition: a; filename*0*=utf-8''%41;\n filename*1=b\nContent-Transfer-Encoding: quoted-printable\n\n=3CUPLOADINFO=\n\n--b--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		sound(t, carrier.Mail(raw, limits), limits)
		tight := carrier.Limits{Mail: 2000, Invitation: 500, Depth: 2, Parts: 3}
		sound(t, carrier.Mail(raw, tight), tight)
	})
}

// FuzzFile goes through everything a file may be, archives and winmail.dat too.
func FuzzFile(f *testing.F) {
	small := jane
	small.Endpoints = []string{"10.0.0.7:5"}
	f.Add("a.zip", zipped(entry{"a.msrcIncident", small.RA1()}))
	f.Add("a.gz", gzipped("a.msrcIncident", small.RA1()))
	f.Add("winmail.dat", tnef("A~1.MSR", "a.msrcIncident", small.RA1()))
	f.Add("winmail.dat", tnef("A~1.MSR", "a.msrcIncident", nil))
	f.Add("a.txt", []byte(uuencoded("b.msrcIncident", small.RA1())))
	f.Add("a.zip", encrypted("a"))
	f.Add("..\\x\x00=?utf-8?q?=41?=.eml", attached("a", small.RA1()))
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		sound(t, carrier.File(name, raw, limits), limits)
	})
}

// FuzzText goes through what is searched in texts and pages.
func FuzzText(f *testing.F) {
	small := jane
	small.Endpoints = []string{"10.0.0.7:5"}
	f.Add("text/plain; format=flowed; delsp=yes", "Hi \n"+string(small.RA1())+"\nPassword: CDFG2345HJKL")
	f.Add("text/plain", "> "+string(small.RA1())+"\n"+uuencoded("a", []byte("x"))+b64(small.RA2()))
	f.Add("text/html; charset=utf-8", "<p>&lt;UPLOADINFO TYPE=&quot;Escalated&quot;&gt;<br><style>x</style>")
	f.Add("text/plain; charset=gb18030", "AnyDesk 123456789, TeamViewer 123 456 789 \xc4\xe3 <E><A KH=\"\"/></E>")
	f.Fuzz(func(t *testing.T, typ, text string) {
		c := carrier.Assemble([]byte("From: a@b\nSubject: "+text), []carrier.Leaf{{Path: "1", Type: typ, Body: []byte(text)}}, limits)
		sound(t, c, limits)
		if len(c.Codes) > 20 {
			t.Fatalf("%d codes", len(c.Codes))
		}
	})
}
