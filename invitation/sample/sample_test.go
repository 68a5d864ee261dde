package sample_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/hex"
	"encoding/xml"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"inviter/invitation/sample"
)

var start = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)

// upload reads the shape with the standard library, as an independent reader.
type upload struct {
	Type string `xml:"TYPE,attr"`
	Part struct {
		User      string `xml:"USERNAME,attr"`
		RCTicket  string `xml:"RCTICKET,attr"`
		LHTicket  string `xml:"LHTICKET,attr"`
		Encrypted string `xml:"RCTICKETENCRYPTED,attr"`
		Stub      string `xml:"PassStub,attr"`
		Start     int64  `xml:"DtStart,attr"`
		Length    int    `xml:"DtLength,attr"`
	} `xml:"UPLOADDATA"`
}

func read(t *testing.T, file []byte) upload {
	t.Helper()
	file = bytes.Replace(file, []byte(` encoding="Unicode"`), nil, 1)
	var u upload
	if err := xml.Unmarshal(file, &u); err != nil {
		t.Fatalf("%v in %s", err, file)
	}
	if u.Type != "Escalated" {
		t.Errorf("TYPE %q", u.Type)
	}
	return u
}

func TestRA1HoldsWhatWasAsked(t *testing.T) {
	t.Parallel()
	i := sample.Invitation{User: `Jo & "Co"`, Password: "x", Start: start, Minutes: 60, Endpoints: []string{"10.0.0.7:3389", "pc7:3389"}}
	u := read(t, i.RA1())
	fields := strings.Split(u.Part.RCTicket, ",")
	if u.Part.User != i.User || u.Part.Start != start.Unix() || u.Part.Length != 60 || u.Part.Encrypted != "1" ||
		u.Part.LHTicket != "" || len(u.Part.Stub) != 14 {
		t.Errorf("%+v", u)
	}
	if len(fields) != 8 || fields[0] != "65538" || fields[2] != "10.0.0.7:3389;pc7:3389" || len(fields[4]) != 44 {
		t.Errorf("RCTICKET %q", u.Part.RCTicket)
	}
	if n := len(i.RA1()); n < 300 || n > 420 {
		t.Errorf("%d bytes, Windows XP writes about 350", n)
	}
}

func TestRA2DecryptsWithItsPassword(t *testing.T) {
	t.Parallel()
	i := sample.Invitation{User: "jane", Password: "CDFG2345HJKL", Start: start, Certificate: true, Copy: true, Seed: 4}
	u := read(t, i.RA2())
	if u.Part.Length != 360 || strings.Count(u.Part.RCTicket, ",") != 7 {
		t.Errorf("%+v", u)
	}
	if n := len(u.Part.LHTicket); n < 5000 || n > 6200 {
		t.Errorf("LHTICKET of %d characters, Windows 11 writes 5,824", n)
	}
	text := open(t, u.Part.LHTicket, "CDFG2345HJKL")
	if text != string(i.ConnectionString()) || !strings.HasSuffix(text, "</E>\r\n") {
		t.Errorf("decrypted %q", text)
	}
	if err := xml.Unmarshal([]byte(text), new(struct{})); err != nil {
		t.Error(err)
	}
}

// open is written down once more here, straight from INVITATIONS.md 2.1.
func open(t *testing.T, ticket, password string) string {
	t.Helper()
	b, err := hex.DecodeString(ticket)
	if err != nil {
		t.Fatal(err)
	}
	var p []byte
	for _, c := range password {
		p = append(p, byte(c), 0)
	}
	h := sha1.Sum(p)
	x := bytes.Repeat([]byte{0x36}, 64)
	for n := range h {
		x[n] ^= h[n]
	}
	k := sha1.Sum(x)
	c, err := aes.NewCipher(k[:16])
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCDecrypter(c, make([]byte, 16)).CryptBlocks(b, b)
	b = b[:len(b)-int(b[len(b)-1])]
	var units []uint16
	for n := 0; n < len(b); n += 2 {
		units = append(units, uint16(b[n])|uint16(b[n+1])<<8)
	}
	return string(utf16.Decode(units))
}

func TestListenersByURI(t *testing.T) {
	t.Parallel()
	i := sample.Invitation{Endpoints: []string{"10.0.0.7:49230", "wss://gate/x", "wss://gate:443/y"}}
	got := string(i.ConnectionString())
	if !strings.Contains(got, `<L P="49230" N="10.0.0.7"/><L U="wss://gate/x"/><L U="wss://gate:443/y"/>`) {
		t.Errorf("connection string 2: %s", got)
	}
	if rc := read(t, i.RA1()).Part.RCTicket; !strings.HasPrefix(rc, "65538,1,10.0.0.7:49230,*,") {
		t.Errorf("connection string 1 knows no URI: %s", rc)
	}
}

func TestSeedDecidesEverything(t *testing.T) {
	t.Parallel()
	a := sample.Invitation{User: "jane", Seed: 1}
	b, c := a, a
	b.Seed, c.User = 2, "joan"
	if !bytes.Equal(a.RA2(), a.RA2()) {
		t.Error("the same fields gave different bytes")
	}
	if bytes.Equal(a.RA2(), b.RA2()) || bytes.Equal(a.ConnectionString(), c.ConnectionString()) {
		t.Error("another seed or user gave the same bytes")
	}
}

func TestEncodingsCarryTheSameText(t *testing.T) {
	t.Parallel()
	i := sample.Invitation{User: "Jörg", Start: start}
	want := string(i.RA2())
	heads := map[sample.Encoding]string{
		sample.UTF8: "3c3f", sample.UTF8BOM: "efbbbf3c", sample.UTF16LE: "fffe3c00", sample.UTF16BE: "feff003c",
		sample.UTF16LEBare: "3c003f00", sample.UTF16BEBare: "003c003f", sample.Windows1252: "3c3f",
	}
	for _, e := range sample.Encodings() {
		i.Encoding = e
		got := i.RA2()
		if !strings.HasPrefix(hex.EncodeToString(got), heads[e]) {
			t.Errorf("%v begins with % x", e, got[:4])
		}
		if e != sample.UTF8 && string(got) == want {
			t.Errorf("%v changed nothing", e)
		}
	}
}
