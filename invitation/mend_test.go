package invitation_test

import (
	"bytes"
	"fmt"
	"reflect"
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
