package mailbox_test

import (
	"bytes"
	"fmt"
	"testing"

	"inviter/carrier"
	"inviter/e2e/private"
	"inviter/ticket/sourcetest"
)

// A mail whose structure ends every connection is read without it, and the
// ones around it as ever.
func TestMailThatBreaksTheConnection(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func([]byte) []byte{
		"unreadable": func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`"poison.bin"`), []byte(`(poison.bin!`)) },
		"nested": func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(`"filename" "poison.bin"`), bytes.Repeat([]byte("("), 100_000))
		},
		"endless": func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(`"filename" "poison.bin"`), bytes.Repeat([]byte(`"x" "y" `), 1<<17+1<<16))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := private.Dovecot(t, private.DovecotOptions{})
			person := newPerson(t, s.Addr)
			for i := range 20 {
				l := letter{subject: fmt.Sprint("n", i), file: invite(i)}
				if i == 7 || i == 8 {
					l.more = attachment("poison.bin", []byte("harmless"))
				}
				person.send("INBOX", l.bytes())
			}
			p := newProxy(t, s.Addr)
			p.set(func() { p.change = change })
			r := sourcetest.NewRecorder(nil)
			o := options(t, p.addr)
			o.Limits = carrier.DefaultLimits()
			o.Limits.Mail = 64 << 10 // and so the bound of an answer
			b := open(t, o, r)
			if pass := scan(t, b, r); pass.Queued != 20 {
				t.Errorf("scan: %+v", pass)
			}
			if got := person.subjects("INBOX"); got != "" {
				t.Errorf("inbox %q", got)
			}
		})
	}
}

// A mail that can't be read at all is refused in the end, where it is, and keeps
// nobody from being read before.
func TestMailThatIsNeverDelivered(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	person := newPerson(t, m.addr)
	for i := range 5 {
		l := letter{subject: fmt.Sprint("n", i), file: invite(i)}
		if i == 1 {
			l.header = "X-Poison: yes\r\n"
			l.more = attachment("poison.bin", []byte("harmless"))
		}
		person.send("INBOX", l.bytes())
	}
	p := newProxy(t, m.addr)
	p.set(func() {
		p.change = func(b []byte) []byte {
			if bytes.Contains(b, []byte("poison.bin")) {
				return []byte("* gibberish\r\n")
			}
			return b
		}
	})
	r := sourcetest.NewRecorder(nil)
	b := open(t, options(t, p.addr), r)
	if pass := scan(t, b, r); pass.Queued != 4 || pass.Pending != 1 {
		t.Errorf("first scan: %+v", pass)
	}
	person.send("INBOX", letter{subject: "later", file: invite(99)}.bytes())
	if pass := scan(t, b, r); pass.Queued != 1 || pass.Pending != 1 {
		t.Errorf("second scan: %+v", pass)
	}
	if pass := scan(t, b, r); pass.Refused != 1 || pass.Pending != 0 {
		t.Errorf("third scan: %+v", pass)
	}
	if in, out := person.subjects("INBOX"), person.subjects("Inviter/Refused"); in != "n1" || out != "" {
		t.Errorf("inbox %q, refused %q", in, out)
	}
}
