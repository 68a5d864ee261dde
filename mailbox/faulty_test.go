package mailbox_test

import (
	"net"
	"sync"
	"testing"
	"time"
)

// proxy stands between us and a server, and spoils what passes.
type proxy struct {
	addr  string
	close func() // at the end of the test at the latest

	mu     sync.Mutex
	left   *sync.Cond // by connections that ended
	conns  map[net.Conn]bool
	change func([]byte) []byte // of what the server says; nil leaves it
	flaw   flaw
	most   int // most bytes one connection carried down
	mostUp int
	pause  time.Duration // between bytes of a slow one; 0 means a millisecond
	falls  []func()      // each silences a connection
}

// flaw is what happens to a connection after so many bytes.
type flaw struct {
	kind flawKind
	down int // bytes from the server; 0 never
	up   int // bytes from us; 0 never
}

type flawKind int

const (
	cut   flawKind = iota // the connection breaks
	stall                 // nothing passes any more in either direction; nobody is told
	half                  // nothing passes any more in this direction
	slow                  // bytes pass one by one, with pauses
)

func newProxy(t testing.TB, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{addr: l.Addr().String(), conns: map[net.Conn]bool{}}
	p.left = sync.NewCond(&p.mu)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			down, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { p.serve(down, server) })
		}
	})
	p.close = sync.OnceFunc(func() {
		l.Close()
		p.cut()
		wg.Wait()
	})
	t.Cleanup(p.close)
	return p
}

func (p *proxy) serve(down net.Conn, server string) {
	up, err := net.Dial("tcp", server)
	if err != nil {
		down.Close()
		return
	}
	p.mu.Lock()
	p.conns[down], p.conns[up] = true, true
	f, change := p.flaw, p.change
	stalled := make(chan struct{})
	fall := sync.OnceFunc(func() { close(stalled) })
	p.falls = append(p.falls, fall)
	p.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() {
		(&way{p, up, down, f.up, f.kind, nil, &p.mostUp, stalled, fall}).pass()
	})
	(&way{p, down, up, f.down, f.kind, change, &p.most, stalled, fall}).pass()
	wg.Wait()
	p.mu.Lock()
	delete(p.conns, down)
	delete(p.conns, up)
	p.mu.Unlock()
	p.left.Broadcast()
}

// way is one direction of a connection.
type way struct {
	p        *proxy
	to, from net.Conn
	at       int
	kind     flawKind
	change   func([]byte) []byte
	most     *int
	stalled  chan struct{}
	fall     func()
}

// pass copies until an end or a flaw, and then closes both.
func (w *way) pass() {
	defer w.to.Close()
	defer w.from.Close()
	buf, n := make([]byte, 256<<10), 0
	for {
		k, err := w.from.Read(buf)
		if err != nil {
			return
		}
		b := buf[:k]
		if w.at > 0 && n+k >= w.at {
			_, _ = w.to.Write(b[:w.at-n])
			w.fail(b[w.at-n:])
			return
		}
		n += k
		w.p.set(func() { *w.most = max(*w.most, n) })
		if w.change != nil {
			b = w.change(b)
		}
		select {
		case <-w.stalled:
			w.swallow()
			return
		default:
		}
		if _, err := w.to.Write(b); err != nil {
			return
		}
	}
}

// fail is the flaw, after which the way ends.
func (w *way) fail(rest []byte) {
	switch w.kind {
	case stall:
		w.fall()
		w.swallow()
	case half:
		w.swallow()
	case slow:
		pause := max(w.p.pause, time.Millisecond)
		for {
			for _, c := range rest {
				time.Sleep(pause)
				if _, err := w.to.Write([]byte{c}); err != nil {
					return
				}
			}
			rest = make([]byte, 4<<10)
			n, err := w.from.Read(rest)
			if err != nil {
				return
			}
			rest = rest[:n]
		}
	}
}

// swallow takes what comes, as a network does that loses everything: who sends
// is told nothing. It ends when somebody gives the connection up.
func (w *way) swallow() {
	buf := make([]byte, 4<<10)
	for {
		if _, err := w.from.Read(buf); err != nil {
			return
		}
	}
}

// passed is how many bytes went both ways on the connection that carried most.
func (p *proxy) passed() (n int) {
	p.set(func() { n = p.most + p.mostUp })
	return n
}

// restart counts anew what passes, once all that was said before has passed:
// who left a server far away didn't wait for its farewell.
func (p *proxy) restart() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.conns) > 0 {
		p.left.Wait()
	}
	p.most, p.mostUp = 0, 0
}

// forget loses all connections without telling anybody.
func (p *proxy) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, fall := range p.falls {
		fall()
	}
}

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *proxy) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}
