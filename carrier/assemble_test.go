package carrier_test

import (
	"encoding/base64"
	"testing"

	"inviter/carrier"
	"inviter/invitation/sample"
)

// A forward that is one leaf of an assembled mail is a mail within the mail,
// also where the whole of it is base64.
func TestAssembledForwardKeepsTheOuterHeader(t *testing.T) {
	t.Parallel()
	inner := "From: Jane Doe <jane@example.org>\r\nSubject: help\r\n\r\n" + string(sample.Invitation{Seed: 7}.RA2())
	for encoding, body := range map[string]string{"7bit": inner, "base64": base64.StdEncoding.EncodeToString([]byte(inner))} {
		c := carrier.Assemble([]byte("From: bob@example.org\r\nSubject: fwd\r\n\r\n"),
			[]carrier.Leaf{{Path: "2", Type: "message/rfc822", Encoding: encoding, Body: []byte(body)}}, carrier.Limits{})
		if len(c.Found) != 1 || c.Header.From != "bob@example.org" || c.Inner.From != "jane@example.org" {
			t.Errorf("%s: %d found, from %q, inner %q", encoding, len(c.Found), c.Header.From, c.Inner.From)
		}
	}
}

func TestParameter(t *testing.T) {
	t.Parallel()
	for want, written := range map[string]map[string]string{
		"a.msrcIncident": {"filename": "a.msrcIncident"},
		"é.msrcIncident": {"filename*": "iso-8859-1''%E9.msrcIncident"},
		"long.name":      {"filename*0": "long", "filename*1": ".name"},
		"":               {"name": "other"},
	} {
		if got := carrier.Parameter(written, "filename"); got != want {
			t.Errorf("%v: %q, want %q", written, got, want)
		}
	}
}
