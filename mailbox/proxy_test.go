package mailbox_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"inviter/carrier"
	"inviter/e2e/private"
	"inviter/ticket/sourcetest"
)

// proxy stands between us and a server, and spoils what passes.
type proxy struct {
	addr string

	mu     sync.Mutex
	conns  map[net.Conn]bool
	change func([]byte) []byte // of what the server says; nil leaves it
	cutAt  int                 // bytes from the server after which a connection is cut; 0 never
	cutUp  int                 // the same for what we say
	most   int                 // most bytes one connection carried down
	mostUp int
}

func newProxy(t testing.TB, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{addr: l.Addr().String(), conns: map[net.Conn]bool{}}
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
	t.Cleanup(func() {
		l.Close()
		p.cut()
		wg.Wait()
	})
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
	change, cutAt, cutUp := p.change, p.cutAt, p.cutUp
	p.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() { p.pass(up, down, nil, cutUp, &p.mostUp) })
	p.pass(down, up, change, cutAt, &p.most)
	wg.Wait()
	p.mu.Lock()
	delete(p.conns, down)
	delete(p.conns, up)
	p.mu.Unlock()
}

// pass copies until an end or a cut, and then closes both.
func (p *proxy) pass(to, from net.Conn, change func([]byte) []byte, cut int, most *int) {
	defer to.Close()
	defer from.Close()
	buf, n := make([]byte, 256<<10), 0
	for {
		k, err := from.Read(buf)
		if err != nil {
			return
		}
		b := buf[:k]
		if cut > 0 && n+k >= cut {
			to.Write(b[:cut-n])
			return
		}
		n += k
		p.mu.Lock()
		*most = max(*most, n)
		p.mu.Unlock()
		if change != nil {
			b = change(b)
		}
		if _, err := to.Write(b); err != nil {
			return
		}
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

// The connection breaks at any byte, in either direction: the next scan goes
// on, and in the end every mail is one delivery and out of the way.
func TestCutAtAnyByte(t *testing.T) {
	t.Parallel()
	measure := func(cutAt, cutUp int) (down, up int) {
		m := newMemory(t, noMove) // the longest way: copy, delete, expunge
		person := newPerson(t, m.addr)
		for i := range 2 {
			person.send("INBOX", letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes())
		}
		person.send("INBOX", letter{subject: "lunch"}.bytes())
		p := newProxy(t, m.addr)
		p.set(func() { p.cutAt, p.cutUp = cutAt, cutUp })
		r := sourcetest.NewRecorder(nil)
		b := open(t, options(t, p.addr), r)
		defer b.Close()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		_, err := b.Scan(ctx, r.Submit)
		p.mu.Lock()
		down, up = p.most, p.mostUp
		p.mu.Unlock()
		if cutAt+cutUp > 0 {
			p.set(func() { p.cutAt, p.cutUp = 0, 0 })
			p.cut()
			scan(t, b, r)
		} else if err != nil {
			t.Fatal(err)
		}
		if r.Tickets() != 2 || len(r.Deliveries()) != 3 || len(r.Open(b.Name())) > 0 || person.subjects("INBOX") != "lunch" {
			t.Errorf("cut at %d down, %d up: %d tickets of %d deliveries, %d held, inbox %q", cutAt, cutUp,
				r.Tickets(), len(r.Deliveries()), len(r.Open(b.Name())), person.subjects("INBOX"))
		}
		person.client.Close()
		return down, up
	}
	down, up := measure(0, 0)
	if down < 1000 || up < 500 {
		t.Fatalf("only %d bytes down and %d up were seen", down, up)
	}
	step := 127 // a prime, so that with every run of the suite other bytes come up
	if testing.Short() {
		step = 997
	}
	first := 1 + int(time.Now().UnixNano())%step
	for at := first; at < down; at += step {
		measure(at, 0)
	}
	for at := first; at < up; at += step {
		measure(0, at)
	}
}

// A mail whose structure ends every connection is read without it, and the
// ones around it as ever.
func TestMailThatBreaksTheConnection(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func([]byte) []byte{
		"unreadable": func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`"poison.bin"`), []byte(`(poison.bin!`)) },
		"nested": func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(`"filename" "poison.bin"`), bytes.Repeat([]byte("("), 100_000))
		},
		"endless": func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte(`"filename" "poison.bin"`), bytes.Repeat([]byte(`"x" "y" `), 1<<17+1<<16))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := private.Dovecot(t, private.DovecotOptions{})
			person := newPerson(t, s.Addr)
			for i := range 20 {
				l := letter{subject: fmt.Sprint("n", i), file: invite(i)}
				if i == 7 || i == 8 {
					l.more = attachment("poison.bin", []byte("harmless"))
				}
				person.send("INBOX", l.bytes())
			}
			p := newProxy(t, s.Addr)
			p.set(func() { p.change = change })
			r := sourcetest.NewRecorder(nil)
			o := options(t, p.addr)
			o.Limits = carrier.DefaultLimits()
			o.Limits.Mail = 64 << 10 // and so the bound of an answer
			b := open(t, o, r)
			if pass := scan(t, b, r); pass.Queued != 20 {
				t.Errorf("scan: %+v", pass)
			}
			if got := person.subjects("INBOX"); got != "" {
				t.Errorf("inbox %q", got)
			}
		})
	}
}

// A mail that can't be read at all is refused in the end, and keeps nobody
// from being read before.
func TestMailThatIsNeverDelivered(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	person := newPerson(t, m.addr)
	for i := range 5 {
		l := letter{subject: fmt.Sprint("n", i), file: invite(i)}
		if i == 1 {
			l.header = "X-Poison: yes\r\n"
			l.more = attachment("poison.bin", []byte("harmless"))
		}
		person.send("INBOX", l.bytes())
	}
	p := newProxy(t, m.addr)
	p.set(func() {
		p.change = func(b []byte) []byte {
			if bytes.Contains(b, []byte("poison.bin")) {
				return []byte("* gibberish\r\n")
			}
			return b
		}
	})
	r := sourcetest.NewRecorder(nil)
	b := open(t, options(t, p.addr), r)
	if pass := scan(t, b, r); pass.Queued != 4 || pass.Pending != 1 {
		t.Errorf("first scan: %+v", pass)
	}
	person.send("INBOX", letter{subject: "later", file: invite(99)}.bytes())
	if pass := scan(t, b, r); pass.Queued != 1 || pass.Pending != 1 {
		t.Errorf("second scan: %+v", pass)
	}
	if pass := scan(t, b, r); pass.Refused != 1 || pass.Pending != 0 {
		t.Errorf("third scan: %+v", pass)
	}
	if in, out := person.subjects("INBOX"), person.subjects("Inviter/Refused"); in != "" || out != "n1" {
		t.Errorf("inbox %q, refused %q", in, out)
	}
}

// A server that trickles is given up in the end, like one that is silent.
func TestHalfOpenConnection(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	r := sourcetest.NewRecorder(nil)
	hang := make(chan struct{})
	p := newProxy(t, m.addr)
	var once sync.Once
	t.Cleanup(func() { once.Do(func() { close(hang) }) })
	p.set(func() {
		p.change = func(b []byte) []byte {
			if bytes.Contains(b, []byte("EXISTS")) {
				<-hang
			}
			return b
		}
	})
	o := options(t, p.addr)
	o.Patience = 300 * time.Millisecond
	b := open(t, o, r)
	troubled(t, b, r, "silent", "stopped answering")
	once.Do(func() { close(hang) })
	scan(t, b, r)
}
