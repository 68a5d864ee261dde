package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inviter/e2e/bench/ratio"
)

// Benchmarks of the whole program beside a peer or a floor, taken in turn in
// one run: only the ratios mean anything. `make bench` prints the tables.

// runs is how often each side of a comparison is measured, in turn.
const runs = 5

// record is where the tables go.
var record = ratio.NewLog(
	ratio.Peer{Name: "Dovecot", Args: []string{"dovecot", "--version"}}, ratio.Peer{Name: "mbsync", Args: []string{"mbsync", "--version"}},
	ratio.Peer{Name: "getmail6", Args: []string{"getmail", "--version"}}, ratio.Peer{Name: "Samba", Args: []string{"smbd", "--version"}},
	ratio.Peer{Name: "PostgreSQL", Args: []string{"psql", "--version"}},
)

// keep prints a table, and adds it to the docs where that is asked for.
func keep(b *testing.B, t ratio.Table) {
	b.Helper()
	if err := record.Add(t); err != nil {
		b.Error(err)
	}
	b.ReportMetric(0, "ns/op")
}

func round(d time.Duration) string { return ratio.Round(d) }

func table(b *testing.B, title string, rows [][]string) {
	b.Helper()
	keep(b, ratio.Table{Title: title, Rows: rows})
}

// timed runs a command to its end.
func timed(b *testing.B, cmd *exec.Cmd) time.Duration {
	b.Helper()
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return time.Since(start)
}

// work does n things with so many workers side by side.
func work(workers, n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	wg.Wait()
}

// syncs appends 4 KiB and waits for the disk, n times.
func syncs(b *testing.B, dir string, n int) time.Duration {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	start := time.Now()
	for range n {
		if _, err := f.Write(block); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

// processor is the processor's time that the threads of a running program have
// used: proc(5), schedstat, to the nanosecond.
func processor(b *testing.B, pid int) (used time.Duration) {
	b.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		b.Fatalf("no schedstat of %d: %v", pid, err)
	}
	for _, t := range threads {
		text, _ := os.ReadFile(t) // a thread may have ended
		var ns int64
		_, _ = fmt.Sscan(string(text), &ns)
		used += time.Duration(ns)
	}
	return used
}

// memoryOf is what a running program has resident that is its own: proc(5), status.
func memoryOf(b *testing.B, pid int) int64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	var kb int64
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		b.Fatal(err)
	}
	return kb << 10
}
