package carrier_test

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"

	"inviter/carrier"
	"inviter/invitation/sample"
)

// TestJoin: a mail that is put together again of its parts holds what they held.
func TestJoin(t *testing.T) {
	t.Parallel()
	head := crlf("From: Jane <jane@example.org>\nSubject: =?utf-8?q?h=C3=BClfe?=\nContent-Type: multipart/mixed;\n boundary=x\nReceived: from a\n by b; Mon, 6 May 2024 07:08:09 +0000\nDate: Mon, 6 May 2024 07:08:00 +0000\n\n")
	wide := jane
	wide.Encoding = sample.UTF16LE
	other := jane
	other.Seed = 7
	leaves := []carrier.Leaf{
		{Path: "1", Type: "text/plain; format=flowed", Charset: "iso-8859-1", Encoding: "quoted-printable", Body: []byte("Es geht nicht =FC")},
		{Path: "2.1", Type: "application/octet-stream", Encoding: "BASE64", Name: "Jörg \"x\".msrcIncident", Body: []byte(b64(wide.RA2()))},
		{Path: "2.2", Type: "image/png", Encoding: "base64", Name: "shot.png", Size: 3 << 20},
		{Path: "3", Type: "bad type\r\nX: y", Encoding: "8bit\r\nFrom: eve@example.org", Name: "b", Body: other.RA1()},
		{Path: "4", Type: "text/xml", Encoding: "7bit", Name: "c.msrcIncident", Body: jane.RA2()[:500]},
	}
	want := carrier.Assemble(head, leaves, limits)
	got := carrier.Mail(carrier.Join(head, leaves), limits)
	if len(want.Found) != 2 || len(got.Found) != 2 || !reflect.DeepEqual(codes(got), codes(want)) || len(want.Refused) != 1 {
		t.Fatalf("found %v, refused %v", paths(got), got.Refused)
	}
	for i := range got.Found {
		if got.Found[i].Key != want.Found[i].Key || !bytes.Equal(got.Found[i].File, want.Found[i].File) {
			t.Errorf("the %d. is another", i+1)
		}
	}
	if got.Text != want.Text || fmt.Sprint(got.Header) != fmt.Sprint(want.Header) {
		t.Errorf("%q\n%+v\ninstead of %q\n%+v", got.Text, got.Header, want.Text, want.Header)
	}
	if carrier.Join(head, []carrier.Leaf{{Path: "1", Name: "a.msrcIncident", Size: 9 << 20}}) != nil {
		t.Error("a part is missing that mattered")
	}
}
