package e2e_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"inviter/e2e/bench/ratio"
)

// cost is what one run took.
type cost struct {
	took, cpu time.Duration
	peak      int64 // bytes of memory; 0 for what runs within the benchmark itself

	bytes, asked float64 // over the line, and lines from us, each mail; 0 where nobody counts
}

// costOf runs a program to its end.
func costOf(b *testing.B, cmd *exec.Cmd) (c cost, out string) {
	b.Helper()
	var text, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &errs
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.peak = max(c.peak, peakOf(cmd.Process.Pid))
		case err := <-ended:
			c.took = time.Since(start)
			if err != nil {
				b.Fatalf("%v: %v\n%s%s", cmd.Args, err, text.Bytes(), errs.Bytes())
			}
			c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			return c, text.String()
		}
	}
}

// peakOf is the most memory that a running program has had resident. (What
// wait4 says of it includes the memory of who started it.)
func peakOf(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	var kb int64
	_, _ = fmt.Sscan(rest, &kb)
	return kb << 10
}

// pass is one pass of the watcher as a program of its own.
func (h *helpdesk) pass() *exec.Cmd {
	cmd := exec.CommandContext(h.t.Context(), filepath.Join(bin, "watcher"), "once", "--json", "--config", h.config)
	cmd.Dir, cmd.Env = h.dir, h.env()
	return cmd
}

// rival is one of those that are measured beside each other.
type rival struct {
	name string
	run  func(i int) cost
}

// race measures all in turn. The first one is what the others are compared with.
func race(b *testing.B, title string, rivals ...rival) {
	b.Helper()
	costs := make([][]cost, len(rivals))
	var sides []ratio.Side
	for r, rival := range rivals {
		sides = append(sides, ratio.Side{Name: rival.name, Do: func(i int) time.Duration {
			c := rival.run(i)
			if c.took > 0 {
				costs[r] = append(costs[r], c)
			}
			return c.took
		}})
	}
	ratio.InTurn(runs, sides...)
	rows := [][]string{{"", "best", "median", "spread", "× " + rivals[0].name, "CPU", "peak memory"}}
	passed := slices.ContainsFunc(costs, func(all []cost) bool { return len(all) > 0 && all[0].asked > 0 })
	if passed {
		rows[0] = append(rows[0], "over the line, a mail", "lines from us, a mail")
	}
	var least time.Duration
	for r, all := range costs {
		if len(all) == 0 {
			rows = append(rows, []string{rivals[r].name, "did not finish"})
			continue
		}
		slices.SortFunc(all, func(a, b cost) int { return cmp.Compare(a.took, b.took) })
		least = cmp.Or(least, all[0].took)
		row := all[0].row(rivals[r].name, least, all[len(all)/2].took, all[len(all)-1].took)
		if passed {
			row = append(row, fmt.Sprintf("%.1f KB", all[0].bytes/1024), fmt.Sprintf("%.3f", all[0].asked))
		}
		rows = append(rows, row)
	}
	table(b, fmt.Sprintf("%s (%d runs in turn)", title, runs), rows)
}

// row is the best run beside the others.
func (c cost) row(name string, least, median, longest time.Duration) []string {
	row := []string{name, round(c.took), round(median), ratio.Of(longest, c.took), ratio.Of(c.took, least), "", ""}
	if c.peak > 0 {
		row[5], row[6] = round(c.cpu), fmt.Sprintf("%d MB", c.peak>>20)
	}
	return row
}
