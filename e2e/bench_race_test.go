package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/e2e/bench/ratio"
	"inviter/e2e/private"
)

// heat lets all lines claim one ticket after another, and tells how long each
// answer took and the whole.
func heat(b *testing.B, lines []*line, tickets int) (whole time.Duration, each ratio.Series) {
	b.Helper()
	var mu sync.Mutex
	share := func(i int, l *line) {
		var took []time.Duration
		for id := i + 1; id <= tickets; id += len(lines) {
			start := time.Now()
			status, err := l.claim(id)
			took = append(took, time.Since(start))
			if err != nil || status != http.StatusOK {
				b.Errorf("%s: claim %d: %d, %v", l.c.name, id, status, err)
				return
			}
		}
		mu.Lock()
		each.All = append(each.All, took...)
		mu.Unlock()
	}
	var all sync.WaitGroup
	start := time.Now()
	for i, l := range lines {
		all.Go(func() { share(i, l) })
	}
	all.Wait()
	return time.Since(start), each
}

// base is where our tickets are in a comparison.
type base struct{ name, url string }

// databases are those that this machine has; what is missing is said in the
// title.
func databases(b *testing.B) (all []base, without string) {
	b.Helper()
	all = []base{{"inviter", ""}}
	if !private.HasPostgreSQL() {
		return all, "; PostgreSQL is missing here"
	}
	return append(all, base{"on PostgreSQL", private.StartPostgreSQL(b).URL()}), ""
}

// raced is one contender and how many tickets it has.
type raced struct {
	*contender
	tickets int
}

// contenders are ours on each database, and the least server as the last.
func contenders(b *testing.B, tickets, onPostgres int) (all []raced, without string) {
	b.Helper()
	bases, without := databases(b)
	for i, d := range bases {
		n := tickets
		if i > 0 {
			n = onPostgres
		}
		all = append(all, raced{claimable(b, d.name, newHelpdeskOn(b, d.url), n), n})
	}
	return append(all, raced{leastServer(b, "-tickets", fmt.Sprint(tickets)), tickets}), without
}

// BenchmarkClaimRace is one claim after another, and many at the same time,
// through the API, beside the least server that commits as much, and the
// disk's own syncs.
func BenchmarkClaimRace(b *testing.B) {
	const tickets, onPostgres = 10_000, 1_000
	all, without := contenders(b, tickets, onPostgres)
	for _, part := range []struct {
		lines                 int
		row, rate, half, tail string
	}{
		{1, "5: one technician's claim after another", "", "≤ 2 ×", "≤ 3 ×"},
		{64, "6: claims by 64 technicians", "≥ 0.5 ×, ≥ 2.5 × syncs", "", "≤ 3 ×"},
		{500, "6: claims by 500 technicians", "≥ 0.5 ×, ≥ 2.5 × syncs", "", "≤ 3 ×"},
	} {
		rate := ratio.Quantity{Name: "a second", Unit: ratio.Rate, Aim: part.rate}
		p50, p99 := ratio.Quantity{Name: "p50", Aim: part.half}, ratio.Quantity{Name: "p99", Aim: part.tail}
		var sides []ratio.Contender
		for _, c := range all {
			count, lines := min(c.tickets, part.lines*500), c.lines(b, part.lines)
			sides = append(sides, ratio.Contender{Name: c.name, Run: func(_ int, put func(ratio.Quantity, float64)) {
				whole, each := heat(b, lines, count)
				c.free(count, part.lines)
				put(rate, float64(count)/whole.Seconds())
				put(p50, float64(each.At(50)))
				put(p99, float64(each.At(99)))
			}})
		}
		disk := ratio.Contender{Name: "the disk's syncs, one after another", Run: func(_ int, put func(ratio.Quantity, float64)) {
			put(rate, 500/syncs(b, b.TempDir(), 500).Seconds())
		}}
		sides = slices.Insert(sides, len(sides)-1, disk)
		t := ratio.Compare(fmt.Sprintf("Row %s through the API, %d tickets (%d on PostgreSQL%s)", part.row, tickets, onPostgres, without), runs, sides...)
		if part.lines == 1 {
			t.Rows = append(t.Rows, counts(b, len(t.Rows[0]), 1, 64)...)
		}
		keep(b, t)
	}
}

// counts are rows of a table so wide that say how many syncs of the disk a claim
// of ours takes, by so many technicians: counted by strace, in a run of its own
// because it slows a server down.
func counts(b *testing.B, wide int, technicians ...int) (rows [][]string) {
	b.Helper()
	const tickets = 1_000
	row := func(name, value string) []string {
		r := make([]string, wide)
		r[0], r[1], r[wide-1] = name, value, "≤ 1"
		return r
	}
	strace, found := private.Find("strace")
	if !found {
		return append(rows, row("fsyncs a claim", "not counted: strace is missing here"))
	}
	log := filepath.Join(b.TempDir(), "syncs")
	h := newHelpdesk(b)
	h.under = []string{strace, "-D", "-f", "-qq", "--seccomp-bpf", "-y", "-e", "trace=fsync,fdatasync", "-o", log}
	c := claimable(b, "inviter", h, tickets)
	for _, n := range technicians {
		lines, before := c.lines(b, n), syncsIn(b, log)
		heat(b, lines, tickets)
		all := syncsIn(b, log).less(before)
		c.free(tickets, n)
		rows = append(rows, row(fmt.Sprintf("fsyncs a claim by one of %d technicians, counted by strace in %d", n, tickets),
			fmt.Sprintf("%.2f (%.2f of the journal)", float64(all.all)/tickets, float64(all.journal)/tickets)))
	}
	return rows
}

// synced is how often the disk was synced.
type synced struct{ all, journal int }

func (s synced) less(o synced) synced { return synced{s.all - o.all, s.journal - o.journal} }

// syncsIn reads what strace has written until now.
func syncsIn(b *testing.B, log string) (s synced) {
	b.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, "sync(") {
			continue // the rest of one that was begun before
		}
		s.all++
		if strings.Contains(line, "-wal>") {
			s.journal++
		}
	}
	return s
}

// BenchmarkOneForAll is one ticket for 2,000 who claim it at the same moment:
// until the last of them is answered.
func BenchmarkOneForAll(b *testing.B) {
	const claimers = 2000
	all, without := contenders(b, runs, runs)
	last := ratio.Quantity{Name: "until the last answer", Aim: "≤ 3 ×"}
	var sides []ratio.Contender
	for _, c := range all {
		lines := c.lines(b, claimers)
		sides = append(sides, ratio.Contender{Name: c.name, Run: func(run int, put func(ratio.Quantity, float64)) {
			put(last, float64(rush(b, lines, run+1)))
		}})
	}
	keep(b, ratio.Compare(fmt.Sprintf("Row 7: one ticket for %d at once, exactly one wins%s", claimers, without), runs, sides...))
}

func rush(b *testing.B, lines []*line, ticket int) time.Duration {
	b.Helper()
	statuses := make([]int, len(lines))
	var all sync.WaitGroup
	start := time.Now()
	for i, l := range lines {
		all.Go(func() {
			var err error
			if statuses[i], err = l.claim(ticket); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	winners := map[string]bool{} // a holder who asks again is told that it is theirs
	for i, s := range statuses {
		if s == http.StatusOK {
			winners[lines[i].token] = true
		} else if s != http.StatusConflict {
			b.Errorf("answered %d", s)
		}
	}
	if len(winners) != 1 {
		b.Errorf("%d won", len(winners))
	}
	return took
}
