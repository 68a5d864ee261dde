package e2e_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"inviter/e2e/private"
)

// BenchmarkDropToPage is the time from smbclient's return to the ticket being in
// the API's answer, for one share on a file server that is read over SMB once a
// second, with and without settling, and locally on the server by events.
func BenchmarkDropToPage(b *testing.B) {
	const drops = 20
	server := private.Samba(b, private.SambaOptions{Share: []string{"create mask = 0666"}})
	for _, way := range []struct{ name, source string }{
		{"smb", serverShareAt(server.URL("inviter", ""), `user = "file"`)},
		{"events", shareAt(server.Files, `user = "file"`)},
	} {
		b.Run(way.name, func(b *testing.B) {
			h := newHelpdesk(b, way.source)
			serving := h.serve()
			defer serving.Stop()
			ada := h.technician("ada", "technician")
			var took []time.Duration
			for b.Loop() {
				took = took[:0]
				for i := range drops {
					seen := len(ada.tickets(everyState))
					dropOver(b, server, "jane", fmt.Sprintf("%s-%d.msrcIncident", way.name, i), invite(int64(1000*b.N+i), fmt.Sprint(way.name, i)).RA2())
					start := time.Now()
					for len(ada.tickets(everyState)) == seen {
						time.Sleep(2 * time.Millisecond)
					}
					took = append(took, time.Since(start))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[drops/2].Milliseconds()), "ms/p50")
			b.ReportMetric(float64(took[drops-1].Milliseconds()), "ms/max")
		})
	}
}
