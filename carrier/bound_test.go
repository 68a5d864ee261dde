package carrier_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/invitation/sample"
)

// nested is a mail of so many multiparts within each other, with the file in the innermost.
func nested(levels int, file []byte) []byte {
	var b bytes.Buffer
	b.WriteString("From: a@b\n")
	for i := range levels {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d_\n\n--b%d_\n", i, i)
	}
	b.WriteString("Content-Type: x/y\n\n")
	b.Write(file)
	for i := levels - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "\n--b%d_--\n", i)
	}
	return b.Bytes()
}

// forwarded is a mail in so many mails.
func forwarded(times int, mail []byte) []byte {
	for range times {
		mail = append([]byte("From: a@b\nContent-Type: message/rfc822\n\n"), mail...)
	}
	return mail
}

func many(n int, file []byte) []byte {
	var b bytes.Buffer
	b.WriteString("From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n")
	for range n {
		b.WriteString("--b\n\n\n")
	}
	b.WriteString("--b\n\n")
	b.Write(file)
	b.WriteString("\n--b--\n")
	return b.Bytes()
}

func TestBounds(t *testing.T) {
	t.Parallel()
	file := jane.RA2()
	small := carrier.Limits{Mail: 10_000, Invitation: 1000, Depth: 3, Parts: 5}
	for name, c := range map[string]struct {
		mail   []byte
		limits carrier.Limits
		found  int
		codes  []invitation.Code
	}{
		"depth 20":           {nested(20, file), limits, 1, nil},
		"depth 21":           {nested(21, file), limits, 0, []invitation.Code{invitation.TooDeep}},
		"depth 10,000":       {nested(10_000, file), limits, 0, []invitation.Code{invitation.TooDeep}},
		"forwarded 20 times": {forwarded(20, nested(0, file)), limits, 1, nil},
		"forwarded 21 times": {forwarded(21, nested(0, file)), limits, 0, []invitation.Code{invitation.TooDeep}},
		"both":               {forwarded(10, nested(11, file)), limits, 0, []invitation.Code{invitation.TooDeep}},
		"500 parts":          {many(499, file), limits, 1, nil},
		"501 parts":          {many(500, file), limits, 0, []invitation.Code{invitation.TooMany}},
		"100,000 parts":      {many(100_000, file), limits, 0, []invitation.Code{invitation.TooMany}},
		"long mail, first":   {append(nested(1, file), bytes.Repeat([]byte("x"), limits.Mail)...), limits, 1, []invitation.Code{invitation.TooLarge}},
		"long mail, last":    {append([]byte("From: a@b\n\n"), bytes.Repeat([]byte("long\n"), limits.Mail/4)...), limits, 0, []invitation.Code{invitation.TooLarge}},
		"huge header":        {append([]byte("From: a@b\nX: "), bytes.Repeat([]byte("y"), 2<<20)...), limits, 0, []invitation.Code{invitation.TooLarge}},
		"headers of parts":   {manyHeaders(), limits, 0, []invitation.Code{invitation.TooLarge}},
		"lower depth":        {nested(4, file), small, 0, []invitation.Code{invitation.TooDeep}},
		"lower parts":        {many(5, nil), small, 0, []invitation.Code{invitation.TooMany}},
		"lower size":         {nested(1, file), small, 0, []invitation.Code{invitation.TooLarge}},
		"lower mail":         {append(nested(1, jane.RA1()), make([]byte, 10_000)...), small, 1, []invitation.Code{invitation.TooLarge}},
		"never higher":       {nested(30, file), carrier.Limits{Depth: 1000}, 0, []invitation.Code{invitation.TooDeep}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := carrier.Mail(c.mail, c.limits)
			if len(got.Found) != c.found || !reflect.DeepEqual(codes(got), c.codes) {
				t.Errorf("found %v, refused %v, ignored %d", paths(got), codes(got), got.Ignored)
			}
		})
	}
}

func manyHeaders() []byte {
	var b bytes.Buffer
	b.WriteString("From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n")
	for range 100 {
		b.WriteString("--b\nX: " + strings.Repeat("y", 20_000) + "\n\n\n")
	}
	return b.Bytes()
}

func TestSeveralInOneMail(t *testing.T) {
	t.Parallel()
	other := jane
	other.Seed++
	wide := jane
	wide.Encoding = sample.UTF16BE
	c := carrier.Mail(sample.Mail{From: "jane@example.org", Files: []sample.File{
		{Name: "a.msrcIncident", Body: jane.RA2()}, {Name: "copy.xml", Body: wide.RA2()}, {Name: "b.msrcIncident", Body: other.RA2()},
		{Name: "c.msrcIncident", Body: jane.RA2()[:500]},
	}}.Bytes(), limits)
	if want := []string{"2/a.msrcIncident", "4/b.msrcIncident"}; !reflect.DeepEqual(paths(c), want) {
		t.Errorf("found %v", paths(c))
	}
	if len(c.Refused) != 1 || c.Refused[0].Path != "5/c.msrcIncident" || c.Refused[0].Refusal.Code != invitation.Damaged || c.Ignored != 1 {
		t.Errorf("%+v", c)
	}
}

// TestTheFileIsBetterThanItsCopy: what was pasted is only as good as its way.
func TestTheFileIsBetterThanItsCopy(t *testing.T) {
	t.Parallel()
	wide := jane
	wide.Encoding = sample.UTF16LE
	c := carrier.Mail(sample.Mail{From: "a@b", Text: string(jane.RA2()), Files: []sample.File{{Name: "a.msrcIncident", Body: wide.RA2()}}}.Bytes(), limits)
	if len(c.Found) != 1 || c.Found[0].Path != "2/a.msrcIncident" || !bytes.Equal(c.Found[0].File, wide.RA2()) {
		t.Errorf("%v", paths(c))
	}
}

// TestInnerSender: who sent it is the innermost mail round the invitation, and
// no other mail that lies beside it.
func TestInnerSender(t *testing.T) {
	t.Parallel()
	mail := func(from string, files ...sample.File) []byte {
		return sample.Mail{From: from, Text: "x", Files: files}.Bytes()
	}
	as := func(b []byte) sample.File { return sample.File{Name: "a.eml", Type: "message/rfc822", Body: b} }
	invite := sample.File{Name: "a.msrcIncident", Body: jane.RA2()}
	for name, c := range map[string]struct {
		mail []byte
		want string
	}{
		"direct":      {mail("a@b", invite), ""},
		"beside":      {mail("a@b", as(mail("c@d")), invite), ""},
		"inside":      {mail("a@b", as(mail("c@d", invite))), "c@d"},
		"twice":       {mail("a@b", as(mail("c@d", as(mail("e@f", invite))))), "e@f"},
		"after twice": {mail("a@b", as(mail("c@d", as(mail("e@f")), invite))), "c@d"},
	} {
		if got := carrier.Mail(c.mail, limits); got.Inner.From != c.want || got.Header.From != "a@b" || len(got.Found) != 1 {
			t.Errorf("%s: inner %q, header %q", name, got.Inner.From, got.Header.From)
		}
	}
}

func TestLongFieldsAreCut(t *testing.T) {
	t.Parallel()
	h := carrier.Mail([]byte("Authentication-Results: a"+strings.Repeat("\n bcdefgh", 20_000)+"\n\n"), limits).Header
	if len(h.Trace) != 1 || len(h.Trace[0].Value) > 16<<10 {
		t.Errorf("%d bytes", len(h.Trace[0].Value))
	}
}
