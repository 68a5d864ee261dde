package carrier_test

import (
	"bytes"
	"mime"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"inviter/carrier"
	"inviter/invitation"
)

// FuzzTNEF asks of any winmail.dat: no more attachments than allowed, nothing
// that wasn't in the file; and of any name and data that they come back as
// they were written.
func FuzzTNEF(f *testing.F) {
	small := jane
	small.Endpoints = []string{"10.0.0.7:5"}
	f.Add("a.msrcIncident", small.RA1(), tnef("A~1.MSR", "a.msrcIncident", small.RA1()))
	f.Add("Jörg.msrcIncident", []byte("x"), tnef("A", "b", nil))
	f.Add("", []byte{}, tnef("", "", []byte{0x78, 0x9F, 0x3E, 0x22})[:60])
	f.Add("c", []byte{0}, []byte("\x78\x9f\x3e\x22\x01\x00\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00\x02\x05\x90\x06\x00\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, name string, body, raw []byte) {
		size := 0
		list := carrier.TNEF(raw, 10)
		for _, a := range list {
			size = max(size, len(a.Data()), len(a.Object()))
			if n := a.Name(); !utf8.ValidString(n) || strings.ContainsAny(n, "/\\\n\x00") {
				t.Fatalf("name %q", n)
			}
		}
		if len(list) > 11 || size > len(raw) {
			t.Fatalf("%d attachments, %d bytes out of %d", len(list), size, len(raw))
		}
		sound(t, carrier.File("winmail.dat", append([]byte{0x78, 0x9F, 0x3E, 0x22, 0, 0}, raw...), limits), limits)

		long := strings.ReplaceAll(strings.ToValidUTF8(name, ""), "\x00", "")
		back := carrier.TNEF(tnef("A~1", long, body), 10)
		if len(back) != 1 || body != nil && !bytes.Equal(back[0].Data(), body) {
			t.Fatalf("%+v", back)
		}
		if want := carrier.BaseName(long); long != "" && back[0].Name() != want {
			t.Fatalf("name %q, want %q", back[0].Name(), want)
		}
	})
}

// FuzzUU asks that what was uuencoded comes back, whatever text stands round
// it, and that nothing else is decoded to more than it can hold.
func FuzzUU(f *testing.F) {
	f.Add("a.msrcIncident", jane.RA1(), "Hi,\n", "begin 644 x\n#86)C\n`\nend\n")
	f.Add("b c", []byte("abc"), "begin with this", "begin 0755 ..\\x\r\nM\r\n \r\nend")
	f.Add("", []byte{0, 0, 0}, "begin 999 no\n", "begin 644 a\n!!\n")
	f.Fuzz(func(t *testing.T, name string, body []byte, before, raw string) {
		got, out, ok := carrier.UU([]byte(raw), 1000)
		if len(out) > 1000 || ok && got != invitation.CleanLine(got, 200) {
			t.Fatalf("%q holds %d bytes", got, len(out))
		}
		sound(t, carrier.File("a.txt", []byte(raw), limits), limits)

		name = strings.Trim(carrier.BaseName(name), " ")
		if name == "" || strings.Contains(before, "begin ") || name != carrier.BaseName(name) {
			return
		}
		got, out, ok = carrier.UU([]byte(before+"\n"+uuencoded(name, body)+"\nJane"), 1<<20)
		if !ok || got != name || !bytes.Equal(out, body) {
			t.Fatalf("%v %q %d bytes, want %q %d", ok, got, len(out), name, len(body))
		}
	})
}

// FuzzName asks of any file name, however it is written, that it is fit to
// show and no path, and of a proper one that every way to write it is read.
func FuzzName(f *testing.F) {
	f.Add("a.msrcIncident", `attachment; filename="=?utf-8?q?J=C3=B6rg?=.msrcIncident"`)
	f.Add("Jörg Müller.msrcIncident", `a; filename*0*=utf-8''J%C3%B6; filename*1="rg"; filename*2*=.x`)
	f.Add("招待.msrcIncident", `a; filename*=iso-2022-jp''%1B$B>7BT%1B(B; filename="..\..\x"`)
	f.Add("\u202egnp.a", "a; filename=C:\\Temp\\a b.msrcIncident ;; filename=\"x")
	f.Add("x", "a; filename=\"a\\\"b/c\\\\d\"; filename*=''%zz; FILENAME=\xe4")
	f.Fuzz(func(t *testing.T, name, field string) {
		shown := carrier.BaseName(carrier.Parameter(carrier.ReadParams(field), "filename"))
		fit(t, shown)
		fit(t, carrier.BaseName(name))

		clean := carrier.BaseName(name)
		if clean == "" || strings.Contains(clean, "=?") || clean != carrier.BaseName(clean) {
			return
		}
		for way, written := range map[string]string{
			"2231": mime.FormatMediaType("attachment", map[string]string{"filename": clean}),
			"q":    `attachment; filename="` + mime.QEncoding.Encode("utf-8", quotable(clean)) + `"`,
			"b":    `attachment; filename="` + mime.BEncoding.Encode("utf-8", quotable(clean)) + `"`,
			"8bit": `attachment; filename="` + quotable(clean) + `"`,
		} {
			want := clean
			if way != "2231" {
				want = quotable(clean)
			}
			if got := carrier.BaseName(carrier.Parameter(carrier.ReadParams(written), "filename")); written != "" && got != carrier.BaseName(want) {
				t.Fatalf("%s: %q is read as %q, not %q", way, written, got, want)
			}
		}
	})
}

// quotable is a name without what a quoted string would have to escape.
func quotable(name string) string { return strings.NewReplacer(`"`, "'").Replace(name) }

// fit says what must hold of a name that is shown.
func fit(t *testing.T, name string) {
	t.Helper()
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > 200 || strings.ContainsAny(name, "/\\") || name == "." || name == ".." {
		t.Fatalf("name %q", name)
	}
	for _, r := range name {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			t.Fatalf("name %q", name)
		}
	}
}
