package web_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"inviter/ticket"
)

// twoHundred is a house in which as many wait.
func twoHundred(b *testing.B) (*house, *http.Client) {
	h := build(b)
	for range 200 {
		h.arrives()
		h.clock.pass(time.Second)
	}
	return h, h.browser("ada", ticket.RoleTechnician)
}

// BenchmarkQueuePage is the whole page with 200 waiting, over HTTP, gzipped.
func BenchmarkQueuePage(b *testing.B) {
	h, c := twoHundred(b)
	r, err := http.NewRequest("GET", h.server.URL+"/", nil)
	check(b, err)
	r.Header.Set("Accept-Encoding", "gzip")
	var size int64
	for b.Loop() {
		resp, err := c.Do(r)
		check(b, err)
		size, err = io.Copy(io.Discard, resp.Body)
		check(b, err)
		resp.Body.Close()
	}
	b.ReportMetric(float64(size), "B/page")
}

// BenchmarkOneChange is what an open page fetches after one change.
func BenchmarkOneChange(b *testing.B) {
	h, c := twoHundred(b)
	for b.Loop() {
		if a := h.get(c, "/rows?since=199"); a.StatusCode != 200 {
			b.Fatal(a.StatusCode)
		}
	}
}
