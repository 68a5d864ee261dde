package peers_test

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/invitation/sample"
)

// letter is a mail that holds one invitation.
type letter struct {
	name string
	mail []byte
	file []byte // that it holds
}

// found is an invitation as a reader of mails found it.
type found struct {
	name string // of the file, "" where it has none
	file []byte
}

// invitations are the files that travel: in 8 bits and in 16, short and with
// lines that no mail should have.
func invitations() map[string][]byte {
	i := sample.Invitation{User: "Jörg & Co", Password: "CDFG2345HJKL", Start: time.Unix(1700000000, 0), Copy: true}
	wide, full, marked := i, i, i
	wide.Encoding, marked.Encoding, full.Certificate = sample.UTF16LE, sample.UTF8BOM, true
	return map[string][]byte{
		"type 1, 16 bits": wide.RA1(), "type 2": i.RA2(), "marked": marked.RA2(), "Windows 11": full.RA2(), "bare": full.ConnectionString(),
	}
}

// letters are all files in all encodings and frames. The plain types are also
// under every label, and with both kinds of line ends.
func letters() []letter {
	var all []letter
	for what, file := range invitations() {
		plain := strings.HasPrefix(what, "type")
		ways := encodings()
		if file[0] != 0xFF {
			maps.Copy(ways, textEncodings())
		}
		for how, encode := range ways {
			add := func(name, mail string) {
				name = strings.Join([]string{what, how, name}, ", ")
				all = append(all, letter{name, []byte(mail), file})
				if plain && how != "binary" {
					all = append(all, letter{name + ", CRLF", []byte(strings.ReplaceAll(mail, "\n", "\r\n")), file})
				}
			}
			encoded := encode(file)
			for frame, put := range frames() {
				add(frame, put(part{labels()["RFC 2231"] + encoded.fields, encoded.body}))
			}
			for label, fields := range labels() {
				if plain {
					add(label, frames()["mixed"](part{fields + encoded.fields, encoded.body}))
				}
			}
		}
	}
	return all
}

// TestPythonOpensTheSame compares what we find in mails with what Python's
// parser cuts out of them: the same invitations, the same bytes, the same names.
func TestPythonOpensTheSame(t *testing.T) {
	t.Parallel()
	all := letters()
	var mails [][]byte
	for _, l := range all {
		mails = append(mails, l.mail)
	}
	for n, theirs := range describe(t, mails) {
		t.Run(all[n].name, func(t *testing.T) { all[n].compare(t, theirs) })
	}
}

func (l letter) compare(t *testing.T, d described) {
	t.Helper()
	ours, theirs := byUs(t, l.mail), byPython(d)
	if key := keyOf(t, l.file); len(theirs) != 1 || theirs[key].file == nil {
		t.Fatalf("Python finds %d invitations in\n%.3000s", len(theirs), l.mail)
	}
	for _, key := range slices.Concat(slices.Collect(maps.Keys(ours)), slices.Collect(maps.Keys(theirs))) {
		a, b := ours[key], theirs[key]
		if a.name != b.name || !bytes.Equal(a.file, b.file) {
			t.Fatalf("we find        %q %q\nPython finds   %q %q\nin\n%.3000s", a.name, a.file, b.name, b.file, l.mail)
		}
	}
}

// byUs is what we find in a mail. Where a place ends in a number, nothing on
// the way to it had a name.
func byUs(t *testing.T, mail []byte) map[invitation.Key]found {
	t.Helper()
	c := carrier.Mail(mail, carrier.DefaultLimits())
	if len(c.Refused) > 0 {
		t.Errorf("we refuse %v", c.Refused)
	}
	all := map[invitation.Key]found{}
	for _, f := range c.Found {
		name := path.Base(f.Path)
		if _, err := strconv.Atoi(name); err == nil {
			name = ""
		}
		all[f.Key] = found{name, ended(f.File)}
	}
	return all
}

// byPython is what is an invitation of the leaves that Python found.
func byPython(d described) map[invitation.Key]found {
	all := map[invitation.Key]found{}
	for _, l := range d.Leaves {
		if inv, err := invitation.Parse(l.Body); err == nil {
			all[inv.Key] = found{l.Name[strings.LastIndexAny(l.Name, `/\`)+1:], ended(inv.File)}
		}
	}
	return all
}

// ended is a file without its last line break: in a mail that was cut off,
// whose that is can't be said.
func ended(file []byte) []byte { return bytes.TrimRight(file, "\r\n") }

func keyOf(t *testing.T, file []byte) invitation.Key {
	t.Helper()
	inv, err := invitation.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return inv.Key
}

// TestWeOpenPythonsMails opens mails that Python wrote.
func TestWeOpenPythonsMails(t *testing.T) {
	t.Parallel()
	var wishes []wish
	for _, around := range []string{"", " alternative", " forwarded", " twice"} {
		for _, file := range invitations() {
			names := []string{
				"invite.msrcIncident", "Hilfe für Jörg.msrcIncident", "招待状.msrcIncident", `Jane "JD"; x=y.msrcIncident`,
				strings.Repeat("sehr ", 30) + "lang.msrcIncident", "ü" + strings.Repeat("lang", 40),
			}
			for _, name := range names {
				ways := []string{"base64", "quoted-printable", "inline"}
				if file[0] != 0xFF && file[0] != 0xEF {
					ways = append(ways, "text")
				}
				for _, way := range ways {
					wishes = append(wishes, wish{way + around, name, file})
				}
			}
		}
	}
	for n, mail := range written(t, wishes) {
		w := wishes[n]
		t.Run(fmt.Sprint(w.Way, " ", w.Name), func(t *testing.T) {
			want := found{w.Name, ended(w.File)}
			got, ok := byUs(t, mail)[keyOf(t, w.File)]
			if strings.HasPrefix(w.Way, "text") {
				got.file, want.file = lines(got.file), lines(want.file)
			}
			if !ok || got.name != want.name || !bytes.Equal(got.file, want.file) {
				t.Errorf("%v: got %q %q\nwant %q %q\nin\n%.3000s", ok, got.name, got.file, want.name, want.file, mail)
			}
		})
	}
}

// lines are a file's without their ends, which are a text mail's own.
func lines(file []byte) []byte {
	return bytes.TrimSpace(bytes.ReplaceAll(file, []byte("\r\n"), []byte("\n")))
}
