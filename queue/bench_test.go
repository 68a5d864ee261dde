package queue_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"inviter/e2e/bench/ratio"
	"inviter/e2e/private"
	"inviter/queue"
	"inviter/ticket"
)

// fsyncs is how many appended and synced pages a second the disk does.
func fsyncs(b *testing.B, dir string) float64 {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "floor"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	const n = 500
	start := time.Now()
	for range n {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return n / time.Since(start).Seconds()
}

// processor is how much of its time this process has used.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fill puts n tickets of as many users into the line.
func (d *desk) fill(n int) {
	d.t.Helper()
	for n > 0 {
		var batch []ticket.Delivery
		for range min(n, 100) {
			user := fmt.Sprintf("user%d@example.org", d.items)
			batch = append(batch, d.delivery(user, invite(user, d.clock.time(), time.Hour)))
		}
		n -= len(batch)
		if _, err := d.Submit(context.Background(), batch); err != nil {
			d.t.Fatal(err)
		}
	}
}

// BenchmarkClaim gives out tickets, durably, to technicians who come again at
// once, and compares with the disk's own rate, taken before and after.
func BenchmarkClaim(b *testing.B) {
	for _, technicians := range []int{1, 64, 500} {
		b.Run(strconv.Itoa(technicians), func(b *testing.B) {
			d := newDesk(b)
			d.fill(b.N)
			before := fsyncs(b, d.dir)
			took := make([]time.Duration, b.N)
			used := processor()
			var n atomic.Int64
			var all sync.WaitGroup
			b.ResetTimer()
			for range technicians {
				all.Go(func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						start := time.Now()
						if _, err := d.Claim(context.Background(), ticket.ID(i), ada); err != nil {
							b.Error(err)
						}
						took[i-1] = time.Since(start)
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64((processor()-used).Microseconds())/float64(b.N), "cpu-µs/claim")
			b.StopTimer()
			report(b, before, fsyncs(b, d.dir), took)
		})
	}
}

func report(b *testing.B, before, after float64, took []time.Duration) {
	slices.Sort(took)
	rate := float64(b.N) / b.Elapsed().Seconds()
	floor := (before + after) / 2
	b.ReportMetric(rate, "claims/s")
	b.ReportMetric(floor, "fsyncs/s")
	b.ReportMetric(rate/floor, "ratio")
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkOneTicket lets 2,000 technicians at one ticket: one wins, and all
// are answered.
func BenchmarkOneTicket(b *testing.B) {
	d := newDesk(b)
	for b.Loop() {
		d.items++
		id := d.wait("", strconv.Itoa(d.items))
		var won atomic.Int64
		var all sync.WaitGroup
		for j := range 2000 {
			all.Go(func() {
				by := ticket.Technician{Name: strconv.Itoa(j), Role: ticket.RoleTechnician}
				if _, err := d.Claim(context.Background(), id, by); err == nil {
					won.Add(1)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			b.Fatalf("%d won", won.Load())
		}
	}
}

// BenchmarkNext gives out the line of 10,000 from its head.
func BenchmarkNext(b *testing.B) {
	d := newDesk(b)
	d.fill(10_000)
	for b.Loop() {
		if _, _, err := d.ClaimNext(context.Background(), ada); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSubmit hands in batches of 100, as a source does with a backlog.
func BenchmarkSubmit(b *testing.B) {
	d := newDesk(b)
	var batch []ticket.Delivery
	for b.Loop() {
		batch = batch[:0]
		for range 100 {
			user := fmt.Sprintf("user%d@example.org", d.items)
			batch = append(batch, d.delivery(user, invite(user, d.clock.time(), time.Hour)))
		}
		if _, err := d.Submit(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(100*float64(b.N)/b.Elapsed().Seconds(), "tickets/s")
}

// BenchmarkList reads a page of 1,000 out of 10,000 waiting.
func BenchmarkList(b *testing.B) {
	d := newDesk(b)
	d.fill(10_000)
	for b.Loop() {
		p, err := d.List(context.Background(), queue.Filter{Limit: 1000})
		if err != nil || len(p.Tickets) != 1000 {
			b.Fatal(len(p.Tickets), err)
		}
	}
}

// BenchmarkClaimBesideBacklog times single claims while a source hands in
// batches of 100 without rest.
func BenchmarkClaimBesideBacklog(b *testing.B) {
	d := newDesk(b)
	n := max(b.N, 500)
	d.fill(2 * n)
	claim := func(from int) []time.Duration {
		var took []time.Duration
		for i := range n {
			start := time.Now()
			if _, err := d.Claim(context.Background(), ticket.ID(from+i), ada); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		return took
	}
	quiet := claim(1)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			d.fill(100)
		}
	}()
	b.ResetTimer()
	busy := claim(n + 1)
	b.StopTimer()
	cancel()
	<-done
	at := func(all []time.Duration, percent int) float64 {
		return float64(all[(len(all)-1)*percent/100].Microseconds())
	}
	b.ReportMetric(at(busy, 50)/at(quiet, 50), "p50-ratio")
	b.ReportMetric(at(busy, 99)/at(quiet, 99), "p99-ratio")
	b.ReportMetric(at(busy, 100), "max-µs")
}

// BenchmarkSubmitBesideQuarantine hands in proven mails while 20,000 doubtful
// ones of others wait for a look: what a forger sends must not slow intake.
func BenchmarkSubmitBesideQuarantine(b *testing.B) {
	d := newDesk(b)
	hand := func(quarantine bool) {
		var batch []ticket.Delivery
		for range 100 {
			user := fmt.Sprintf("mail:user%d@example.org proven", d.items)
			del := d.delivery(user, invite(user, d.clock.time(), time.Hour))
			del.Quarantine = quarantine
			batch = append(batch, del)
		}
		if _, err := d.Submit(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	rate := func(n int) float64 {
		start := time.Now()
		for range n {
			hand(false)
		}
		return float64(100*n) / time.Since(start).Seconds()
	}
	alone := rate(10)
	for range 200 {
		hand(true)
	}
	b.ResetTimer()
	b.ReportMetric(rate(10)/alone, "ratio")
	b.ReportMetric(alone, "alone/s")
}

// BenchmarkIdleTick is a look of the clock's at 10,000 tickets of which none is due.
func BenchmarkIdleTick(b *testing.B) {
	const runs, ticks = 5, 1000
	looking := func(name string, d *desk) ratio.Contender {
		d.open()
		b.Cleanup(func() { d.db.Close() })
		d.fill(10_000)
		return ratio.Contender{Name: name, Run: func(_ int, put func(ratio.Quantity, float64)) {
			start, used := time.Now(), processor()
			for range ticks {
				if rest, err := d.Tick(b.Context()); err != nil || rest < time.Second {
					b.Fatal(rest, err)
				}
			}
			put(ratio.Quantity{Name: "a look", Aim: "≤ 50µs"}, float64(time.Since(start))/ticks)
			put(ratio.Quantity{Name: "our processor time"}, float64(processor()-used)/ticks)
		}}
	}
	desk := func(url string) *desk {
		return &desk{t: b, dir: b.TempDir(), clock: &clock{now: epoch()}, rules: ticket.DefaultRules(), url: url}
	}
	all, without := []ratio.Contender{looking("inviter", desk(""))}, "; PostgreSQL is missing here"
	if private.HasPostgreSQL() {
		all, without = append(all, looking("on PostgreSQL", desk(private.StartPostgreSQL(b).URL()))), ""
	}
	record := ratio.NewLog(ratio.Peer{Name: "PostgreSQL", Args: []string{"psql", "--version"}})
	if err := record.Add(ratio.Compare(fmt.Sprintf("Row 13: the clock looks at 10,000 tickets and none is due, mean of %d%s", ticks, without), runs, all...)); err != nil {
		b.Error(err)
	}
	b.ReportMetric(0, "ns/op")
}
