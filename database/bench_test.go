package database_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inviter/database"
)

// fsyncs measures how many appended and synced pages a second the disk does:
// the floor under every durable commit.
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

// BenchmarkWrite commits one small change a call, and reports how that compares
// with the disk's own rate, taken before and after.
func BenchmarkWrite(b *testing.B) {
	for _, writers := range []int{1, 8, 64, 500} {
		b.Run(strconv.Itoa(writers), func(b *testing.B) {
			dir := b.TempDir()
			db := open(b, dir)
			write(b, db, "CREATE TABLE x (n INTEGER PRIMARY KEY, s TEXT) STRICT")
			before := fsyncs(b, dir)
			var n atomic.Int64
			var all sync.WaitGroup
			b.ResetTimer()
			for range writers {
				all.Go(func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						err := db.Write(context.Background(), func(tx *database.Tx) error {
							_, err := tx.Exec("INSERT INTO x (n, s) VALUES (?, ?)", i, "something")
							return err
						})
						if err != nil {
							b.Error(err)
						}
					}
				})
			}
			all.Wait()
			b.StopTimer()
			rate := float64(b.N) / b.Elapsed().Seconds()
			floor := (before + fsyncs(b, dir)) / 2
			b.ReportMetric(rate, "writes/s")
			b.ReportMetric(floor, "fsyncs/s")
			b.ReportMetric(rate/floor, "ratio")
		})
	}
}

// BenchmarkBesideHog times single writes while another process commits without
// rest.
func BenchmarkBesideHog(b *testing.B) {
	dir := b.TempDir()
	db := open(b, dir)
	write(b, db, "CREATE TABLE x (n INTEGER) STRICT")
	write(b, db, "INSERT INTO x VALUES (1)")
	took := func(n int) []time.Duration {
		var all []time.Duration
		for range n {
			start := time.Now()
			write(b, db, "UPDATE x SET n = n + 1")
			all = append(all, time.Since(start))
		}
		slices.Sort(all)
		return all
	}
	quiet := took(500)
	o := start(b, "hog", dir)
	o.says("ready")
	b.ResetTimer()
	busy := took(max(500, b.N))
	b.ReportMetric(us(busy, 50)/us(quiet, 50), "p50-ratio")
	b.ReportMetric(us(busy, 99)/us(quiet, 99), "p99-ratio")
	b.ReportMetric(us(busy, 50), "p50-µs")
	b.ReportMetric(us(busy, 99), "p99-µs")
	b.ReportMetric(us(busy, 100), "max-µs")
}

func us(sorted []time.Duration, percent int) float64 {
	return float64(sorted[(len(sorted)-1)*percent/100].Microseconds())
}
