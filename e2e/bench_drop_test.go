package e2e_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inviter/e2e/bench/ratio"
	"inviter/e2e/private"
)

// dropTimes is how long drops took to be seen.
func dropTimes(each ratio.Series, put func(ratio.Quantity, float64)) {
	put(ratio.Quantity{Name: "p50", Aim: "≤ 2ms"}, float64(each.At(50)))
	put(ratio.Quantity{Name: "p99", Aim: "≤ 10ms"}, float64(each.At(99)))
	put(ratio.Quantity{Name: "the longest of all runs", Worst: true}, float64(each.At(100)))
}

// BenchmarkDropToPage is the time from a file's rename into a local share to
// its ticket on a watching page, beside a server that waits for inotify,
// commits the file, and writes to its one reader.
func BenchmarkDropToPage(b *testing.B) {
	const drops = 100
	here, there, aside := b.TempDir(), b.TempDir(), b.TempDir()
	h := newHelpdesk(b, shareAt(here, `user = "file"`))
	h.serve()
	ours := h.technician("ada", "technician").watchTickets(b.Context())
	least := leastServer(b, "-watch", there)
	seed := int64(0)
	side := func(name, dir string, events <-chan time.Time) ratio.Contender {
		return ratio.Contender{Name: name, Run: func(_ int, put func(ratio.Quantity, float64)) {
			var each ratio.Series
			for range drops {
				seed++
				name := fmt.Sprintf("user%d.msrcIncident", seed)
				if err := os.WriteFile(filepath.Join(aside, name), invite(seed, "user").RA2(), 0o644); err != nil {
					b.Fatal(err)
				}
				time.Sleep(time.Duration(15+seed*7%20) * time.Millisecond) // what followed from the one before is over, and no rhythm
				for len(events) > 0 {
					<-events
				}
				start := time.Now()
				if err := os.Rename(filepath.Join(aside, name), filepath.Join(dir, name)); err != nil {
					b.Fatal(err)
				}
				each.All = append(each.All, await(b, events).Sub(start))
			}
			dropTimes(each, put)
		}}
	}
	keep(b, ratio.Compare(fmt.Sprintf("Row 9: a file renamed into a local share → its ticket on a watching page, %d drops a run", drops), runs,
		side("inviter", here, ours), side("least: inotify, one commit, one write", there, changes(b, least.addr))))
}

// changes are those that the least server tells.
func changes(b *testing.B, addr string) <-chan time.Time {
	b.Helper()
	conn, err := net.Dial("tcp", addr)
	if err == nil {
		_, err = fmt.Fprintf(conn, "GET /events HTTP/1.1\r\nHost: %s\r\n\r\n", addr)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	told, here := make(chan time.Time, 100), make(chan struct{})
	go func() {
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			switch line := lines.Text(); {
			case line == ": here":
				close(here)
			case strings.HasPrefix(line, "event: ticket"):
				told <- time.Now()
			}
		}
	}()
	<-here
	return told
}

// BenchmarkDropOverSMB is the time from smbclient's return to the ticket on a
// watching page, for one share on a file server that is read over SMB once a
// second, and locally on the server by events.
func BenchmarkDropOverSMB(b *testing.B) {
	const drops = 10
	server := private.Samba(b, private.SambaOptions{Share: []string{"create mask = 0666"}})
	seed := int64(0)
	side := func(name, source string) ratio.Contender {
		return ratio.Contender{Name: name, Run: func(_ int, put func(ratio.Quantity, float64)) {
			h := newHelpdesk(b, source)
			serving := h.serve()
			defer serving.Stop()
			events := h.technician("ada", "technician").watchTickets(b.Context())
			var each ratio.Series
			for range drops {
				for len(events) > 0 {
					<-events
				}
				seed++
				dropOver(b, server, "jane", fmt.Sprintf("user%d.msrcIncident", seed), invite(seed, "user").RA2())
				start := time.Now()
				each.All = append(each.All, max(0, await(b, events).Sub(start)))
			}
			put(ratio.Quantity{Name: "p50"}, float64(each.At(50)))
			put(ratio.Quantity{Name: "the longest of all runs", Worst: true}, float64(each.At(100)))
		}}
	}
	keep(b, ratio.Compare(fmt.Sprintf("Row 9: smbclient's return → the ticket on a watching page, %d drops a run", drops), runs,
		side("read over SMB once a second", serverShareAt(server.URL("inviter", ""), `user = "file"`)),
		side("by events on the file server", shareAt(server.Files, `user = "file"`))))
}

// BenchmarkManyFiles has 20,000 files lie in a share at once, and one pass take
// them, as a process of its own; beside a program that commits the files 500 at
// a time and removes them.
func BenchmarkManyFiles(b *testing.B) {
	const many = 20_000
	files := make([][]byte, many)
	for i := range files {
		files[i] = invite(int64(i), "user").RA2()
	}
	full := func() (dir string) {
		dir = private.Folder(b)
		work(4, many, func(i int) {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("user%d.msrcIncident", i)), files[i], 0o644); err != nil {
				b.Error(err)
			}
		})
		return dir
	}
	rate := ratio.Quantity{Name: "files/s", Unit: ratio.Rate, Aim: "≥ 12,000"}
	lost := ratio.Quantity{Name: "lost", Unit: ratio.Count, Aim: "0", Worst: true}
	told := func(c cost, put func(ratio.Quantity, float64)) {
		put(rate, many/c.took.Seconds())
		put(ratio.Quantity{Name: "processor time"}, float64(c.cpu))
		put(ratio.Quantity{Name: "peak memory", Unit: ratio.Bytes, Worst: true}, float64(c.peak))
	}
	ours := func(name, more string) ratio.Contender {
		return ratio.Contender{Name: name, Run: func(_ int, put func(ratio.Quantity, float64)) {
			dir := full()
			defer os.RemoveAll(dir)
			h := newHelpdesk(b, shareAt(dir, `user = "file"`+more))
			c, out := costOf(b, h.pass())
			told(c, put)
			put(lost, float64(many-queuedIn(b, out)))
		}}
	}
	program := leastProgram(b)
	keep(b, ratio.Compare(fmt.Sprintf("Row 9: %d files at once in a local share, one pass as a process of its own", many), runs,
		ours("watcher once", ""), ours("watcher once, no receipts", "\nreceipts = false"),
		ratio.Contender{Name: "least: read, committed by 500, removed", Run: func(_ int, put func(ratio.Quantity, float64)) {
			dir := full()
			defer os.RemoveAll(dir)
			c, _ := costOf(b, exec.Command(program, "-file", filepath.Join(b.TempDir(), "db"), "-take", dir))
			told(c, put)
			put(lost, float64(len(namesIn(b, dir))))
		}}))
}

// queuedIn is what the pass that printed this has queued.
func queuedIn(b *testing.B, out string) (n int) {
	b.Helper()
	_, rest, found := strings.Cut(out, `"queued":`)
	if _, err := fmt.Sscanf(rest, "%d", &n); err != nil || !found {
		b.Fatalf("no count in %s", out)
	}
	return n
}

// BenchmarkIdleShareProcess is the server with a share of 100,000 files that
// are nothing for it, looked at every 5 seconds, beside one without sources.
func BenchmarkIdleShareProcess(b *testing.B) {
	const known, long = 100_000, 10 * time.Second
	dir := private.Folder(b)
	work(4, known, func(i int) {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("report-%06d.docx", i)), nil, 0o644); err != nil {
			b.Error(err)
		}
	})
	source := strings.Replace(shareAt(dir, ""), `"@every 1s"`, `"@every 5s"`, 1)
	var servers []*private.Process
	for _, sources := range [][]string{{source}, nil} {
		h := newHelpdesk(b, sources...)
		servers = append(servers, h.serve())
	}
	time.Sleep(long) // the first passes are over, and what they left is swept up
	var used [runs][2]time.Duration
	window := func(run int) {
		if used[run][0] > 0 {
			return
		}
		var before [2]time.Duration
		for i, s := range servers {
			before[i] = processor(b, s.PID())
		}
		time.Sleep(long)
		for i, s := range servers {
			used[run][i] = processor(b, s.PID()) - before[i]
		}
	}
	side := func(name string, i int) ratio.Contender {
		return ratio.Contender{Name: name, Run: func(run int, put func(ratio.Quantity, float64)) {
			window(run)
			put(ratio.Quantity{Name: "% of one processor", Unit: ratio.Count, Aim: "≤ 0.2 more"}, 100*used[run][i].Seconds()/long.Seconds())
			put(ratio.Quantity{Name: "resident memory", Unit: ratio.Bytes}, float64(memoryOf(b, servers[i].PID())))
		}}
	}
	keep(b, ratio.Compare(fmt.Sprintf("Row 10: idle server, 5 windows of 10 seconds, share of %d files every 5 seconds", known), runs,
		side("with the share", 0), side("without", 1)))
}
