package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Durable claims through the API by 64 clients, beside what the disk can sync.
func BenchmarkClaims(b *testing.B) {
	const tickets, clients = 5000, 64
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = clients
	h := newHelpdesk(b)
	h.serve()
	ada := h.technician("ada", "technician")
	work(clients, tickets*runs, func(i int) {
		if a, err := ada.try(http.MethodPost, "/tickets", invite(int64(i), "user").RA1()); err != nil || a.Status != http.StatusCreated {
			b.Errorf("hand in: %v %d %s", err, a.Status, a.Body)
		}
	})
	perClaim := func(run int) time.Duration {
		start := time.Now()
		work(clients, tickets, func(i int) {
			if a, err := ada.try(http.MethodPost, ada.on(int64(run*tickets+i+1), "claim"), nil); err != nil || a.Status != http.StatusOK {
				b.Errorf("claim: %v %d %s", err, a.Status, a.Body)
			}
		})
		return time.Since(start) / tickets
	}
	perSync := func(int) time.Duration { return syncs(b, h.dir, 500) / 500 }
	compare(b, fmt.Sprintf("one durable claim through the API, %d clients, beside one fsync", clients), "fsync", perClaim, perSync)
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
