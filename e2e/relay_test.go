package e2e_test

import (
	"bytes"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// relay passes a connection on and counts what goes through it.
type relay struct {
	addr  string
	bytes atomic.Int64
	asked atomic.Int64 // lines from the client: commands, and the few that go on with one
}

// relayed is a relay to an address; each pair of connections is given to pass.
func relayed(t testing.TB, to string, pass func(r *relay, near, far net.Conn)) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	r := &relay{addr: l.Addr().String()}
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
			pass(r, near, far)
		}
	}()
	return r
}

// newLine is a relay with the speed and the way of a line: so many bytes a
// second each way, and so long under way.
func newLine(t testing.TB, to string, speed int, delay time.Duration) *relay {
	t.Helper()
	return relayed(t, to, func(r *relay, near, far net.Conn) {
		go r.carry(near, far, speed, delay, &r.asked)
		go r.carry(far, near, speed, delay, nil)
	})
}

// carry passes bytes on when they would have come. What is under way is not
// bounded by the time it takes, as on a line with a large enough window.
func (r *relay) carry(from, to net.Conn, speed int, delay time.Duration, lines *atomic.Int64) {
	type packet struct {
		due  time.Time
		data []byte
	}
	under := make(chan packet, 4096)
	go func() {
		defer close(under)
		free := time.Now() // when the line has sent what it was given
		for {
			buf := make([]byte, 16<<10)
			n, err := from.Read(buf)
			if err != nil {
				return
			}
			r.bytes.Add(int64(n))
			if lines != nil {
				lines.Add(int64(bytes.Count(buf[:n], []byte("\n"))))
			}
			if now := time.Now(); free.Before(now) {
				free = now
			}
			free = free.Add(time.Duration(n) * time.Second / time.Duration(speed))
			under <- packet{free.Add(delay), buf[:n]}
		}
	}()
	defer to.Close()
	for p := range under {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.data); err != nil {
			from.Close()
		}
	}
}
