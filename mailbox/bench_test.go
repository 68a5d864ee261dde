package mailbox_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"inviter/e2e/private"
	"inviter/ticket/sourcetest"
)

// BenchmarkIdleLook scans when nothing is new, on a kept connection, with few
// and with many old mails; "opened" has the folder opened anew each time, as
// once a minute. It reports our processor time and what goes over the line.
func BenchmarkIdleLook(b *testing.B) {
	for _, old := range []int{1000, 20_000, 100_000} {
		s := private.Dovecot(b, private.DovecotOptions{})
		mails := make([][]byte, old)
		for i := range mails {
			mails[i] = letter{subject: fmt.Sprint("old ", i), text: "nothing"}.bytes()
		}
		s.Deliver(b, "help", mails...)
		for name, step := range map[string]time.Duration{"kept": 0, "opened": time.Minute} {
			b.Run(fmt.Sprint(old, "/", name), func(b *testing.B) {
				proxy := newProxy(b, s.Addr)
				r := sourcetest.NewRecorder(nil)
				o := options(b, proxy.addr)
				now := time.Now().Add(48 * time.Hour) // all of it is older than the day that counts
				o.Log, o.Clock = nil, func() time.Time { return now }
				m := open(b, o, r)
				scan(b, m, r)
				before, spent := proxy.passed(), processor(b)
				n := 0
				for b.Loop() {
					now = now.Add(step)
					scan(b, m, r)
					n++
				}
				b.ReportMetric(float64(proxy.passed()-before)/float64(n), "bytes/look")
				b.ReportMetric(float64((processor(b)-spent).Microseconds())/float64(n), "cpu-µs/look")
			})
		}
	}
}

// processor is the time that this process has spent on it.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
