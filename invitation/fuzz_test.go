package invitation_test

import (
	"bytes"
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"inviter/invitation"
	"inviter/invitation/sample"
)

// FuzzParse asks of any input: no panic, a typed answer, and an accepted file
// that reads the same a second time.
func FuzzParse(f *testing.F) {
	for _, e := range sample.Encodings() {
		i := jane
		i.Encoding, i.Copy = e, true
		f.Add(i.RA1())
		f.Add(i.RA2())
	}
	f.Add(jane.ConnectionString())
	for _, with := range []string{"\n", "!\r\n ", "\r\n\t"} {
		f.Add(hardWrap(jane.RA1(), 60, with))
		f.Add(hardWrap(jane.RA2(), 300, with))
		f.Add(hardWrap(jane.ConnectionString(), 50, with))
	}
	f.Add([]byte(`<!DOCTYPE UPLOADINFO [<!ENTITY x "y">]><UPLOADINFO TYPE="Escalated"/>`))
	f.Fuzz(func(t *testing.T, file []byte) {
		inv, err := invitation.Parse(file)
		if err != nil {
			var r *invitation.Refusal
			if !errors.As(err, &r) || r.Code == "" || r.Detail == "" {
				t.Fatalf("refused with %#v", err)
			}
			return
		}
		if len(inv.File) == 0 || !utf8.ValidString(inv.User) || inv.User != invitation.Clean(inv.User) {
			t.Fatalf("%+v", inv)
		}
		again, err := invitation.Parse(inv.File)
		if err != nil || again.Key != inv.Key || again.User != inv.User || !bytes.Equal(again.File, inv.File) {
			t.Fatalf("a second reading gives %v %+v\nafter %+v", err, again, inv)
		}
		life := inv.Lifetime(invitation.Seen{Received: start}, invitation.Rule{})
		if life.Start.After(start) || life.Expires.After(start.Add(24*time.Hour)) || !life.Expires.After(life.Start) {
			t.Fatalf("%+v", life)
		}
		inv.Unlock("CDFG2345HJKL")
	})
}

// FuzzOpen feeds arbitrary decrypted text and padding through the unlocking.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("0123456789abcdef0123456789abcdef"), "x")
	f.Fuzz(func(t *testing.T, sealed []byte, password string) {
		if len(sealed) == 0 || len(sealed)%16 != 0 {
			return
		}
		invitation.Open(sealed, password)
	})
}
