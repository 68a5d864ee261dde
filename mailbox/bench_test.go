package mailbox_test

import (
	"bytes"
	"fmt"
	"net"
	"sync/atomic"
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

// tap passes connections on, and counts bytes and the client's lines.
type tap struct {
	addr         string
	bytes, lines atomic.Int64
}

func newTap(b *testing.B, to string) *tap {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	b.Cleanup(func() { l.Close() })
	t := &tap{addr: l.Addr().String()}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			go t.pass(far, near, &t.lines)
			go t.pass(near, far, nil)
		}
	}()
	return t
}

func (t *tap) pass(to, from net.Conn, lines *atomic.Int64) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		t.bytes.Add(int64(n))
		if lines != nil {
			lines.Add(int64(bytes.Count(buf[:n], []byte("\n"))))
		}
		if err == nil {
			_, err = to.Write(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

// looking is a contender that looks for new mail again and again through a tap.
func looking(b *testing.B, name string, t *tap, look func()) ratio.Contender {
	look()
	return ratio.Contender{Name: name, Run: func(_ int, put func(ratio.Quantity, float64)) {
		passed, asked, spent := t.bytes.Load(), t.lines.Load(), processor(b)
		var each ratio.Series
		for range lookings {
			start := time.Now()
			look()
			each.All = append(each.All, time.Since(start))
		}
		put(ratio.Quantity{Name: "a look, p50"}, float64(each.At(50)))
		put(ratio.Quantity{Name: "our processor time, the counting relay's too", Aim: "≤ 1ms"}, float64(processor(b)-spent)/lookings)
		put(ratio.Quantity{Name: "commands", Unit: ratio.Count, Aim: "≤ 2"}, float64(t.lines.Load()-asked)/lookings)
		put(ratio.Quantity{Name: "over the line", Unit: ratio.Bytes}, float64(t.bytes.Load()-passed)/lookings)
	}}
}

// ours looks as the watcher does, on a kept connection; with a step of a minute
// the folder is opened anew each time.
func ours(b *testing.B, s *private.Mailserver, old int, step time.Duration) ratio.Contender {
	t := newTap(b, s.Addr)
	r := sourcetest.NewRecorder(nil)
	o := options(b, t.addr)
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
	t := newTap(b, s.Addr)
	c, err := imapclient.DialInsecure(t.addr, nil)
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
