package web_test

import (
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"inviter/ticket"
)

// BenchmarkFrame is one queue page without the network: what stands around the
// rows is made for each reader and moment, the rows come from what is kept.
func BenchmarkFrame(b *testing.B) {
	h := waitingIn(b, 200)
	session := h.signIn("ada", ticket.RoleTechnician)
	b.ReportAllocs()
	begin := worked(b)
	for b.Loop() {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: "inviter", Value: session})
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		h.site.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
		h.clock.pass(time.Millisecond)
	}
	b.ReportMetric(float64((worked(b)-begin).Microseconds())/float64(b.N), "cpu-µs/op")
}

// worked is the processor's time that this process took: on a busy machine the
// clock on the wall says little.
func worked(b *testing.B) time.Duration {
	var used syscall.Rusage
	check(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
