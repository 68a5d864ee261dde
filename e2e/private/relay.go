package private

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Relay is a bad network between a program and its server, and counts what
// passes.
type Relay struct {
	Addr  string
	Bytes atomic.Int64 // that came from either side
	Asked atomic.Int64 // lines from the client: commands, and the few that go on with one

	way    func(net.Conn) net.Conn // a connection as what comes over the relay is written to it
	to     string
	stall  atomic.Bool  // pass nothing on
	damage atomic.Int64 // bytes from the server until one is damaged; 0 for never
	mu     sync.Mutex
	conns  []net.Conn
	word   string // that the next cut waits for; "" for none
	cut    CutAt
}

// CutAt is where a connection is cut that says a certain word.
type CutAt int

// Where a connection can be cut.
const (
	BeforeIt CutAt = iota // the server never hears it
	AfterIt               // the server hears it, its answer is lost
	HalfOpen              // the server never hears it, nor that the client is gone
)

// CutWhen cuts the next connection on which the program says word, once.
func (r *Relay) CutWhen(word string, where CutAt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.word, r.cut = word, where
}

// Pending tells whether the cut that CutWhen ordered has still to come.
func (r *Relay) Pending() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.word != ""
}

// hears tells whether the program says the word now.
func (r *Relay) hears(b []byte) (CutAt, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.word == "" || !bytes.Contains(b, []byte(r.word)) {
		return 0, false
	}
	r.word = ""
	return r.cut, true
}

// NewRelay passes connections on to a server until the test ends.
func NewRelay(t testing.TB, to string) *Relay {
	t.Helper()
	return newRelay(t, to, func(c net.Conn) net.Conn { return c })
}

func newRelay(t testing.TB, to string, way func(net.Conn) net.Conn) *Relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{Addr: l.Addr().String(), way: way, to: to}
	t.Cleanup(func() {
		l.Close()
		r.Cut()
	})
	go r.serve(l)
	return r
}

func (r *Relay) serve(l net.Listener) {
	for {
		near, err := l.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", r.to)
		if err != nil {
			near.Close()
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, near, far)
		r.mu.Unlock()
		pair := &link{}
		go r.pass(pair, r.way(far), near, false)
		go r.pass(pair, r.way(near), far, true)
	}
}

// link is one connection through the relay.
type link struct {
	mute atomic.Bool // the next answer is the end of it, and isn't passed on
}

// Cut breaks all connections.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		c.Close()
	}
	r.conns = nil
}

// Stall lets everything that is sent vanish from now on, with the connections
// open, or ends that for connections to come.
func (r *Relay) Stall(on bool) { r.stall.Store(on) }

// Damage changes one byte of what the server says, n bytes from now.
func (r *Relay) Damage(n int64) { r.damage.Store(n) }

func (r *Relay) pass(l *link, to, from net.Conn, answers bool) {
	leave := func() { to.Close() }
	defer func() { leave() }()
	defer from.Close()
	b := make([]byte, 16<<10)
	for {
		n, err := from.Read(b)
		r.count(b[:n], answers)
		if answers {
			if l.mute.Load() {
				return
			}
			r.harm(b[:n])
		} else if how, now := r.hears(b[:n]); now {
			switch how {
			case BeforeIt:
				return
			case HalfOpen:
				leave = func() {}
				return
			case AfterIt:
				l.mute.Store(true)
			}
		}
		if !r.stall.Load() {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (r *Relay) count(b []byte, answers bool) {
	r.Bytes.Add(int64(len(b)))
	if !answers {
		r.Asked.Add(int64(bytes.Count(b, []byte("\n"))))
	}
}

func (r *Relay) harm(b []byte) {
	left := r.damage.Load()
	if left == 0 {
		return
	}
	if left > int64(len(b)) {
		r.damage.Store(left - int64(len(b)))
		return
	}
	b[left-1] ^= 0x40
	r.damage.Store(0)
}
