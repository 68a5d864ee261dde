package share_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cloudsoda/go-smb2"

	"inviter/e2e/private"
	"inviter/share"
	"inviter/ticket/sourcetest"
)

// films fills a folder of the server with n files that are nothing for us, and
// need not be read to know that.
func films(b *testing.B, server *private.Fileserver, n int) string {
	b.Helper()
	dir := filepath.Join(server.Files, fmt.Sprint("n", n))
	check(b, os.Mkdir(dir, 0o777))
	check(b, os.Chmod(dir, 0o777))
	for i := range n {
		name := filepath.Join(dir, fmt.Sprintf("holiday-%06d.mkv", i))
		check(b, os.WriteFile(name, nil, 0o644))
		check(b, os.Truncate(name, 200<<10))
	}
	return filepath.Base(dir)
}

func mounted(b *testing.B, server *private.Fileserver) *smb2.Share {
	b.Helper()
	d := smb2.Dialer{Negotiator: smb2.Negotiator{RequireMessageSigning: true},
		Initiator: &smb2.NTLMInitiator{User: "inviter", Password: private.SambaPassword}}
	session, err := d.Dial(context.Background(), server.Addr)
	check(b, err)
	b.Cleanup(func() { _ = session.Logoff() })
	s, err := session.Mount("support")
	check(b, err)
	return s
}

// BenchmarkTakeOverSMB is what one of 200 waiting files costs, from its reading
// to its receipt, and "submit" the time from the start of a scan to the submit
// of a single one beside 10,000 others.
func BenchmarkTakeOverSMB(b *testing.B) {
	server := private.Samba(b, private.SambaOptions{})
	const many = 200
	b.Run("many", func(b *testing.B) {
		dir := films(b, server, 0)
		for b.Loop() {
			b.StopTimer()
			for i := range many {
				check(b, os.WriteFile(filepath.Join(server.Files, dir, fmt.Sprint(i, ".msrcIncident")), invite(i), 0o644))
			}
			ledger := sourcetest.NewRecorder(nil)
			s := share.Open(share.Options{Name: "s", Server: at(server.Addr, dir), Receipts: true}, ledger)
			b.StartTimer()
			if p, err := s.Scan(context.Background(), ledger.Submit); err != nil || p.Queued != many {
				b.Fatal(p, err)
			}
			check(b, s.Close())
		}
		b.ReportMetric(float64(many*b.N)/b.Elapsed().Seconds(), "files/s")
	})
	b.Run("submit", func(b *testing.B) {
		dir := films(b, server, 10_000)
		ledger := sourcetest.NewRecorder(nil)
		s := closing(b, share.Open(share.Options{Name: "s", Server: at(server.Addr, dir)}, ledger))
		_, err := s.Scan(context.Background(), ledger.Submit)
		check(b, err)
		var submitted time.Time
		ledger.OnSubmit(func() { submitted = time.Now() })
		took := time.Duration(0)
		for i := 0; b.Loop(); i++ {
			check(b, os.WriteFile(filepath.Join(server.Files, dir, "help.msrcIncident"), invite(i), 0o644))
			start := time.Now()
			_, err := s.Scan(context.Background(), ledger.Submit)
			check(b, err)
			took += submitted.Sub(start)
		}
		b.ReportMetric(float64(took.Microseconds())/float64(b.N)/1000, "ms/submit")
	})
}
