package invitation_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/invitation"
	"inviter/invitation/sample"
)

var (
	start = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	jane  = sample.Invitation{User: "Jörg & Co", Password: "CDFG2345HJKL", Start: start, Minutes: 180,
		Endpoints: []string{"[fe80::1%3]:50000", "pc7.example.org:50001", "10.0.1.174:50002"}}
	best = []invitation.Endpoint{{Host: "10.0.1.174", Port: 50002}, {Host: "pc7.example.org", Port: 50001}}
)

func parse(t *testing.T, file []byte) invitation.Invitation {
	t.Helper()
	inv, err := invitation.Parse(file)
	if err != nil {
		t.Fatalf("%v\nin %q", err, file)
	}
	return inv
}

func refused(t *testing.T, file []byte) *invitation.Refusal {
	t.Helper()
	inv, err := invitation.Parse(file)
	var r *invitation.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("accepted as %+v", inv)
	}
	if !reflect.DeepEqual(inv, invitation.Invitation{}) {
		t.Errorf("a refused file left %+v", inv)
	}
	return r
}

func TestEveryShapeInEveryEncoding(t *testing.T) {
	t.Parallel()
	for _, e := range sample.Encodings() {
		i := jane
		i.Encoding = e
		copied := i
		copied.Copy, copied.Certificate = true, true
		open := i
		open.Password = ""
		for name, c := range map[string]struct {
			file []byte
			want invitation.Invitation
		}{
			"ra1":           {i.RA1(), invitation.Invitation{Format: invitation.RA1, PasswordRequired: true, Endpoints: best}},
			"ra1 open":      {open.RA1(), invitation.Invitation{Format: invitation.RA1, Endpoints: best, Warnings: []invitation.Warning{invitation.NoPassword}}},
			"ra2":           {i.RA2(), invitation.Invitation{Format: invitation.RA2, PasswordRequired: true}},
			"ra2 with copy": {copied.RA2(), invitation.Invitation{Format: invitation.RA2, PasswordRequired: true, Endpoints: best}},
		} {
			t.Run(fmt.Sprint(name, " ", e), func(t *testing.T) {
				t.Parallel()
				got := parse(t, c.file)
				c.want.User, c.want.Start, c.want.Minutes, c.want.File = "Jörg & Co", start, 180, c.file
				c.want.Key = got.Key
				if !reflect.DeepEqual(got, c.want) {
					t.Errorf("got  %+v\nwant %+v", got, c.want)
				}
			})
		}
	}
}

func TestBareConnectionString(t *testing.T) {
	t.Parallel()
	file := jane.ConnectionString()
	got := parse(t, file)
	want := invitation.Invitation{Format: invitation.ConnectionString, Key: got.Key, File: file,
		Endpoints: append(best[:2:2], invitation.Endpoint{Host: "fe80::1%3", Port: 50000}),
		Warnings:  []invitation.Warning{invitation.NoExpiry}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestKeyIsTheTicketInside states the key as INVITATIONS.md section 5 defines it.
func TestKeyIsTheTicketInside(t *testing.T) {
	t.Parallel()
	between := func(file []byte, name string) string {
		_, rest, _ := strings.Cut(string(file), " "+name+`="`)
		v, _, _ := strings.Cut(rest, `"`)
		return v
	}
	sealed, err := hex.DecodeString(between(jane.RA2(), "LHTICKET"))
	if err != nil || len(sealed) == 0 {
		t.Fatal(err)
	}
	if got := parse(t, jane.RA2()).Key; got != sha256.Sum256(sealed) {
		t.Errorf("type 2: %v", got)
	}
	if got := parse(t, jane.RA1()).Key; got != sha256.Sum256([]byte(between(jane.RA1(), "RCTICKET"))) {
		t.Errorf("type 1: %v", got)
	}
}

// TestKeySurvivesSpelling changes everything about a file but its ticket.
func TestKeySurvivesSpelling(t *testing.T) {
	t.Parallel()
	wrap := func(b []byte, with string) []byte { // breaks every long run
		var out []byte
		for run := 0; len(b) > 0; b = b[1:] {
			if run++; b[0] == '"' || b[0] == ' ' || b[0] == '<' {
				run = 0
			}
			if out = append(out, b[0]); run == 60 {
				out = append(out, with...)
				run = 0
			}
		}
		return out
	}
	spell := map[string]func([]byte) []byte{
		"as is":         func(b []byte) []byte { return b },
		"CRLF ends":     func(b []byte) []byte { return append(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")), "\r\n"...) },
		"wrapped":       func(b []byte) []byte { return wrap(b, "\r\n ") },
		"exclamation":   func(b []byte) []byte { return wrap(b, "!\r\n ") },
		"footer":        func(b []byte) []byte { return append(b, "\r\n-- \r\nlist footer"...) },
		"NUL and ^Z":    func(b []byte) []byte { return append(b, 0, 0, 0x1A) },
		"blank lines":   func(b []byte) []byte { return append([]byte("\r\n\n  "), b...) },
		"single quotes": func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`"`), []byte(`'`)) },
		"blanks round =": func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(`="`), []byte(" =\r\n\t\""))
		},
		"comments": func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("><"), []byte("><!-- <UPLOADDATA> & co -->\n<?pi?><"))
		},
	}
	for shape, file := range map[string][]byte{"ra1": jane.RA1(), "ra2": jane.RA2(), "bare": jane.ConnectionString()} {
		want := parse(t, file)
		for name, change := range spell {
			t.Run(shape+" "+name, func(t *testing.T) {
				t.Parallel()
				got := parse(t, change(bytes.Clone(file)))
				if got.Key != want.Key || got.User != want.User || !reflect.DeepEqual(got.Endpoints, want.Endpoints) {
					t.Errorf("got %+v\nwant %+v", got, want)
				}
			})
		}
	}
	other := jane
	other.Seed++
	if parse(t, other.RA2()).Key == parse(t, jane.RA2()).Key || parse(t, other.ConnectionString()).Key == parse(t, jane.ConnectionString()).Key {
		t.Error("two invitations have one key")
	}
}

// TestNothingBeforeTheDeclaration: XML readers refuse a file with a blank line
// before its declaration, as the file was handed in.
func TestNothingBeforeTheDeclaration(t *testing.T) {
	t.Parallel()
	for _, e := range sample.Encodings() {
		i := jane
		i.Encoding = e
		file := i.RA2()
		mark := map[sample.Encoding]int{sample.UTF8BOM: 3, sample.UTF16LE: 2, sample.UTF16BE: 2}[e]
		blank := map[sample.Encoding]string{sample.UTF16LE: "\r\x00\n\x00", sample.UTF16LEBare: "\r\x00\n\x00", sample.UTF16BE: "\x00\r\x00\n", sample.UTF16BEBare: "\x00\r\x00\n"}[e]
		if blank == "" {
			blank = " \r\n\n"
		}
		if got := parse(t, slices.Concat(file[:mark], []byte(blank), file[mark:])).File; !bytes.Equal(got, file) {
			t.Errorf("%v: %q", e, got[:min(len(got), 40)])
		}
	}
	bare := append([]byte("\n"), jane.ConnectionString()...)
	if got := parse(t, bare).File; !bytes.Equal(got, bare) {
		t.Errorf("without a declaration: %q", got)
	}
}

// TestSurrogates: characters beyond 16 bits, and halves of them.
func TestSurrogates(t *testing.T) {
	t.Parallel()
	for _, e := range []sample.Encoding{sample.UTF16LE, sample.UTF16BE} {
		i := jane
		i.User, i.Encoding = "J𝄞rg", e
		if got := parse(t, append(i.RA2(), "--\n--\n"...)); got.User != "J𝄞rg" || !bytes.Equal(got.File, i.RA2()) {
			t.Errorf("%v: %q, %d bytes of %d", e, got.User, len(got.File), len(i.RA2()))
		}
	}
	half := jane
	half.User, half.Encoding = "Jxrg", sample.UTF16LE
	for _, unit := range []string{"\x00\xd8", "\x00\xdc"} {
		file := bytes.Replace(half.RA2(), []byte("x\x00r"), []byte(unit+"r"), 1)
		if got := parse(t, file); got.User != "Jrg" || !bytes.Equal(got.File, file) {
			t.Errorf("% x: %q", unit, got.User)
		}
	}
}

// TestFileIsByteForByte: what a technician gets is what the user's PC wrote.
func TestFileIsByteForByte(t *testing.T) {
	t.Parallel()
	for _, e := range sample.Encodings() {
		i := jane
		i.Encoding = e
		file := i.RA2()
		foot := []byte("\r\n-- \r\nfooter")
		if e == sample.UTF16LE || e == sample.UTF16LEBare {
			foot = []byte("\r\x00\n\x00-\x00")
		}
		if e == sample.UTF16BE || e == sample.UTF16BEBare {
			foot = []byte("\x00\r\x00\n\x00-")
		}
		if got := parse(t, append(bytes.Clone(file), foot...)).File; !bytes.Equal(got, file) {
			t.Errorf("%v: %d bytes, want %d", e, len(got), len(file))
		}
		blank := append(bytes.Clone(file), 0, 0)
		got := parse(t, blank).File
		if !bytes.Equal(got, blank) {
			t.Errorf("%v: blanks behind the file were lost", e)
		}
		if got[0] ^= 1; got[0] == blank[0] {
			t.Errorf("%v: File shares memory with the input", e)
		}
	}
}

func TestTypeTwoOddities(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(string(jane.RA2()), `LHTICKET="`)
	ticket, _, _ := strings.Cut(rest, `"`)
	lower := bytes.Replace(jane.RA2(), []byte(ticket), []byte(strings.ToLower(ticket)), 1)
	if parse(t, lower).Key != parse(t, jane.RA2()).Key {
		t.Error("lower-case hex changed the key")
	}
	got := parse(t, []byte(`<UPLOADINFO TYPE="Escalated"><UPLOADDATA LHTICKET="`+ticket+`"></UPLOADDATA></UPLOADINFO>`))
	want := []invitation.Warning{invitation.NoExpiry}
	if got.User != "" || !got.PasswordRequired || got.Endpoints != nil || !reflect.DeepEqual(got.Warnings, want) {
		t.Errorf("%+v", got)
	}
}
