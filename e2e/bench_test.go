package e2e_test

import (
	"fmt"
	"os/exec"
	"slices"
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

// compare measures ours and the other in turn and prints a table.
func compare(b *testing.B, title, peer string, ours, other func(run int) time.Duration) {
	b.Helper()
	var a, o []time.Duration
	for run := range runs {
		a, o = append(a, ours(run)), append(o, other(run))
	}
	ratio := float64(median(a)) / float64(median(o))
	table(b, title, [][]string{
		{"", "median", "fastest", "slowest"},
		{"ours", round(median(a)), round(slices.Min(a)), round(slices.Max(a))},
		{peer, round(median(o)), round(slices.Min(o)), round(slices.Max(o))},
		{"ratio", fmt.Sprintf("%.2f", ratio)},
	})
	b.ReportMetric(ratio, "ours/peer")
	b.ReportMetric(0, "ns/op")
}

func median(d []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(d))
	return s[len(s)/2]
}

func round(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

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
