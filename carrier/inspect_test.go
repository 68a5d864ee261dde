package carrier_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/invitation/sample"
)

var fixed = sample.Invitation{User: "jane", Password: "CDFG2345HJKL", Start: start, Minutes: 180, Endpoints: []string{"10.0.0.7:3389"}}

func inspected(t *testing.T, name string, b []byte, o carrier.Options) string {
	t.Helper()
	o.Limits = limits
	if o.Now.IsZero() {
		o.Now = start.Add(time.Minute)
	}
	out, err := json.Marshal(carrier.Inspect(name, b, o))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestInspectJSON holds the interface to the letter.
func TestInspectJSON(t *testing.T) {
	t.Parallel()
	key := func(b []byte) string { return keyOf(t, b).String() }
	for name, c := range map[string]struct {
		file string
		body []byte
		o    carrier.Options
		want string
	}{
		"type 2": {"in/a.msrcIncident", fixed.RA2(), carrier.Options{},
			`{"file":"in/a.msrcIncident","found":[{"path":"a.msrcIncident","format":"ra2","key":"` + key(fixed.RA2()) + `","user":"jane","start":"2024-05-06T07:08:09Z","length_minutes":180,"expires_at":"2024-05-06T10:08:09Z","password_required":true,"endpoints":null,"password":"not-given","warnings":[]}],"refused":[],"ignored":0,"passwords":0,"codes":[]}`},
		"password right": {"a", fixed.RA2(), carrier.Options{Password: "CDFG2345HJKL", Try: true},
			`{"file":"a","found":[{"path":"a","format":"ra2","key":"` + key(fixed.RA2()) + `","user":"jane","start":"2024-05-06T07:08:09Z","length_minutes":180,"expires_at":"2024-05-06T10:08:09Z","password_required":true,"endpoints":[{"host":"10.0.0.7","port":3389}],"password":"right","warnings":[]}],"refused":[],"ignored":0,"passwords":0,"codes":[]}`},
		"bare, expired": {"a", fixed.ConnectionString(), carrier.Options{Rule: invitation.Rule{Default: time.Hour}},
			`{"file":"a","found":[{"path":"a","format":"connection-string","key":"` + key(fixed.ConnectionString()) + `","user":"","start":"2024-05-06T07:09:09Z","length_minutes":null,"expires_at":"2024-05-06T08:09:09Z","password_required":false,"endpoints":[{"host":"10.0.0.7","port":3389}],"password":"not-given","warnings":["no-expiry"]}],"refused":[],"ignored":0,"passwords":0,"codes":[]}`},
		"refused": {"a.msrcIncident", []byte("removed"), carrier.Options{},
			`{"file":"a.msrcIncident","found":[],"refused":[{"path":"a.msrcIncident","code":"not-an-invitation","message":"This is not a Remote Assistance invitation."}],"ignored":0,"passwords":0,"codes":[]}`},
		"ignored": {"a.txt", []byte("AnyDesk 123456789"), carrier.Options{},
			`{"file":"a.txt","found":[],"refused":[],"ignored":1,"passwords":0,"codes":[{"product":"AnyDesk","made_by":"user","masked":"…89"}]}`},
		"mail": {"m.eml", sample.Mail{From: "Jane <jane@example.org>", Text: "pw: Tulip7; AnyDesk 123456789"}.Bytes(), carrier.Options{},
			`{"file":"m.eml","found":[],"refused":[],"ignored":1,"passwords":1,"codes":[{"product":"AnyDesk","made_by":"user","masked":"…89"}],"sender":"jane@example.org"}`},
	} {
		if got := inspected(t, c.file, c.body, c.o); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

func TestInspectTimes(t *testing.T) {
	t.Parallel()
	m := sample.Mail{From: "jane@example.org", Date: start.Add(time.Minute), Files: []sample.File{{Body: fixed.RA2()}}}
	received := func(d time.Duration) []string {
		return []string{"Received: from a by b; " + start.Add(d+5*time.Second).Format(time.RFC1123Z), "Received: from pc by a; " + start.Add(d).Format(time.RFC1123Z)}
	}
	for name, c := range map[string]struct {
		fields []string
		now    time.Duration
		want   string
	}{
		"no trace":                {nil, time.Hour, `"start":"2024-05-06T07:08:09Z","length_minutes":180,"expires_at":"2024-05-06T10:08:09Z","password_required":true,"endpoints":null,"password":"not-given","warnings":[]`},
		"clock an hour behind":    {received(time.Hour + time.Minute), 2 * time.Hour, `"start":"2024-05-06T08:08:09Z","length_minutes":180,"expires_at":"2024-05-06T11:08:09Z","password_required":true,"endpoints":null,"password":"not-given","warnings":[]`},
		"clock an hour ahead":     {received(-time.Hour + time.Minute), 0, `"start":"2024-05-06T06:08:09Z","length_minutes":180,"expires_at":"2024-05-06T09:08:09Z","password_required":true,"endpoints":null,"password":"not-given","warnings":["clock-ahead"]`},
		"expired in the meantime": {received(time.Minute), 5 * time.Hour, `"expires_at":"2024-05-06T10:08:09Z","password_required":true,"endpoints":null,"password":"not-given","warnings":["expired"]`},
	} {
		m.Fields = c.fields
		if got := inspected(t, "m.eml", m.Bytes(), carrier.Options{Now: start.Add(c.now)}); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestInspectForwarded(t *testing.T) {
	t.Parallel()
	inner := sample.Mail{From: "Jane <jane@example.org>", Subject: "CDFG2345HJKL", Files: []sample.File{{Name: "a", Body: fixed.RA2()}}}.Bytes()
	outer := sample.Mail{From: "Bob <bob@example.org>", Text: "see inside", Files: []sample.File{{Type: "message/rfc822", Body: inner}}}.Bytes()
	r := carrier.Inspect("m.eml", outer, carrier.Options{Limits: limits, Now: start})
	if r.Sender != "bob@example.org" || r.InnerSender != "jane@example.org" || !r.OK() || r.Found[0].Path != "m.eml/2/2/a" || r.Passwords != 1 {
		t.Errorf("%+v", r)
	}
	if c := carrier.Mail(outer, limits); c.Inner.Subject != dots {
		t.Errorf("subject inside %q", c.Inner.Subject)
	}
	hours := []byte("Received: from a by b; " + start.Add(2*time.Hour).Format(time.RFC1123Z) + "\r\nDate: " + start.Format(time.RFC1123Z) + "\r\n")
	seen := carrier.Mail(append(hours, outer...), limits).Seen(start.Add(3 * time.Hour))
	if seen.Skew != 0 || !seen.Received.Equal(start.Add(2*time.Hour)) {
		t.Errorf("the forwarder's clock counts: %+v", seen)
	}
	for _, want := range []string{"m.eml: 1 found, 0 refused", "m.eml/2/2/a", "jane", "addresses hidden", "sender   bob@example.org", "inside   a mail from jane", "1 written password"} {
		if !strings.Contains(r.String(), want) {
			t.Errorf("%q is missing in\n%s", want, r)
		}
	}
	r = carrier.Inspect("a.msrcIncident", []byte("AnyDesk\x1b[2J"), carrier.Options{Limits: limits, Now: start})
	if r.OK() || !strings.Contains(r.String(), "not-an-invitation: This is") {
		t.Errorf("%s", r)
	}
}

func TestAssemble(t *testing.T) {
	t.Parallel()
	header := []byte("From: Jane <jane@example.org>\r\nSubject: help\r\n\r\n")
	c := carrier.Assemble(header, []carrier.Leaf{
		{Path: "1.1", Type: "TEXT/PLAIN", Charset: "iso-8859-1", Encoding: "QUOTED-PRINTABLE", Body: []byte("J=F6rg")},
		{Path: "2", Type: "image/png", Name: "shot.png", Size: 3 << 20},
		{Path: "3.2", Type: "application/octet-stream", Encoding: "BASE64", Name: "=?utf-8?q?=C3=B6.msrcIncident?=", Body: []byte(b64(fixed.RA2()))},
		{Path: "4", Name: "big.msrcIncident", Size: 3 << 20},
		{Path: "5", Type: "message/rfc822", Body: sample.Mail{From: "eve@example.org", Files: []sample.File{{Name: "b", Body: fixed.RA1()}}}.Bytes()},
	}, limits)
	if got := strings.Join(paths(c), " "); got != "3/2/ö.msrcIncident 5/2/b" {
		t.Errorf("%s", got)
	}
	if c.Text != "Jörg" || c.Header.From != "jane@example.org" || len(c.Refused) != 1 || c.Refused[0].Path != "4/big.msrcIncident" || c.Ignored != 3 {
		t.Errorf("%+v", c)
	}
	leaves := make([]carrier.Leaf, 600)
	if c := carrier.Assemble(header, leaves, limits); len(c.Refused) != 1 || c.Refused[0].Refusal.Code != invitation.TooMany {
		t.Errorf("%+v", c.Refused)
	}
}

func TestWanted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ, name string
		size      int
		want      bool
	}{
		{"application/octet-stream", "", 8000, true},
		{"image/png", "a.png", 100_000, true},
		{"image/png", "a.png", 2_000_000, false},
		{"text/plain", "", 2_000_000, true},
		{"application/zip", "", 2_000_000, true},
		{"application/octet-stream", "A.ZIP", 2_000_000, true},
		{"application/octet-stream", "winmail.dat", 2_000_000, true},
		{"message/rfc822", "", 2_000_000, true},
		{"application/zip", "", 9_000_000, false},
	} {
		if got := carrier.Wanted(c.typ, c.name, c.size, limits); got != c.want {
			t.Errorf("%+v", c)
		}
	}
}
