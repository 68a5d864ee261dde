package mailbox_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"inviter/mailbox"
	"inviter/ticket"
	"inviter/ticket/sourcetest"
)

// gate stands between us and a server. It notes the commands of one kind that
// pass, and may hold back or change what the server says.
type gate struct {
	addr, kind string
	second     chan struct{} // closed once the second of them has passed

	mu   sync.Mutex
	tags []string // of those commands
}

// What the kinds of command have in them.
const (
	ofStructures = "BODYSTRUCTURE"
	ofParts      = "BODY.PEEK[2]"
	anything     = " "
)

// newGate lets lines of the server through answer, which may wait, change them
// or, by false, end the connection.
func newGate(t *testing.T, server, kind string, answer func(g *gate, line []byte) ([]byte, bool)) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	g := &gate{addr: l.Addr().String(), kind: kind, second: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", server)
			if err != nil {
				near.Close()
				continue
			}
			wg.Go(func() { g.up(far, near) })
			wg.Go(func() { g.down(near, far, answer) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return g
}

func (g *gate) up(to, from net.Conn) {
	defer to.Close()
	for lines := bufio.NewReader(from); ; {
		line, err := lines.ReadBytes('\n')
		if bytes.Contains(line, []byte(g.kind)) {
			g.mu.Lock()
			g.tags = append(g.tags, string(line[:bytes.IndexByte(line, ' ')]))
			if len(g.tags) == 2 {
				close(g.second)
			}
			g.mu.Unlock()
		}
		if _, failed := to.Write(line); err != nil || failed != nil {
			return
		}
	}
}

func (g *gate) down(to, from net.Conn, answer func(*gate, []byte) ([]byte, bool)) {
	defer to.Close()
	defer from.Close()
	for lines := bufio.NewReader(from); ; {
		line, err := lines.ReadBytes('\n')
		line, more := answer(g, line)
		if _, failed := to.Write(line); err != nil || failed != nil || !more {
			return
		}
	}
}

// tag is that of the n-th FETCH; "" if it has not passed yet.
func (g *gate) tag(n int) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.tags) < n {
		return ""
	}
	return g.tags[n-1]
}

// more than a first lot of mails, for each of which there is a ticket
const severalLots = 130

// crowded is a server with so many invitations, and a mailbox that reaches it
// through a gate.
func crowded(t *testing.T, kind string, answer func(*gate, []byte) ([]byte, bool)) (*gate, *mailbox.Mailbox, *sourcetest.Recorder, *person) {
	t.Helper()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	for i := range severalLots {
		p.send("INBOX", letter{subject: "n", file: invite(i)}.bytes())
	}
	g := newGate(t, m.addr, kind, answer)
	r := sourcetest.NewRecorder(nil)
	o := options(t, g.addr)
	o.Patience, o.Log = patience, nil
	return g, open(t, o, r), r, p
}

// all says that everything became a ticket once, and was moved.
func (p *person) all(b *mailbox.Mailbox, r *sourcetest.Recorder) {
	p.t.Helper()
	if r.Tickets() != severalLots || len(r.Deliveries()) != severalLots || len(r.Open(b.Name())) > 0 {
		p.t.Errorf("%d tickets of %d deliveries, %d held", r.Tickets(), len(r.Deliveries()), len(r.Open(b.Name())))
	}
	if left, gone := len(p.folder("INBOX")), len(p.folder("Inviter/Processed")); left != 0 || gone != severalLots {
		p.t.Errorf("%d mails in the box, %d moved", left, gone)
	}
}

// A server that says nothing of the first lot before it was asked for the second
// is waited for by nobody who asks ahead, and by everybody else for ever.
func TestTheNextLotIsAskedForAhead(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{ofStructures, ofParts} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			_, b, r, p := crowded(t, kind, func(g *gate, line []byte) ([]byte, bool) {
				if first := g.tag(1); first != "" && bytes.HasPrefix(line, []byte(first+" OK")) {
					<-g.second
				}
				return line, true
			})
			if pass := scan(t, b, r); pass.Queued != severalLots || pass.Pending != 0 {
				t.Errorf("%+v", pass)
			}
			p.all(b, r)
		})
	}
}

// Each command more is an answer more to wait for on a long line: a mailbox that
// was never seen before, several lots of mail and a folder that has to be made
// come to no more than this.
func TestCommandsOfAScan(t *testing.T) {
	t.Parallel()
	g, b, r, p := crowded(t, anything, func(_ *gate, line []byte) ([]byte, bool) { return line, true })
	scan(t, b, r)
	must(t, b.Close())
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.tags); n > 18 {
		t.Errorf("%d commands: %v", n, g.tags)
	}
	p.all(b, r)
}

// The last look of a scan waits for one answer: whether there is news, and the
// news, are asked for together.
func TestNewsAreListedWithTheQuestionForThem(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	p := newPerson(t, m.addr)
	p.send("INBOX", letter{subject: "n", file: invite(0)}.bytes())
	g := newGate(t, m.addr, "INTERNALDATE", func(g *gate, line []byte) ([]byte, bool) {
		if bytes.Contains(line, []byte(" OK NOOP")) {
			<-g.second
		}
		return line, true
	})
	r := sourcetest.NewRecorder(nil)
	o := options(t, g.addr)
	o.Patience = patience
	b := open(t, o, r)
	if pass := scan(t, b, r); pass.Queued != 1 {
		t.Errorf("%+v", pass)
	}
}

// The parts that were asked for ahead are refused, or never come, while the
// lot before is being submitted: that one is recorded, and the rest later.
func TestAnswerFailsWhileTheLotBeforeIsSubmitted(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"refused": false, "lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			submitting, failed := make(chan struct{}), make(chan struct{})
			begin, fail := sync.OnceFunc(func() { close(submitting) }), sync.OnceFunc(func() { close(failed) })
			var past, over atomic.Bool
			_, b, r, p := crowded(t, ofParts, func(g *gate, line []byte) ([]byte, bool) {
				switch first, second := g.tag(1), g.tag(2); {
				case over.Load() || first == "":
					return line, true
				case !past.Load():
					past.Store(bytes.HasPrefix(line, []byte(first+" OK")))
					return line, true
				case lost:
					<-submitting
					over.Store(true)
					fail()
					return nil, false
				case second != "" && bytes.HasPrefix(line, []byte(second+" OK")):
					<-submitting
					over.Store(true)
					fail()
					return []byte(second + " NO not now\r\n"), true
				}
				return nil, true
			})
			submit := func(ctx context.Context, d []ticket.Delivery) ([]ticket.Receipt, error) {
				begin()
				select {
				case <-failed:
				case <-ctx.Done():
				}
				return r.Submit(ctx, d)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			_, err := b.Scan(ctx, submit)
			if lost && (err == nil || r.Tickets() == 0 || r.Tickets() == severalLots) {
				t.Errorf("%d tickets, %v", r.Tickets(), err)
			}
			if !lost {
				must(t, err)
			}
			must(t, b.Close())
			scan(t, b, r)
			p.all(b, r)
		})
	}
}

// After a submit that failed nobody waits for what was asked ahead, and the
// next scan takes everything up.
func TestFailedSubmitLeavesNothingUnderWay(t *testing.T) {
	t.Parallel()
	_, b, r, p := crowded(t, ofParts, func(_ *gate, line []byte) ([]byte, bool) { return line, true })
	_, err := b.Scan(t.Context(), func(context.Context, []ticket.Delivery) ([]ticket.Receipt, error) { return nil, io.ErrShortWrite })
	if err == nil || !strings.Contains(err.Error(), "submit") {
		t.Errorf("%v", err)
	}
	scan(t, b, r)
	p.all(b, r)
}
