package bench_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"inviter/ticket"
)

// BenchmarkSubmit hands in batches, as a source does with a backlog.
func BenchmarkSubmit(b *testing.B) {
	rows := [][]string{{"in a batch", "tickets a second", "fsyncs a second", "ratio"}}
	for _, n := range []int{1, 10, 100, 500} {
		var mine, floor []float64
		for range rounds {
			d := newDesk(b)
			total := max(n, 300)
			start := time.Now()
			for done := 0; done < total; done += n {
				var batch []ticket.Delivery
				for range n {
					batch = append(batch, d.delivery(time.Now(), time.Hour))
				}
				if _, err := d.Submit(context.Background(), batch); err != nil {
					b.Fatal(err)
				}
			}
			mine = append(mine, float64(total)/time.Since(start).Seconds())
			sync := fsyncs(b)
			start = time.Now()
			sync(1, 0, 300)
			floor = append(floor, 300/time.Since(start).Seconds())
		}
		rows = append(rows, []string{fmt.Sprint(n), persec(top(mine)), persec(top(floor)), of(top(mine), top(floor))})
	}
	table(b, fmt.Sprintf("The queue without HTTP: handed in durably, each with its file (best of %d in turn)", rounds), rows)
}
