package e2e_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"inviter/e2e/bench/ratio"
	"inviter/e2e/private"
)

// audience is many open streams of one server.
type audience struct {
	b    *testing.B
	addr string
	size int
	left atomic.Int64  // who has not got the change yet
	all  chan struct{} // told when nobody is left
	own  float64       // bytes of the server's memory, each
}

// attend opens so many streams and waits until all are told that they are there.
func attend(b *testing.B, addr, path string, server *private.Process, size int, token func(i int) string) *audience {
	b.Helper()
	a := &audience{b: b, addr: addr, size: size, all: make(chan struct{}, 1)}
	before := memoryOf(b, server.PID())
	a.left.Store(int64(size))
	gate := make(chan struct{}, 64) // so many dial at once
	for i := range size {
		gate <- struct{}{}
		conn := a.dial(path, token(i))
		go a.read(conn, func() { <-gate })
	}
	a.await()
	a.own = float64(memoryOf(b, server.PID())-before) / float64(size)
	return a
}

func (a *audience) dial(path, token string) net.Conn {
	a.b.Helper()
	conn, err := net.Dial("tcp", a.addr)
	if err == nil {
		_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", path, a.addr, token)
	}
	if err != nil {
		a.b.Fatal(err)
	}
	a.b.Cleanup(func() { conn.Close() })
	return conn
}

// read counts the stream as told when it is there, and at each change.
func (a *audience) read(conn net.Conn, here func()) {
	lines := bufio.NewReaderSize(conn, 2048)
	for there := false; ; {
		line, err := lines.ReadSlice('\n')
		switch {
		case err == bufio.ErrBufferFull: // a long line goes on
		case err != nil:
			return
		case !there && strings.HasPrefix(string(line), ": here"):
			there = true
			here()
			a.told()
		case strings.HasPrefix(string(line), "event: ticket"):
			a.told()
		}
	}
}

func (a *audience) told() {
	if a.left.Add(-1) == 0 {
		a.all <- struct{}{}
	}
}

func (a *audience) await() {
	a.b.Helper()
	select {
	case <-a.all:
	case <-time.After(private.Patience):
		a.b.Fatalf("%d of %d were never told", a.left.Load(), a.size)
	}
}

// change has something happen, and tells how long it took until the last knew.
func (a *audience) change(do func()) time.Duration {
	a.b.Helper()
	a.left.Store(int64(a.size))
	start := time.Now()
	do()
	a.await()
	return time.Since(start)
}

// stall opens streams that are never read, and fills them until they stand still.
func stall(b *testing.B, addr, token string, readers int, change func()) {
	b.Helper()
	for range readers {
		d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
			return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 2048) })
		}}
		conn, err := d.Dial("tcp", addr)
		if err == nil {
			_, err = fmt.Fprintf(conn, "GET /api/v1/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", addr, token)
		}
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
	}
	for range 1500 {
		change()
	}
}

// theatre is a server with one ticket to claim and hand back, and as many
// technicians as its streams need: one may have 50.
type theatre struct {
	*helpdesk
	server *private.Process
	people []*person
	claims int
}

func newTheatre(b *testing.B, streams int) *theatre {
	b.Helper()
	h := newHelpdesk(b)
	t := &theatre{helpdesk: h, server: h.serve(), people: make([]*person, streams/50+1)}
	work(4, len(t.people), func(i int) {
		name := fmt.Sprintf("tech%03d", i)
		h.must("inviter", "technician", "add", name)
		t.people[i] = &person{b, h.url, strings.TrimSpace(h.must("inviter", "technician", "token", name))}
	})
	t.people[0].handIn(1)
	return t
}

// change claims the ticket, or hands it back.
func (t *theatre) change() {
	p := t.people[0]
	if t.claims++; t.claims%2 == 1 {
		p.wants(http.StatusOK, http.MethodPost, p.on(1, "claim"), nil)
		return
	}
	p.wants(http.StatusOK, http.MethodPost, p.on(1, "release"), map[string]any{"claim": t.claims / 2, "reason": "other"})
}

func (t *theatre) attend(b *testing.B, streams int) *audience {
	return attend(b, strings.TrimPrefix(t.url, "http://"), "/api/v1/events", t.server, streams, func(i int) string { return t.people[i/50].token })
}

// told measures changes that reach an audience.
func told(name, aim string, a *audience, do func()) ratio.Contender {
	const changes = 20
	return ratio.Contender{Name: name, Run: func(_ int, put func(ratio.Quantity, float64)) {
		var s ratio.Series
		for range changes {
			s.All = append(s.All, a.change(do))
		}
		put(ratio.Quantity{Name: "until the last one has it, p50", Aim: aim}, float64(s.At(50)))
		put(ratio.Quantity{Name: "… the longest", Worst: true}, float64(s.At(100)))
		put(ratio.Quantity{Name: "server's memory, each", Unit: ratio.Bytes, Aim: "≤ 30 KB"}, a.own)
	}}
}

// BenchmarkFanOut has one claim through the API reach all open pages, until
// the last reader has it, beside a server that commits the least for a claim
// and writes to each socket in a loop; and beside readers that stopped reading.
func BenchmarkFanOut(b *testing.B) {
	for _, streams := range []int{500, 5000} {
		if !enoughFiles(uint64(3*streams + 500)) {
			fmt.Printf("row 12 with %d pages is left out: it needs ulimit -n %d\n", streams, 3*streams+500)
			continue
		}
		ours, least := newTheatre(b, streams), leastServer(b, "-tickets", "1000")
		line, next := least.lines(b, 1)[0], 0
		claim := func() {
			next++
			if status, err := line.claim(next); err != nil || status != http.StatusOK {
				b.Fatal(status, err)
			}
		}
		heard := ours.attend(b, streams)
		floor := attend(b, least.addr, "/events", least.process, streams, func(int) string { return "" })
		keep(b, ratio.Compare(fmt.Sprintf("Row 12: one claim → the last of %d open pages", streams), runs,
			told("inviter", "≤ 2.5 ×", heard, ours.change), told("least server, a loop over its sockets", "≤ 2.5 ×", floor, claim)))
	}
	stalledReaders(b)
}

// stalledReaders compares two servers with as many pages, one of which has
// readers beside them that stopped reading.
func stalledReaders(b *testing.B) {
	const streams, stalled = 500, 10
	free, held := newTheatre(b, streams+50), newTheatre(b, streams+50)
	stall(b, strings.TrimPrefix(held.url, "http://"), held.people[streams/50].token, stalled, held.change)
	keep(b, ratio.Compare(fmt.Sprintf("Row 12: %d open pages, beside %d that stopped reading", streams, stalled), runs,
		told("with them", "≤ 1ms more", held.attend(b, streams), held.change), told("without", "", free.attend(b, streams), free.change)))
}

// enoughFiles tells whether so many connections can be open at once.
func enoughFiles(n uint64) bool {
	var r syscall.Rlimit
	return syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) == nil && r.Max >= n
}
