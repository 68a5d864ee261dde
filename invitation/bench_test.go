package invitation_test

import (
	"testing"
	"time"

	"inviter/invitation"
	"inviter/invitation/sample"
)

func BenchmarkParse(b *testing.B) {
	i := sample.Invitation{User: "jane", Password: "CDFG2345HJKL", Start: time.Unix(1700000000, 0)}
	full, wide := i, i
	full.Certificate, full.Copy = true, true
	wide.Encoding = sample.UTF16LE
	for name, file := range map[string][]byte{
		"ra1": i.RA1(), "ra2": i.RA2(), "ra2-windows11": full.RA2(), "ra1-utf16": wide.RA1(), "bare": i.ConnectionString(),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if _, err := invitation.Parse(file); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUnlock(b *testing.B) {
	i := sample.Invitation{User: "jane", Password: "CDFG2345HJKL", Certificate: true}
	inv, err := invitation.Parse(i.RA2())
	if err != nil {
		b.Fatal(err)
	}
	for _, password := range []string{"CDFG2345HJKL", "CDFG2345HJKM"} {
		b.Run(password, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				inv.Unlock(password)
			}
		})
	}
}
