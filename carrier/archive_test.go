package carrier_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"inviter/carrier"
	"inviter/invitation"
)

// encrypted is a zip whose entries say that they need a password.
func encrypted(name string) []byte {
	b := zipped(entry{name, []byte("anything")})
	for _, at := range []int{6, bytes.Index(b, []byte("PK\x01\x02")) + 8} {
		b[at] |= 1
	}
	return b
}

func TestArchives(t *testing.T) {
	t.Parallel()
	file := jane.RA2()
	zeros := make([]byte, 3<<20)
	noise := append([]byte("\x89PNG\r\n\x1a\n\x00"), make([]byte, 2<<20)...)
	_, err := rand.NewChaCha8([32]byte{}).Read(noise[9:])
	must(err)
	deep := func(n int, b []byte) []byte {
		for range n {
			b = zipped(entry{"in.zip", b})
		}
		return b
	}
	var crowd []entry
	for i := range 25 {
		crowd = append(crowd, entry{fmt.Sprintf("n%d.log", i), []byte("nothing")})
	}
	whole := zipped(entry{"a.msrcIncident", file})
	for name, c := range map[string]struct {
		file  string
		body  []byte
		paths []string
		codes []invitation.Code
	}{
		"zip":                      {"a.zip", whole, []string{"a.zip/a.msrcIncident"}, nil},
		"folders and paths":        {"a.zip", zipped(entry{"d/", nil}, entry{`..\..\e/b.msrcIncident`, file}), []string{"a.zip/b.msrcIncident"}, nil},
		"any name":                 {"a.bin", whole, []string{"a.bin/a.msrcIncident"}, nil},
		"two levels":               {"a.zip", deep(1, whole), []string{"a.zip/in.zip/a.msrcIncident"}, nil},
		"three levels":             {"a.zip", deep(2, whole), nil, []invitation.Code{invitation.TooDeep}},
		"encrypted":                {"a.zip", encrypted("a.msrcIncident"), nil, []invitation.Code{invitation.EncryptedArchive}},
		"empty":                    {"a.zip", zipped(), nil, nil},
		"cut off":                  {"a.zip", whole[:len(whole)-30], nil, []invitation.Code{invitation.Damaged}},
		"entry damaged":            {"a.zip", spoiled(whole), nil, []invitation.Code{invitation.Damaged}},
		"25 entries":               {"a.zip", zipped(crowd...), nil, []invitation.Code{invitation.TooMany}},
		"25 entries and one":       {"a.zip", zipped(append(crowd, entry{"z.msrcIncident", file})...), []string{"a.zip/z.msrcIncident"}, []invitation.Code{invitation.TooMany}},
		"bomb by name":             {"a.zip", zipped(entry{"a.msrcIncident", zeros}), nil, []invitation.Code{invitation.TooLarge}},
		"bomb without a name":      {"a.zip", zipped(entry{"x", zeros}), nil, []invitation.Code{invitation.TooLarge}},
		"bomb in a bomb":           {"a.zip", deep(1, zipped(entry{"x", zeros}, entry{"y", zeros})), nil, []invitation.Code{invitation.TooLarge}},
		"large picture":            {"a.zip", zipped(entry{"shot.png", noise}), nil, nil},
		"picture and invitation":   {"a.zip", zipped(entry{"shot.png", noise}, entry{"b", file}), []string{"a.zip/b"}, nil},
		"word document":            {"a.docx", zipped(append(crowd, entry{"word/document.xml", []byte("<w/>")})...), nil, nil},
		"document without a name":  {"a", zipped(append([]entry{{"[Content_Types].xml", []byte("<x/>")}}, crowd...)...), nil, nil},
		"gzip":                     {"a.msrcIncident.gz", gzipped("", file), []string{"a.msrcIncident.gz/a.msrcIncident"}, nil},
		"gzip with a name":         {"a.gz", gzipped("b.msrcIncident", file), []string{"a.gz/b.msrcIncident"}, nil},
		"gzip bomb":                {"a.gz", gzipped("", zeros), nil, []invitation.Code{invitation.TooLarge}},
		"gzip, cut":                {"a.msrcIncident.gz", gzipped("", file)[:400], nil, []invitation.Code{invitation.Damaged}},
		"gzip, not one":            {"a.msrcIncident.gz", []byte("\x1f\x8b\x08"), nil, []invitation.Code{invitation.Damaged}},
		"other gzip, cut":          {"log.gz", gzipped("", []byte("some log"))[:20], nil, nil},
		"winmail.dat":              {"winmail.dat", tnef("A~1.MSR", "Jörg.msrcIncident", file), []string{"winmail.dat/Jörg.msrcIncident"}, nil},
		"winmail.dat, short name":  {"winmail.dat", tnef("A~1.MSR", "", file), []string{"winmail.dat/A~1.MSR"}, nil},
		"winmail.dat, data behind": {"winmail.dat", append(tnef("a", "a.msrcIncident", file), 1, 2, 3), []string{"winmail.dat/a.msrcIncident"}, nil},
		"winmail.dat, cut":         {"winmail.dat", tnef("a", "", file)[:900], nil, []invitation.Code{invitation.Damaged}},
		"winmail.dat, no files":    {"winmail.dat", []byte{0x78, 0x9F, 0x3E, 0x22, 1, 0}, nil, nil},
		"rdp file":                 {"a.rdp", []byte("screen mode id:i:2\r\nfull address:s:evil.example\r\n"), nil, []invitation.Code{invitation.NotAnInvitation}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := carrier.File(c.file, c.body, limits)
			if !reflect.DeepEqual(paths(got), c.paths) || !reflect.DeepEqual(codes(got), c.codes) {
				t.Errorf("found %q, refused %v, ignored %d", paths(got), got.Refused, got.Ignored)
			}
			if len(got.Found)+len(got.Refused)+got.Ignored == 0 {
				t.Error("nothing was counted")
			}
		})
	}
}

// spoiled changes a byte of the first entry's packed data.
func spoiled(b []byte) []byte {
	b = bytes.Clone(b)
	b[200] ^= 0xFF
	return b
}

// TestManyBombs: all archives of one mail together have a bound of their own.
func TestManyBombs(t *testing.T) {
	t.Parallel()
	var entries []entry
	for i := range 20 {
		entries = append(entries, entry{fmt.Sprint(i), make([]byte, 1<<20-1)})
	}
	bomb := zipped(entries...)
	var b strings.Builder
	b.WriteString("From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n")
	for range 100 {
		b.WriteString("--b\nContent-Transfer-Encoding: base64\n\n" + b64(bomb))
	}
	got := carrier.Mail([]byte(b.String()), limits)
	if want := []invitation.Code{invitation.TooLarge}; !reflect.DeepEqual(codes(got), want) {
		t.Errorf("%v", codes(got))
	}
}

// TestObjectsInWinmail: Outlook packs a forwarded mail as a winmail.dat within.
func TestObjectsInWinmail(t *testing.T) {
	t.Parallel()
	inner := tnef("a", "a.msrcIncident", jane.RA1())
	object := append(make([]byte, 16), inner...) // an interface id, then the message
	for len(object)%4 != 0 {
		object = append(object, 0)
	}
	p := []byte{1, 0, 0, 0, 0x0D, 0, 0x01, 0x37, 1, 0, 0, 0, byte(len(object)), byte(len(object) >> 8), byte(len(object) >> 16), 0}
	b := []byte{0x78, 0x9F, 0x3E, 0x22, 1, 0, 2, 0x02, 0x90, 6, 0, 0, 0, 0, 0, 0, 0}
	value := append(p, object...)
	b = append(b, 2, 0x05, 0x90, 6, 0, byte(len(value)), byte(len(value)>>8), 0, 0)
	b = append(append(b, value...), 0, 0)
	if got := carrier.File("winmail.dat", b, limits); len(got.Found) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestZipMethodUnknown(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateRaw(&zip.FileHeader{Name: "a.msrcIncident", Method: 9, CompressedSize64: 4, UncompressedSize64: 4})
	must(err)
	_, err = f.Write([]byte("abcd"))
	must(err)
	must(w.Close())
	got := carrier.File("a.zip", b.Bytes(), limits)
	if want := []invitation.Code{invitation.Damaged}; !reflect.DeepEqual(codes(got), want) {
		t.Errorf("%v", codes(got))
	}
}

// TestZipThatLies claims less than it unpacks to: it is damaged, and read no further.
func TestZipThatLies(t *testing.T) {
	t.Parallel()
	whole := zipped(entry{"x", make([]byte, 3<<20)})
	r, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	must(err)
	for name, want := range map[string][]invitation.Code{"x": nil, "a.msrcIncident": {invitation.Damaged}} {
		packed, err := r.File[0].OpenRaw()
		must(err)
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		f, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: r.File[0].CompressedSize64, UncompressedSize64: 10})
		must(err)
		_, err = io.Copy(f, packed)
		must(err)
		must(w.Close())
		got := carrier.File("a.zip", b.Bytes(), limits)
		if !reflect.DeepEqual(codes(got), want) || got.Ignored+len(got.Refused) != 1 {
			t.Errorf("%s: %v, ignored %d", name, codes(got), got.Ignored)
		}
	}
}

// TestArchiveInBinary: an archive that came without any encoding is no base64,
// although the first bytes of a zip would pass for it if it has no "<".
func TestArchiveInBinary(t *testing.T) {
	t.Parallel()
	for seed := range int64(20) {
		i := jane
		i.Seed = seed
		file := i.ConnectionString()
		for name, archive := range map[string][]byte{
			"zip": zipped(entry{"a", file}), "gzip": gzipped("a", file), "winmail.dat": tnef("a", "", file),
		} {
			mail := append([]byte("From: jane@example.org\nContent-Type: a/b\nContent-Transfer-Encoding: binary\n\n"), archive...)
			if c := carrier.Mail(mail, limits); len(c.Found) != 1 {
				t.Errorf("%s, seed %d: %+v", name, seed, c)
			}
		}
	}
}
