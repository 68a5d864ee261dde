package carrier_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"html"
	"strings"
	"testing"
	"unicode/utf16"

	"inviter/carrier"
	"inviter/invitation"
	"inviter/invitation/sample"
)

type entry struct {
	name string
	body []byte
}

func zipped(entries ...entry) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.Create(e.name)
		must(err)
		_, err = f.Write(e.body)
		must(err)
	}
	must(w.Close())
	return b.Bytes()
}

func gzipped(name string, body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name = name
	_, err := w.Write(body)
	must(err)
	must(w.Close())
	return b.Bytes()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// uuencoded writes a file as uuencode does.
func uuencoded(name string, body []byte) string {
	var b strings.Builder
	char := func(v byte) byte {
		if v == 0 {
			return '`'
		}
		return v + ' '
	}
	fmt.Fprintf(&b, "begin 644 %s\n", name)
	for len(body) > 0 {
		n := min(45, len(body))
		line := append(bytes.Clone(body[:n]), 0, 0)
		body = body[n:]
		b.WriteByte(char(byte(n)))
		for i := 0; i < n; i += 3 {
			b.Write([]byte{char(line[i] >> 2), char(line[i]<<4&63 | line[i+1]>>4), char(line[i+1]<<2&63 | line[i+2]>>6), char(line[i+2] & 63)})
		}
		b.WriteByte('\n')
	}
	return b.String() + "`\nend\n"
}

// tnef writes a winmail.dat with one attachment ([MS-OXTNEF]).
func tnef(title, long string, body []byte) []byte {
	b := []byte{0x78, 0x9F, 0x3E, 0x22, 1, 0}
	attribute := func(level byte, id, typ uint16, value []byte) {
		b = append(b, level)
		b = binary.LittleEndian.AppendUint16(b, id)
		b = binary.LittleEndian.AppendUint16(b, typ)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
		b = append(b, value...)
		var sum uint16
		for _, c := range value {
			sum += uint16(c)
		}
		b = binary.LittleEndian.AppendUint16(b, sum)
	}
	attribute(1, 0x9006, 8, []byte{0, 0, 1, 0})          // attTnefVersion
	attribute(1, 0x8004, 1, []byte("My PC is slow\x00")) // attSubject
	attribute(2, 0x9002, 6, make([]byte, 14))
	attribute(2, 0x8010, 1, append([]byte(title), 0))
	if body != nil {
		attribute(2, 0x800F, 6, body)
	}
	attribute(2, 0x9005, 6, properties(long))
	return b
}

// properties writes MAPI properties of several kinds round the long file name.
func properties(long string) []byte {
	var b []byte
	u32 := func(v uint32) { b = binary.LittleEndian.AppendUint32(b, v) }
	u32(5)
	u32(0x0E200003) // PidTagAttachSize
	u32(1234)
	u32(0x8001001F) // named, by a name
	b = append(b, make([]byte, 16)...)
	u32(1)
	u32(6)
	b = append(b, "x\x00y\x00\x00\x00\x00\x00"...)
	u32(1)
	u32(4)
	b = append(b, "v\x00\x00\x00"...)
	u32(0x10031003) // several numbers
	u32(2)
	u32(1)
	u32(2)
	u32(0x0E0B0102) // binary, padded
	u32(1)
	u32(3)
	b = append(b, 1, 2, 3, 0)
	u32(0x3707001F) // long file name
	u32(1)
	name := utf16.Encode([]rune(long + "\x00"))
	u32(uint32(2 * len(name)))
	for _, u := range name {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func attached(name string, body []byte) []byte {
	return sample.Mail{From: "Jane <jane@example.org>", Subject: "help", Text: "Please help.", Files: []sample.File{{Name: name, Body: body}}}.Bytes()
}

func textMail(header, body string) []byte {
	return crlf("From: jane@example.org\nMIME-Version: 1.0\n" + header + "\n\n" + body)
}

func wrap(s string, n int) string {
	var b strings.Builder
	for len(s) > n {
		b.WriteString(s[:n] + "\n")
		s = s[n:]
	}
	return b.String() + s
}

// manglings are the carriers of INVITATIONS.md section 7. Those that only carry
// text are marked: UTF-16 can't pass through them.
func manglings() map[string]func([]byte) []byte {
	return map[string]func([]byte) []byte{
		"zip":            func(f []byte) []byte { return attached("a.zip", zipped(entry{"dir/a.msrcIncident", f})) },
		"zip, no name":   func(f []byte) []byte { return attached("", zipped(entry{"readme.txt", []byte("hi")}, entry{"b", f})) },
		"zip in zip":     func(f []byte) []byte { return attached("a.zip", zipped(entry{"b.zip", zipped(entry{"a", f})})) },
		"gzip":           func(f []byte) []byte { return attached("a.gz", gzipped("a.msrcIncident", f)) },
		"gzip in zip":    func(f []byte) []byte { return attached("a.zip", zipped(entry{"a.gz", gzipped("", f)})) },
		"winmail.dat":    func(f []byte) []byte { return attached("winmail.dat", tnef("A~1.MSR", "Invitation.msrcIncident", f)) },
		"zip in winmail": func(f []byte) []byte { return attached("winmail.dat", tnef("a.zip", "a.zip", zipped(entry{"a", f}))) },
		"eml in base64":  func(f []byte) []byte { return attached("fw.eml", attached("a.msrcIncident", f)) },
		"eml unnamed":    func(f []byte) []byte { return attached("", attached("a.msrcIncident", f)) },
		"forwarded":      func(f []byte) []byte { return forwarded(1, attached("a.msrcIncident", f)) },
		"twice":          func(f []byte) []byte { return forwarded(2, attached("a.msrcIncident", f)) },
		"eml in zip":     func(f []byte) []byte { return attached("a.zip", zipped(entry{"a.eml", attached("a", f)})) },
		"uuencoded":      func(f []byte) []byte { return textMail("", "Hi\n\n"+uuencoded("a.msrcIncident", f)+"\nJane") },
		"uuencoded part": func(f []byte) []byte {
			return textMail("Content-Type: x/y; name=a.msrcIncident\nContent-Transfer-Encoding: x-uuencode", uuencoded("b", f))
		},
		"frame broken": func(f []byte) []byte {
			return textMail("Content-Type: multipart/mixed; boundary=lost", "hello\n\nContent-Transfer-Encoding: base64\n\n"+b64(f)+"\n")
		},
		"bounced as text": func(f []byte) []byte {
			return textMail("Content-Type: text/plain", "Your mail was not delivered:\n\nSubject: x\nContent-Transfer-Encoding: base64\n\n"+b64(f)+"\n--\n")
		},
	}
}

func textManglings() map[string]func([]byte) []byte {
	return map[string]func([]byte) []byte{
		"pasted": func(f []byte) []byte { return textMail("", "Hi,\n\n"+string(f)+"\n\nJane\n") },
		"pasted, wrapped": func(f []byte) []byte {
			return textMail("", "Hi,\n\n"+wrap(string(f), 72)+"\n\nJane\n")
		},
		"pasted, quoted": func(f []byte) []byte {
			return textMail("", "Hi,\n\n> "+strings.ReplaceAll(wrap(string(f), 66), "\n", "\n> ")+"\n> \n> Jane\n")
		},
		"pasted, quoted twice": func(f []byte) []byte {
			return textMail("", ">> "+strings.ReplaceAll(wrap(string(f), 66), "\n", "\n>> "))
		},
		"flowed": func(f []byte) []byte {
			return textMail("Content-Type: text/plain; format=flowed", "Hi\n\n"+strings.ReplaceAll(string(f), " ", " \n"))
		},
		"flowed, delsp": func(f []byte) []byte {
			return textMail("Content-Type: text/plain; format=flowed; delsp=yes", strings.NewReplacer("\n ", " \n  ", "\n", " \n").Replace(wrap(string(f), 66)))
		},
		"quoted-printable": func(f []byte) []byte {
			return textMail("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable",
				wrap(strings.ReplaceAll(string(f), "=", "=3D"), 70))
		},
		"html, escaped": func(f []byte) []byte {
			return textMail("Content-Type: text/html", "<html><body><p>Hi</p><p>"+html.EscapeString(string(f))+"</p></body></html>")
		},
		"html, numeric": func(f []byte) []byte {
			return textMail("Content-Type: text/html", "<p>"+strings.NewReplacer("&", "&#38;", "<", "&#60;", ">", "&#x3e;", `"`, "&#34;").Replace(string(f)))
		},
		"html, broken lines": func(f []byte) []byte {
			return textMail("Content-Type: text/html", "<div>"+strings.ReplaceAll(html.EscapeString(wrap(string(f), 76)), "\n", "<br>\n")+"</div>")
		},
		"html, spans and nbsp": func(f []byte) []byte {
			return textMail("Content-Type: text/html", "<span>"+strings.ReplaceAll(html.EscapeString(string(f)), " ", "</span>&nbsp;<span>")+"</span>")
		},
		"html, raw": func(f []byte) []byte {
			return textMail("Content-Type: text/html", "<html><body><pre>"+string(f)+"</pre></body></html>")
		},
		"html and text": func(f []byte) []byte {
			return sample.Mail{From: "jane@example.org", Text: "Hi " + string(f), HTML: html.EscapeString(string(f))}.Bytes()
		},
		"typographic quotes": func(f []byte) []byte {
			return textMail("", "Hi "+strings.ReplaceAll(string(f), `"`, "\u201d"))
		},
		"text file": func(f []byte) []byte { return attached("notes.txt", append([]byte("see below\r\n"), f...)) },
		"long lines": func(f []byte) []byte {
			return textMail("Content-Type: x/y", strings.ReplaceAll(wrap(string(f), 990), "\n", "!\n "))
		},
		"footer": func(f []byte) []byte {
			return textMail("Content-Type: text/plain; name=a.txt", string(f)+"\n_____\nlist")
		},
	}
}

func TestEveryShapeInEveryCarrier(t *testing.T) {
	t.Parallel()
	full := jane
	full.Copy, full.Certificate = true, true
	shapes := map[string][]byte{"ra1": jane.RA1(), "ra2": jane.RA2(), "windows 11": full.RA2(), "bare": jane.ConnectionString()}
	for shape, file := range shapes {
		for name, mangle := range textManglings() {
			t.Run(name+" "+shape, func(t *testing.T) {
				t.Parallel()
				survives(t, mangle(file), file)
			})
		}
	}
	wide := jane
	wide.Encoding = sample.UTF16LE
	shapes["ra1 in UTF-16"], shapes["ra2 in UTF-16"] = wide.RA1(), wide.RA2()
	for shape, file := range shapes {
		for name, mangle := range manglings() {
			t.Run(name+" "+shape, func(t *testing.T) {
				t.Parallel()
				got := survives(t, mangle(file), file)
				if !bytes.Equal(got.File, bytes.TrimSuffix(file, []byte("\r\n"))) && !bytes.Equal(got.File, file) {
					t.Errorf("the file was changed to %q", got.File)
				}
			})
		}
	}
}

// survives asks that a mail holds the invitation, exactly once, that the file
// can be read again, and that nothing is refused.
func survives(t *testing.T, mail, file []byte) carrier.Found {
	t.Helper()
	got := carrier.Mail(mail, limits)
	if len(got.Found) != 1 || len(got.Refused) != 0 {
		t.Fatalf("found %d, refused %+v, in %.3000s", len(got.Found), got.Refused, mail)
	}
	f := got.Found[0]
	if again := keyOf(t, f.File); f.Key != keyOf(t, file) || again != f.Key {
		t.Errorf("the key is another")
	}
	for _, secret := range []string{"UPLOAD", "LHTICKET", "65538,1", "PassStub", "KH="} {
		if strings.Contains(got.Text, secret) {
			t.Errorf("the text shows the invitation: %q", got.Text)
		}
	}
	if as := carrier.File("mail.eml", mail, limits); len(as.Found) != 1 || as.Found[0].Path != "mail.eml/"+f.Path {
		t.Errorf("as a file: %v, want mail.eml/%s", paths(as), f.Path)
	}
	return f
}

func TestCutMails(t *testing.T) {
	t.Parallel()
	for name, mail := range map[string][]byte{
		"attachment":  attached("a.msrcIncident", jane.RA2()),
		"pasted":      textMail("", "Hi,\n\n"+string(jane.RA2())),
		"winmail.dat": attached("winmail.dat", tnef("A", "a.msrcIncident", jane.RA2())),
	} {
		got := carrier.Mail(mail[:len(mail)-600], limits)
		if len(got.Found) != 0 || len(got.Refused) != 1 || got.Refused[0].Refusal.Code != invitation.Damaged {
			t.Errorf("%s: found %v, refused %v", name, paths(got), got.Refused)
		}
	}
}
