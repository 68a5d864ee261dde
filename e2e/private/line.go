package private

import (
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// NewLine is a Relay with the way of a long line: so many bytes a second in each
// direction, and so long under way. What is under way is not bounded by the time
// it takes, as on a line with a large enough window.
func NewLine(t testing.TB, to string, speed int, delay time.Duration) *Relay {
	t.Helper()
	return newRelay(t, to, func(c net.Conn) net.Conn { return newDistant(c, speed, delay) })
}

// distant is a connection whose other end gets later what is written to it.
type distant struct {
	net.Conn
	speed int // bytes a second
	delay time.Duration
	free  time.Time // when the line has sent what it was given
	under chan packet
	gone  atomic.Bool // nobody is there to take any more
}

// packet is what is under way.
type packet struct {
	due  time.Time
	data []byte
}

func newDistant(c net.Conn, speed int, delay time.Duration) *distant {
	f := &distant{Conn: c, speed: speed, delay: delay, under: make(chan packet, 4096)}
	go f.deliver()
	return f
}

// Write sends b on its way. It and Close are for one goroutine.
func (f *distant) Write(b []byte) (int, error) {
	if f.gone.Load() {
		return 0, net.ErrClosed
	}
	if now := time.Now(); f.free.Before(now) {
		f.free = now
	}
	f.free = f.free.Add(time.Duration(len(b)) * time.Second / time.Duration(f.speed))
	f.under <- packet{f.free.Add(f.delay), slices.Clone(b)}
	return len(b), nil
}

// Close closes the connection once all has arrived.
func (f *distant) Close() error {
	close(f.under)
	return nil
}

func (f *distant) deliver() {
	defer f.Conn.Close()
	for p := range f.under {
		time.Sleep(time.Until(p.due))
		if _, err := f.Conn.Write(p.data); err != nil {
			f.gone.Store(true)
		}
	}
}
