package mailbox_test

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"inviter/e2e/private"
	"inviter/mailbox"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

// coded is a file in base64 lines of some length, with what follows it.
func coded(file []byte, line int, after string) string {
	text := base64.StdEncoding.EncodeToString(file)
	var b strings.Builder
	for len(text) > line {
		b.WriteString(text[:line] + "\r\n")
		text = text[line:]
	}
	return "--cut\r\nContent-Type: application/octet-stream; name=invite.msrcIncident\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b.String() + text + "\r\n" + after
}

// What a server far away decodes for us comes to the same as what we decode,
// in clean mails and in such as a server may see otherwise.
func TestDecodedByTheServer(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	g := newGate(t, s.Addr, "BINARY.PEEK", func(_ *gate, line []byte) ([]byte, bool) { return line, true })
	near, far := sourcetest.NewRecorder(nil), sourcetest.NewRecorder(nil)
	o := options(t, g.addr)
	o.Processed, o.Refused = "", ""
	a, b := open(t, o, near), open(t, o, far)
	scan(t, a, near)
	scan(t, b, far)
	mailbox.BeFar(a, false)
	mailbox.BeFar(b, true)
	p := newPerson(t, s.Addr)
	torn := base64.StdEncoding.EncodeToString(invite(8)[:701])
	for i, more := range []string{
		coded(invite(1), 76, ""), coded(invite(2), 76, "\r\n"), coded(invite(3), 60, ""), coded(invite(4), 47, ""),
		coded(invite(5), 76, "_______\r\nThe helpdesk's own list, to which everybody writes\r\n"),
		strings.Replace(coded(invite(6), 76, ""), "\r\n\r\n", "\r\n\r\n!!", 1),
		strings.Replace(coded(invite(7), 72, ""), "AA", "A A", 3),
		coded(invite(8)[:700], 76, ""), coded(nil, 76, "") + torn[:len(torn)-3] + "\r\n",
		coded([]byte("PK\x03\x04 no archive"), 76, ""),
		"--cut\r\nContent-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: BASE64\r\n\r\nSABpAGwAZgBlAA==\r\n" + coded(invite(9), 76, ""),
		strings.Replace(coded([]byte(letter{subject: "inner", file: invite(10)}.bytes()), 76, ""), "application/octet-stream", "message/rfc822", 1),
	} {
		p.send("INBOX", letter{subject: fmt.Sprint("mail ", i), header: "Message-ID: <" + fmt.Sprint(i) + "@example.org>\r\n", text: "Bitte", more: more}.bytes())
	}
	scan(t, a, near)
	if g.tag(1) != "" {
		t.Fatal("the one nearby asked to have parts decoded, too")
	}
	scan(t, b, far)
	if g.tag(1) == "" {
		t.Fatal("nothing was decoded by the server")
	}
	is, should := byItem(far), byItem(near)
	if len(should) < 12 || len(is) != len(should) {
		t.Fatalf("%d deliveries, and %d", len(is), len(should))
	}
	for item, d := range should {
		other := is[item]
		if kept(d) != kept(other) {
			t.Errorf("%s: kept as\n%q\nand from afar as\n%q", d.Note, kept(d), kept(other))
		}
		d.Raw, other.Raw = nil, nil
		if !reflect.DeepEqual(d, other) {
			t.Errorf("%s:\n%+v\nfrom afar:\n%+v", d.Note, d, other)
		}
	}
}

func byItem(r *sourcetest.Recorder) map[string]ticket.Delivery {
	all := map[string]ticket.Delivery{}
	for _, d := range r.Deliveries() {
		all[d.Item] = d
	}
	return all
}

// kept tells what a mail that was kept reads as, once more.
func kept(d ticket.Delivery) string {
	if d.Raw == nil {
		return ""
	}
	m := mailbox.Open(mailbox.Options{}, sourcetest.NewRecorder(nil))
	again := m.Reread(ticket.Kept{Source: d.Source, Item: d.Item, From: d.From, Received: d.Received, Raw: *d.Raw})
	return fmt.Sprintf("%v %d %s", again.Refusal, len(again.Invitations), again.Note)
}
