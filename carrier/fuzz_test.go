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
