package web_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"inviter/ticket"
)

// BenchmarkFanOut has one claim reach all open streams, until the last reader
// has it, beside a bare net/http server that writes the same bytes to as many.
// 5,000 need as many open files: ulimit -n 20000.
func BenchmarkFanOut(b *testing.B) {
	for _, n := range []int{500, 5000} {
		b.Run(fmt.Sprintf("%d streams/inviter", n), func(b *testing.B) {
			h := build(b)
			h.arrives()
			var tokens []string
			for i := range n/50 + 1 {
				tokens = append(tokens, h.hire(fmt.Sprintf("tech%03d", i), ticket.RoleTechnician))
			}
			by, claim := ticket.Technician{Name: "tech000", Role: ticket.RoleTechnician}, 0
			readers(b, h.server.URL, n, func(i int) string { return tokens[i/50] }, func() {
				if claim%2 == 0 {
					_, err := h.Claim(b.Context(), 1, by)
					check(b, err)
				} else {
					_, err := h.Release(b.Context(), 1, by, claim/2+1, ticket.ReasonOther, "")
					check(b, err)
				}
				claim++
			})
		})
		b.Run(fmt.Sprintf("%d streams/bare", n), func(b *testing.B) {
			s := &bare{news: make(chan struct{})}
			server := httptest.NewServer(s)
			defer server.Close()
			readers(b, server.URL, n, func(int) string { return "" }, s.tell)
		})
	}
}

// bare is the least that can tell many.
type bare struct {
	mu   sync.Mutex
	news chan struct{}
}

func (s *bare) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.news)
	s.news = make(chan struct{})
}

func (s *bare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	frame := []byte("id: 1\nevent: ticket\ndata: " + strings.Repeat("x", 900) + "\n\n")
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	for news, part := s.next(), []byte(": here\n\n"); ; part = frame {
		_, _ = w.Write(part)
		_ = control.Flush()
		select {
		case <-r.Context().Done():
			return
		case <-news:
			news = s.next()
		}
	}
}

func (s *bare) next() chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.news
}

// readers opens n streams, has something told b.N times, and waits each time
// until every reader has it.
func readers(b *testing.B, address string, n int, token func(int) string, tell func()) {
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	got, here := make(chan struct{}, n), make(chan struct{}, n)
	for i := range n {
		go read(ctx, b, strings.TrimPrefix(address, "http://"), token(i), here, got)
	}
	for range n {
		<-here
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ResetTimer()
	for range b.N {
		tell()
		for range n {
			<-got
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/change")
	b.ReportMetric(float64(after.HeapInuse+after.StackInuse-before.HeapInuse-before.StackInuse)/float64(n)/1024, "KB/stream-and-reader")
	b.ReportMetric(0, "ns/op")
}

func read(ctx context.Context, b *testing.B, host, token string, here, got chan<- struct{}) {
	c, err := net.Dial("tcp", host)
	if err != nil {
		b.Error(err)
		here <- struct{}{}
		return
	}
	defer c.Close()
	context.AfterFunc(ctx, func() { c.Close() })
	fmt.Fprintf(c, "GET /api/v1/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", host, token)
	lines := bufio.NewReaderSize(c, 4096)
	for first := true; ; {
		line, err := lines.ReadString('\n')
		switch {
		case err != nil:
			return
		case first && strings.HasPrefix(line, ": here"):
			first = false
			here <- struct{}{}
		case strings.HasPrefix(line, "event: ticket"):
			got <- struct{}{}
		}
	}
}
