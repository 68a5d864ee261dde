package invitation_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"reflect"
	"slices"
	"testing"

	"inviter/invitation"
)

// hardWrap breaks a text after every n bytes, wherever that is.
func hardWrap(b []byte, n int, with string) []byte {
	var out []byte
	for len(b) > n {
		out = append(append(out, b[:n]...), with...)
		b = b[n:]
	}
	return append(out, b...)
}

// TestWrappedAnywhere breaks files without any regard to what is broken. The
// file that results must open on a technician's PC, which knows no wrapping.
func TestWrappedAnywhere(t *testing.T) {
	t.Parallel()
	for shape, file := range map[string][]byte{"ra1": jane.RA1(), "ra2": jane.RA2(), "bare": jane.ConnectionString()} {
		want := parse(t, file)
		for _, with := range []string{"\n", "\r\n", "!\r\n ", "\r\n\t"} {
			for n := 20; n < 120; n++ {
				t.Run(fmt.Sprintf("%s %d %q", shape, n, with), func(t *testing.T) {
					t.Parallel()
					got := parse(t, append(hardWrap(bytes.TrimSpace(file), n, with), "\r\n-- \r\nfooter"...))
					if got.Key != want.Key || !reflect.DeepEqual(got.Endpoints, want.Endpoints) || got.Minutes != want.Minutes || got.Format != want.Format {
						t.Fatalf("got %+v\nwant %+v", got, want)
					}
					again := parse(t, got.File)
					if again.Key != want.Key || !bytes.Equal(again.File, got.File) {
						t.Errorf("mended %q", got.File)
					}
					if verdict, _ := again.Unlock("CDFG2345HJKL"); shape == "ra2" && verdict != invitation.Right {
						t.Errorf("mended file is %s", verdict)
					}
				})
			}
		}
	}
}

func TestMendedTicketsAreInOnePiece(t *testing.T) {
	t.Parallel()
	i := jane
	i.Copy = true
	got := parse(t, hardWrap(i.RA2(), 200, "\r\n  "))
	lines := bytes.Split(got.File, []byte("\n"))
	for _, name := range []string{" LHTICKET=", " RCTICKET="} {
		at := bytes.Index(got.File, []byte(name))
		value, _, _ := bytes.Cut(got.File[at+len(name)+1:], []byte(`"`))
		if at < 0 || bytes.ContainsAny(value, " \r\n") {
			t.Errorf("%s in %d lines: %.100q", name, len(lines), value)
		}
	}
}

// elements are the start tags of a file as the standard library reads them,
// which is as strict as the programs of Windows are.
func elements(t *testing.T, file []byte) string {
	t.Helper()
	var all []xml.StartElement
	d := xml.NewDecoder(bytes.NewReader(bytes.Replace(file, []byte(` encoding="Unicode"`), nil, 1)))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return fmt.Sprintf("%q", all)
		}
		if err != nil {
			t.Fatalf("%v in %q", err, file)
		}
		if e, ok := token.(xml.StartElement); ok {
			all = append(all, e.Copy())
		}
	}
}

// TestMendedFileSaysWhatWasWritten: a break in PassStub that stays would cost
// the technician his connection, one in the user's name makes another name.
func TestMendedFileSaysWhatWasWritten(t *testing.T) {
	t.Parallel()
	i := jane
	i.Copy, i.User = true, "Jörg Müller-Lüdenscheidt & Söhne"
	for !bytes.Contains(i.RA1(), []byte("!")) || !bytes.Contains(i.RA2(), []byte("!")) {
		i.Seed++ // until both PassStubs have one, as a relay's marks are
	}
	for shape, file := range map[string][]byte{"ra1": i.RA1(), "ra2": i.RA2(), "bare": i.ConnectionString()} {
		file = bytes.TrimSpace(file)
		want := elements(t, file)
		for _, with := range []string{"\n", "\r\n", "!\r\n ", "\r\n\t"} {
			for n := 20; n < 400 && 2*n < len(file); n++ { // one break alone may hide in one "!"
				got := parse(t, hardWrap(file, n, with))
				if got.User != i.User && shape != "bare" {
					t.Errorf("%s wrapped at %d with %q: user %q", shape, n, with, got.User)
				}
				if mended := elements(t, got.File); mended != want {
					t.Errorf("%s wrapped at %d with %q:\n%s\nwant\n%s", shape, n, with, mended, want)
				}
			}
		}
	}
}

// TestIndentationIsNoWrapping: breaks between attributes are all that parts them.
func TestIndentationIsNoWrapping(t *testing.T) {
	t.Parallel()
	i := jane
	i.Copy, i.User = true, "Jane Doe"
	file := i.RA2()
	want := elements(t, file)
	for _, with := range []string{"\n", "\r\n", "\n\t "} {
		indented := bytes.ReplaceAll(file, []byte(`" `), []byte(`"`+with))
		at := bytes.Index(indented, []byte(" LHTICKET=")) + 300
		if got := parse(t, slices.Concat(indented[:at], []byte(with), indented[at:])); elements(t, got.File) != want || got.User != "Jane Doe" {
			t.Errorf("%q: user %q, %s\nwant %s", with, got.User, elements(t, got.File), want)
		}
	}
}

// TestJoiningHidesNothing: a file that is wrong in itself stays wrong.
func TestJoiningHidesNothing(t *testing.T) {
	t.Parallel()
	for file, code := range map[string]invitation.Code{
		"<UPLOADINFO TYPE=\"Escalated\">\n<!DOCTYPE x></UPLOADINFO>":                                   invitation.ForbiddenXML,
		"<UPLOADINFO TYPE=\"Escalated\">\n<UPLOADDATA/>\n<UPLOADDATA/></UPLOADINFO>":                   invitation.Contradictory,
		"<UPLOADINFO TYPE=\"Escalated\">\n<UPLOADDATA LHTICKET=\"0123\"/></UPLOADINFO>":                invitation.Damaged,
		"<UPLOADINFO TYPE=\"Escalated\">\n<UPLOADDATA RCTICKET=\"65538,1,a,*,b,*,*,c\"/></UPLOADINFO>": invitation.BadAddress,
		"<UPLOADINFO TYPE=\"Escalated\">\n":                                                            invitation.Damaged,
		"<html>\n<p>hello":                                                                             invitation.NotAnInvitation,
	} {
		if r := refused(t, []byte(file)); r.Code != code {
			t.Errorf("%q: %v", file, r)
		}
	}
}

func TestMendingEscapes(t *testing.T) {
	t.Parallel()
	got := parse(t, []byte(dated("RCTICKET=\"65538,1,R&amp;D:3389\r\n,*,b,*,*,c\"")))
	again := parse(t, got.File)
	if !bytes.Contains(got.File, []byte(`"65538,1,R&amp;D:3389,*`)) || again.Endpoints[0].Host != "R&D" || again.Key != got.Key {
		t.Errorf("%q", got.File)
	}
}
