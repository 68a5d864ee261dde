package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"inviter/ticket"
)

// waitingIn is a house in which n wait.
func waitingIn(b *testing.B, n int) *house {
	h := build(b)
	for range n {
		h.arrives()
		h.clock.pass(time.Second)
	}
	return h
}

// trivial is a handler that sends bytes it has.
func trivial(body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(body)
	})
}

// BenchmarkQueuePage asks for the queue's page with 64 clients, each a
// technician of its own who holds a ticket in it, beside a handler that does
// nothing but send the same bytes. Ratios of one run count.
func BenchmarkQueuePage(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		h := waitingIn(b, n)
		var sessions []string
		for i := range 64 {
			name := fmt.Sprintf("tech%02d", i)
			sessions = append(sessions, h.signIn(name, ticket.RoleTechnician))
			if i < n/10 {
				_, err := h.Claim(b.Context(), ticket.ID(1+i*n/64), ticket.Technician{Name: name, Role: ticket.RoleTechnician})
				check(b, err)
			}
		}
		one := fetch(b, h.server.URL, sessions[63])
		floor := httptest.NewServer(trivial(one))
		b.Run(fmt.Sprintf("%d waiting/page", n), func(b *testing.B) { ask64(b, h.server.URL, sessions, h) })
		b.Run(fmt.Sprintf("%d waiting/same bytes", n), func(b *testing.B) { ask64(b, floor.URL, sessions, nil) })
		floor.Close()
	}
}

// fetch gets a page as it is on the wire.
func fetch(b *testing.B, address, session string) []byte {
	b.Helper()
	r, err := http.NewRequest("GET", address+"/", nil)
	check(b, err)
	r.AddCookie(&http.Cookie{Name: "inviter", Value: session})
	r.Header.Set("Accept-Encoding", "gzip")
	resp, err := http.DefaultTransport.RoundTrip(r)
	check(b, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	check(b, err)
	if resp.StatusCode != 200 {
		b.Fatal(resp.Status)
	}
	return body
}

// ask64 has 64 clients ask b.N times in all. With a house its clock runs on.
func ask64(b *testing.B, address string, sessions []string, h *house) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64}}
	took := make([][]time.Duration, len(sessions))
	var size int64
	var all sync.WaitGroup
	share := b.N/len(sessions) + 1
	begin := time.Now()
	for i, session := range sessions {
		all.Go(func() {
			for range share {
				r, _ := http.NewRequest("GET", address+"/", nil)
				r.AddCookie(&http.Cookie{Name: "inviter", Value: session})
				r.Header.Set("Accept-Encoding", "gzip")
				asked := time.Now()
				resp, err := client.Do(r)
				if err != nil {
					b.Error(err)
					return
				}
				n, _ := io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				took[i] = append(took[i], time.Since(asked))
				if i == 63 {
					size = n
				}
				if i == 0 && h != nil {
					h.clock.pass(time.Since(asked)) // rows grow old as they do
				}
			}
		})
	}
	all.Wait()
	whole := time.Since(begin)
	times := slices.Concat(took...)
	slices.Sort(times)
	b.ReportMetric(float64(len(times))/whole.Seconds(), "pages/s")
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(size), "B/page")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkOneChange is what an open page of 200 rows fetches after one change.
func BenchmarkOneChange(b *testing.B) {
	h := waitingIn(b, 200)
	c := h.browser("ada", ticket.RoleTechnician)
	for b.Loop() {
		if a := h.get(c, "/rows?since=199"); a.StatusCode != 200 {
			b.Fatal(a.StatusCode)
		}
	}
}
