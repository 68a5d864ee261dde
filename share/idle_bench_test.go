//go:build linux

package share_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"inviter/e2e/bench/ratio"
	"inviter/e2e/private"
	"inviter/share"
	"inviter/ticket/sourcetest"
)

// Tables of the goals' row 10: `make bench-share` prints them and keeps them.
const (
	benchRuns  = 5
	benchKnown = 100_000
)

func kept(b *testing.B, t ratio.Table) {
	b.Helper()
	record := ratio.NewLog(ratio.Peer{Name: "Samba", Args: []string{"smbd", "--version"}}, ratio.Peer{Name: "find", Args: []string{"find", "--version"}})
	check(b, record.Add(t))
	b.ReportMetric(0, "ns/op")
}

// timedScans is a contender that does one thing some times in each run.
func timedScans(name string, times int, ready, do func()) ratio.Contender {
	return ratio.Contender{Name: name, Run: func(_ int, put func(ratio.Quantity, float64)) {
		var each ratio.Series
		var whole time.Duration
		for range times {
			ready()
			start := time.Now()
			do()
			each.All = append(each.All, time.Since(start))
			whole += time.Since(start)
		}
		put(ratio.Quantity{Name: "a scan, p50", Aim: "≤ 1.2 × a listing; ≤ 1ms where no time moved"}, float64(each.At(50)))
		put(ratio.Quantity{Name: "a scan, mean"}, float64(whole)/float64(times))
	}}
}

// heap is the memory in use, after all that can be given back is.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkIdleShare is what 100,000 known files cost a scan, half of them in
// eight folders: where each folder's time moved, so that all are listed, and
// where none did; beside what only lists, and find, which looks at each file.
func BenchmarkIdleShare(b *testing.B) {
	dir := foreign(b, benchKnown)
	folders := []string{dir}
	for i := 1; i < 8; i += 2 {
		folders = append(folders, filepath.Join(dir, fmt.Sprintf("team%d", i)))
	}
	ledger := sourcetest.NewRecorder(nil)
	known := func() (s *share.Share, scan func()) {
		s = share.Open(share.Options{Name: "s", Path: dir}, ledger)
		scan = func() {
			_, err := s.Scan(context.Background(), ledger.Submit)
			check(b, err)
		}
		scan()
		scan()
		return s, scan
	}
	known()
	before := heap() // with the ledger, which is the database's in life
	s, scan := known()
	each := float64(heap()-before) / benchKnown
	moved := func() {
		for _, f := range folders {
			check(b, os.WriteFile(filepath.Join(f, ".x"), nil, 0o644))
			check(b, os.Remove(filepath.Join(f, ".x")))
		}
	}
	still := timedScans("a scan, no folder's time moved", 100, func() {}, scan)
	settled := ratio.Contender{Name: still.Name, Run: func(run int, put func(ratio.Quantity, float64)) {
		time.Sleep(3100 * time.Millisecond) // until the folders' times are believed
		scan()
		still.Run(run, put)
		put(ratio.Quantity{Name: "memory for each known file", Unit: ratio.Bytes, Aim: "≤ 200 B"}, each)
	}}
	kept(b, ratio.Compare(fmt.Sprintf("Row 10: idle local share of %d known files", benchKnown), benchRuns,
		timedScans("a scan, all folders' times moved", 10, moved, scan), settled,
		timedScans("find, looking at each", 2, func() {}, func() { check(b, exec.Command("find", dir, "-newermt", "2100-01-01").Run()) }),
		timedScans("one bare listing (WalkDir)", 5, func() {}, func() {
			check(b, filepath.WalkDir(dir, func(string, fs.DirEntry, error) error { return nil }))
		})))
	runtime.KeepAlive(s)
}

// BenchmarkIdleShareOverSMB is the same for a share that is read over SMB,
// beside one bare listing by the same library and one by smbclient.
func BenchmarkIdleShareOverSMB(b *testing.B) {
	server := private.Samba(b, private.SambaOptions{})
	bare := mounted(b, server)
	dir := films(b, server, benchKnown)
	ledger := sourcetest.NewRecorder(nil)
	s := closing(b, share.Open(share.Options{Name: "s", Server: at(server.Addr, dir)}, ledger))
	scan := func() {
		_, err := s.Scan(context.Background(), ledger.Submit)
		check(b, err)
	}
	scan()
	client := timedScans("smbclient ls", 1, func() {}, func() { server.Client(b, "inviter", "ls "+dir+"/*") })
	kept(b, ratio.Compare(fmt.Sprintf("Row 10: idle share of %d known files on a file server, over SMB", benchKnown), benchRuns,
		timedScans("a scan", 1, func() {}, scan), client,
		timedScans("one bare listing", 1, func() {}, func() {
			found, err := bare.ReadDir(dir)
			check(b, err)
			if len(found) != benchKnown {
				b.Fatal(len(found))
			}
		})))
}
