package carrier_test

import (
	"strings"
	"testing"

	"inviter/carrier"
	"inviter/invitation/sample"
)

const dots = "••••••••"

func TestWrittenPasswords(t *testing.T) {
	t.Parallel()
	own := jane
	own.Password = "s3cret, really"
	short := jane
	short.Password = "Tulip7"
	for name, c := range map[string]struct {
		invitation    sample.Invitation
		subject, text string
		wantS, wantT  string
		count         int
	}{
		"none":               {jane, "help", "Please help, it is 12:30.", "help", "Please help, it is 12:30.", 0},
		"generated":          {jane, "help", "Password is CDFG2345HJKL.", "help", "Password is " + dots + ".", 1},
		"generated, subject": {jane, "CDFG2345HJKL", "thanks", dots, "thanks", 1},
		"grouped":            {jane, "help", "It is CDFG 2345 HJKL, thanks", "help", "It is " + dots + ", thanks", 1},
		"of another one":     {jane, "help", "the other was LMNP6789QRST", "help", "the other was " + dots, 1},
		"article number":     {jane, "help", "no. 234567892345", "help", "no. 234567892345", 0},
		"own":                {short, "Tulip7", "It's Tulip7!\nTulip7 I say", dots, "It's " + dots + "!\n" + dots + " I say", 1},
		"own, quoted":        {short, "help", `use "Tulip7" please, pw:Tulip7`, "help", `use "` + dots + `" please, pw:` + dots, 1},
		"several words":      {own, "help", "Use s3cret, really", "help", "Use " + dots, 1},
		"announced":          {jane, "help", "Passwort: geheim99 und danke", "help", "Passwort: " + dots + " und danke", 1},
		"one in another":     {short, "help", "Tulip7 pw: Tulip7x", "help", dots + " pw: " + dots, 2},
		"said, is":           {jane, "the password is hunter2", "Das Passwort lautet Sommer23!", "the password is " + dots, "Das Passwort lautet " + dots + "!", 2},
		"said, bare":         {jane, "help", "it asks for the password hunter2, thanks", "help", "it asks for the password " + dots + ", thanks", 1},
		"said, digits":       {jane, "help", "Kennwort ist 471108", "help", "Kennwort ist " + dots, 1},
		"said, signs":        {jane, "help", "pw is cor%rect&horse", "help", "pw is " + dots, 1},
		"said, a plain word": {jane, "help", "the password is wrong, the password expired in 2026", "help", "the password is wrong, the password expired in 2026", 0},
		"said, an address":   {jane, "help", "password jane@example.org password-protected2", "help", "password jane@example.org password-protected2", 0},
		"announced, is":      {jane, "help", "my password is not accepted", "help", "my password is not accepted", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := carrier.Mail(sample.Mail{From: "a@b", Subject: c.subject, Text: c.text, Files: []sample.File{{Body: c.invitation.RA2()}}}.Bytes(), limits)
			if got.Header.Subject != c.wantS || got.Text != c.wantT || got.Passwords != c.count {
				t.Errorf("%q, %q, %d", got.Header.Subject, got.Text, got.Passwords)
			}
		})
	}
}

func TestPasswordsInNames(t *testing.T) {
	t.Parallel()
	own := jane
	own.Password = "Tulip7"
	for name, file := range map[string][]byte{"CDFG2345HJKL.msrcIncident": jane.RA2(), "Tulip7.msrcIncident": own.RA2(), "for CDFG2345HJKL.msrcIncident": jane.RA1()} {
		for how, got := range map[string]carrier.Content{
			"mail": carrier.Mail(attached(name, file), limits), "file": carrier.File(name, file, limits), "zip": carrier.File("a.zip", zipped(entry{name, file}), limits),
		} {
			if got.Passwords != 1 || !strings.Contains(got.Found[0].Path, dots) || strings.Contains(got.Found[0].Path, "2345") || strings.Contains(got.Found[0].Path, "Tulip") {
				t.Errorf("%s %s: %d %q", how, name, got.Passwords, got.Found[0].Path)
			}
		}
	}
	c := carrier.File("a", own.RA2(), limits)
	if text, n := carrier.Mask("it is Tulip7", c.Found); text != "it is "+dots || n != 1 {
		t.Errorf("%q %d", text, n)
	}
}

// TestPasswordSearchIsBounded: a long text with many invitations costs little.
func TestPasswordSearchIsBounded(t *testing.T) {
	t.Parallel()
	m := sample.Mail{From: "a@b", Text: strings.Repeat("word w:x ", 7000)}
	for i := range 50 {
		own := jane
		own.Seed = int64(i)
		m.Files = append(m.Files, sample.File{Body: own.RA2()})
	}
	if got := carrier.Mail(m.Bytes(), limits); len(got.Found) != 50 || got.Passwords != 0 {
		t.Errorf("%d found, %d passwords", len(got.Found), got.Passwords)
	}
}
