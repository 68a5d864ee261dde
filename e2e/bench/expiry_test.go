package bench_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"inviter/database"
	"inviter/e2e/bench/ratio"
	"inviter/ticket"
)

// BenchmarkExpiry lets some of many tickets be due at once, and claims others
// meanwhile; beside it one bare transaction that only marks as many, and claims
// with nothing else going on.
func BenchmarkExpiry(b *testing.B) {
	for _, g := range grounds(b) {
		keep(b, expiry(b, g))
	}
}

func expiry(b *testing.B, g ground) ratio.Table {
	const claims = 500 // a run, with others due and without
	d := g.desk(b)
	d.bury(g.history)
	bare := bareExpiry(g.desk(b), g.due)
	gone := ratio.Quantity{Name: "all gone", Aim: "≤ 2 ×"}
	claimed := func(all []time.Duration, put func(ratio.Quantity, float64)) {
		put(ratio.Quantity{Name: "a claim, p50"}, float64(at(all, 50)))
		put(ratio.Quantity{Name: "a claim, p99"}, float64(at(all, 99)))
		put(ratio.Quantity{Name: "a claim, the longest of all runs", Aim: "≤ 50ms", Worst: true}, float64(at(all, 100)))
	}
	var quiet []time.Duration
	return ratio.Compare(fmt.Sprintf("Row 13: %d of %d tickets are due at once, and claims come one after another%s", g.due, g.history, g.name), rounds,
		ratio.Contender{Name: "inviter", Run: func(run int, put func(ratio.Quantity, float64)) {
			first := d.fill(2*claims) - 2*claims + 1
			d.settle()
			quiet = d.claims(first, claims)
			d.fillDue(g.due)
			took, busy := d.expireBeside(run*g.due, g.due, first+claims, claims)
			put(gone, float64(took))
			claimed(busy, put)
		}},
		ratio.Contender{Name: "claims with nothing due", Run: func(_ int, put func(ratio.Quantity, float64)) {
			if quiet == nil {
				quiet = d.claims(d.fill(claims)-claims+1, claims)
			}
			claimed(quiet, put)
		}},
		ratio.Contender{Name: "one bare transaction", Run: func(_ int, put func(ratio.Quantity, float64)) {
			put(gone, float64(bare()))
		}})
}

// fillDue hands in n tickets and puts the clock forward, so that all are due now.
func (d *desk) fillDue(n int) {
	d.b.Helper()
	const left = time.Minute // enough to hand them in
	d.fillFor(n, d.now().Add(left-time.Hour), time.Hour)
	d.settle()
	d.ahead.Add(int64(left))
}

// expireBeside has n tickets expire after those that already have, and claims
// others without rest meanwhile.
func (d *desk) expireBeside(already, n int, first ticket.ID, most int) (took time.Duration, busy []time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	begun, done := make(chan struct{}), make(chan time.Duration)
	go func() { done <- d.expire(ctx, already, already+n, begun) }()
	<-begun
	for i := range most {
		select {
		case took = <-done:
			return took, busy
		default:
			busy = append(busy, d.claims(first+ticket.ID(i), 1)...)
		}
	}
	return <-done, busy
}

// claims times n claims, one after another.
func (d *desk) claims(from ticket.ID, n int) (took []time.Duration) {
	for i := range n {
		start := time.Now()
		if _, err := d.Claim(context.Background(), from+ticket.ID(i), ada); err != nil {
			d.b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	return took
}

// expire runs the queue's clock until n have expired in all, and tells how long
// it took since the first one after those that already had.
func (d *desk) expire(ctx context.Context, already, n int, started chan<- struct{}) time.Duration {
	run, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); d.Run(run) }()
	var begun time.Time
	for hints := d.Notify(ctx); ; <-hints {
		gone := 0
		if err := d.db.Read(ctx, func(tx *database.Tx) error { return tx.Row("SELECT expired FROM meta").Scan(&gone) }); err != nil {
			d.b.Error(err)
			gone = n
		}
		if gone > already && begun.IsZero() {
			begun = time.Now()
			close(started)
		}
		if gone >= n {
			took := time.Since(begun)
			stop()
			<-ended
			return took
		}
	}
}

// bareExpiry marks n more rows of a table in one transaction, at each call: no
// log, no files wiped.
func bareExpiry(d *desk, n int) func() time.Duration {
	d.b.Helper()
	if err := d.db.Close(); err != nil {
		d.b.Fatal(err)
	}
	db := d.bare("_synchronous=FULL")
	d.b.Cleanup(func() { db.Close() })
	rows := 0
	do := func(statement string) time.Duration {
		start := time.Now()
		if _, err := db.Exec(statement); err != nil {
			d.b.Fatalf("%.80s: %v", statement, err)
		}
		return time.Since(start)
	}
	return func() time.Duration {
		do(d.rows(numbered(rows, n), "waiting", time.Now(), "'', '', NULL, %[1]d + 3600000"))
		do(d.settled())
		rows += n
		return do("UPDATE ticket SET state = 'expired', ended_at = 1, due_at = NULL, size = 0 WHERE state = 'waiting'")
	}
}
