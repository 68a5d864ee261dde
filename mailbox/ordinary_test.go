package mailbox_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"testing"

	"inviter/ticket/sourcetest"
)

// archive is a zip of so many documents; locked as if by a password.
func archive(t *testing.T, number int, name string, locked bool) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range number {
		h := &zip.FileHeader{Name: fmt.Sprintf(name, i)}
		if locked {
			h.Flags = 1
		}
		w, err := z.CreateRaw(h)
		must(t, err)
		_, err = w.Write(nil)
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

// What can't be looked into is told, but only what looks like an invitation is
// moved out of people's way: a colleague's documents stay.
func TestRefusedOrdinaryMailStays(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	many := archive(t, 30, "scan %d.txt", false)
	for _, l := range []letter{
		{subject: "documents", name: "documents.zip", file: many},
		{subject: "salaries", name: "salaries.zip", file: archive(t, 1, "salaries %d.ods", true)},
		{subject: "torn documents", name: "documents.zip", file: many[:len(many)/2]},
		{subject: "locked", name: "help.zip", file: archive(t, 1, "Invitation %d.msrcIncident", true)},
		{subject: "torn help", name: "Invitation.msrcIncident.zip", file: many[:len(many)/2]},
		{subject: "torn", file: invite(1)[:700]},
	} {
		p.send("INBOX", l.bytes())
	}
	r := sourcetest.NewRecorder(nil)
	b := open(t, options(t, m.addr), r)
	if pass := scan(t, b, r); pass.Refused != 6 || pass.Pending != 0 {
		t.Errorf("%+v", pass)
	}
	if in, out := p.subjects("INBOX"), p.subjects("Inviter/Refused"); in != "documents,salaries,torn documents" || out != "locked,torn help,torn" {
		t.Errorf("in the box %q, refused %q", in, out)
	}
	if pass := scan(t, b, r); pass.Refused+pass.Seen+pass.Pending != 0 {
		t.Errorf("again: %+v", pass)
	}
}
