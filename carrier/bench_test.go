package carrier_test

import (
	"bytes"
	"testing"

	"inviter/carrier"
	"inviter/invitation/sample"
)

// BenchmarkMail walks a mail as they come: a screenshot of 2 MB beside the
// invitation must cost a look for the boundary and no decoding.
func BenchmarkMail(b *testing.B) {
	shot := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{0, 1, 2, 250, 77, 180, 13}, 2<<20/7)...)
	full := jane
	full.Certificate = true
	invite := sample.File{Name: "invite.msrcIncident", Body: full.RA2()}
	mail := sample.Mail{From: "Jane <jane@example.org>", Subject: "Help", Date: start, Text: "Please help.", HTML: "<p>Please help.</p>"}
	with := func(files ...sample.File) []byte {
		m := mail
		m.Files = files
		return m.Bytes()
	}
	for name, raw := range map[string][]byte{
		"plain":      with(),
		"invitation": with(invite),
		"screenshot": with(sample.File{Name: "shot.png", Type: "image/png", Body: shot}, invite),
		"deep":       nested(10_000, full.RA2()),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				carrier.Mail(raw, limits)
			}
		})
	}
}
