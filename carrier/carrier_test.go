package carrier_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/invitation/sample"
)

var (
	start  = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	jane   = sample.Invitation{User: "jane", Password: "CDFG2345HJKL", Start: start, Minutes: 180, Seed: 1}
	limits = carrier.DefaultLimits()
)

func keyOf(t *testing.T, file []byte) invitation.Key {
	t.Helper()
	inv, err := invitation.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return inv.Key
}

// codes lists the refusals' codes.
func codes(c carrier.Content) []invitation.Code {
	var list []invitation.Code
	for _, r := range c.Refused {
		list = append(list, r.Refusal.Code)
	}
	return list
}

func paths(c carrier.Content) []string {
	var list []string
	for _, f := range c.Found {
		list = append(list, f.Path)
	}
	return list
}

func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

func TestMailWithAttachment(t *testing.T) {
	t.Parallel()
	file := jane.RA2()
	c := carrier.Mail(sample.Mail{
		From: "Jane Döe <jane@example.org>", To: "help@example.org", Subject: "My PC – slow", Date: start, MessageID: "1@example.org",
		Text: "Please help.\r\n\r\n\r\nJane\r\n", HTML: "<p>Please help.</p>",
		Files: []sample.File{{Name: "shot.png", Type: "image/png", Body: []byte("\x89PNG\r\n\x1a\n\x00\x00")}, {Name: `C:\Temp\invite.msrcIncident`, Body: file}},
	}.Bytes(), limits)
	if len(c.Found) != 1 || len(c.Refused) != 0 || c.Ignored != 3 {
		t.Fatalf("%+v", c)
	}
	if got := c.Found[0]; got.Path != "3/invite.msrcIncident" || !bytes.Equal(got.File, file) || got.User != "jane" {
		t.Errorf("%+v", got)
	}
	want := carrier.Header{From: "jane@example.org", FromName: "Jane Döe", Subject: "My PC – slow", MessageID: "1@example.org", Date: start, OneFrom: true}
	if !reflect.DeepEqual(c.Header, want) {
		t.Errorf("%+v", c.Header)
	}
	if c.Text != "Please help.\n\nJane" {
		t.Errorf("text %q", c.Text)
	}
}

// TestWhateverTheHeaderSays: an invitation is found by what it is.
func TestWhateverTheHeaderSays(t *testing.T) {
	t.Parallel()
	ra1 := jane
	ra1.Encoding = sample.UTF16LE
	for name, part := range map[string]string{
		"inline":            "Content-Type: text/xml; name=a.msrcIncident\nContent-Disposition: inline",
		"text, wrong set":   "Content-Type: text/plain; charset=utf-16",
		"image":             "Content-Type: image/png; name=logo.png",
		"no type":           "X-Nothing: 1",
		"malformed type":    "Content-Type: ;;;=x",
		"malformed line":    "Content-Type: text/plain\nthis is no header line\nX: y",
		"unknown charset":   "Content-Type: text/plain; charset=x-klingon",
		"alternative image": "Content-Type: image/svg+xml",
	} {
		for shape, file := range map[string][]byte{"ra1": ra1.RA1(), "ra2": jane.RA2(), "bare": jane.ConnectionString()} {
			t.Run(name+" "+shape, func(t *testing.T) {
				t.Parallel()
				plain := sample.Mail{Files: []sample.File{{Type: "X/Y", Body: file}}}.Bytes()
				mail := bytes.Replace(plain, []byte("Content-Type: X/Y\r\nContent-Disposition: attachment"), crlf(part), 1)
				if bytes.Equal(mail, plain) {
					t.Fatal("nothing was replaced")
				}
				c := carrier.Mail(mail, limits)
				if len(c.Found) != 1 || !bytes.Equal(c.Found[0].File, file) {
					t.Errorf("%+v\n%s", c, mail)
				}
			})
		}
	}
}
