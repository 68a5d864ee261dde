package mailbox_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"inviter/e2e/bench/ratio"
	"inviter/e2e/private"
	"inviter/ticket/sourcetest"
)

// What row 3's look is measured with.
const (
	lookRuns = 5
	lookings = 100 // a run
	manyOld  = 100_000
	fewOld   = 1_000
)

// looking is a contender that looks for new mail again and again through a relay that counts.
func looking(b *testing.B, name string, t *private.Relay, look func()) ratio.Contender {
	look()
	return ratio.Contender{Name: name, Run: func(_ int, put func(ratio.Quantity, float64)) {
		passed, asked, spent := t.Bytes.Load(), t.Asked.Load(), processor(b)
		var each ratio.Series
		for range lookings {
			start := time.Now()
			look()
			each.All = append(each.All, time.Since(start))
		}
		put(ratio.Quantity{Name: "a look, p50"}, float64(each.At(50)))
		put(ratio.Quantity{Name: "our processor time, the counting relay's too", Aim: "≤ 1ms"}, float64(processor(b)-spent)/lookings)
		put(ratio.Quantity{Name: "commands", Unit: ratio.Count, Aim: "≤ 2"}, float64(t.Asked.Load()-asked)/lookings)
		put(ratio.Quantity{Name: "over the line", Unit: ratio.Bytes}, float64(t.Bytes.Load()-passed)/lookings)
	}}
}

// ours looks as the watcher does, on a kept connection; with a step of a minute
// the folder is opened anew each time.
func ours(b *testing.B, s *private.Mailserver, old int, step time.Duration) ratio.Contender {
	t := private.NewRelay(b, s.Addr)
	r := sourcetest.NewRecorder(nil)
	o := options(b, t.Addr)
	now := time.Now().Add(48 * time.Hour) // all of it is older than the day that counts
	o.Log, o.Clock = nil, func() time.Time { return now }
	m := open(b, o, r)
	scan(b, m, r)
	return looking(b, fmt.Sprint("inviter, ", old, " old mails"), t, func() {
		now = now.Add(step)
		scan(b, m, r)
	})
}

// bare is a kept connection that asks one thing.
func bare(b *testing.B, name string, s *private.Mailserver, ask func(*imapclient.Client) error) ratio.Contender {
	t := private.NewRelay(b, s.Addr)
	c, err := imapclient.DialInsecure(t.Addr, nil)
	must(b, err)
	b.Cleanup(func() { c.Close() })
	must(b, c.Login("help", "secret").Wait())
	_, err = c.Select("INBOX", nil).Wait()
	must(b, err)
	return looking(b, name, t, func() { must(b, ask(c)) })
}

// BenchmarkIdleLook looks where nothing is new, with many and with few old
// mails, beside what pollers ask, and beside the least that a client can ask.
func BenchmarkIdleLook(b *testing.B) {
	record := ratio.NewLog(ratio.Peer{Name: "Dovecot", Args: []string{"dovecot", "--version"}})
	servers := map[int]*private.Mailserver{}
	for _, old := range []int{manyOld, fewOld} {
		servers[old] = private.Dovecot(b, private.DovecotOptions{})
		servers[old].Fill(b, "help", private.Fill{Mail: letter{subject: "old", text: "nothing"}.bytes(), Number: old})
	}
	many, few := servers[manyOld], servers[fewOld]
	unseen := func(c *imapclient.Client) error {
		_, err := c.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
		return err
	}
	noop := func(c *imapclient.Client) error { return c.Noop().Wait() }
	must(b, record.Add(ratio.Compare(fmt.Sprintf("Row 3: a look with nothing new on a kept connection, mean of %d", lookings), lookRuns,
		ours(b, many, manyOld, 0), ours(b, few, fewOld, 0),
		bare(b, fmt.Sprint("SEARCH UNSEEN, ", manyOld), many, unseen),
		bare(b, fmt.Sprint("bare NOOP, ", manyOld), many, noop))))
	must(b, record.Add(ratio.Compare("Row 3: the same with the folder opened anew, as once a minute", lookRuns,
		ours(b, many, manyOld, time.Minute), ours(b, few, fewOld, time.Minute),
		bare(b, fmt.Sprint("bare EXAMINE, ", manyOld), many, func(c *imapclient.Client) error {
			_, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
			return err
		}))))
	b.ReportMetric(0, "ns/op")
}

// processor is the time that this process has spent on it.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
