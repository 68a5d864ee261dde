package mailbox_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inviter/e2e/private"
	"inviter/ticket/sourcetest"
)

// nightly is the variable with which tests that otherwise sample try everything.
const nightly = "INVITER_TEST_NIGHTLY"

// spoiling is a series of scans through connections that are spoiled, each in a
// folder of its own.
type spoiling struct {
	server  *private.Mailserver
	workers []*worker
	used    atomic.Int64
	// patience of connections that fall silent or trickle. A machine must be able
	// to log all workers in within it.
	patience time.Duration
	// between is how many ordinary mails lie between the invitations: with many,
	// the later ones are asked for while the earlier ones are read.
	between int
}

// worker is one account in which such folders are made.
type worker struct {
	*spoiling
	account string
	person  *person
}

// newSpoiling starts a server that takes many short connections, and so many
// workers. They wait most of the time.
func newSpoiling(t *testing.T, capabilities string, workers int, patience time.Duration) *spoiling {
	s := &spoiling{patience: patience, between: 1}
	var accounts []string
	for i := range workers {
		accounts = append(accounts, fmt.Sprintf("w%02d", i)) // all names are of one length, and so all sessions
	}
	s.server = private.Dovecot(t, private.DovecotOptions{Capabilities: capabilities, Users: accounts,
		Extra: "mail_fsync = never\nmail_max_userip_connections = 1000\nservice imap-login {\n  service_count = 0\n}\n"})
	for _, a := range accounts {
		s.workers = append(s.workers, &worker{s, a, newPersonAs(t, s.server.Addr, a)})
	}
	return s
}

// trickle is the time from byte to byte on a slow line. The patience with it is
// a minute's in little, and a byte each sixtieth of that is what a byte a second
// is in life.
func (s *spoiling) trickle() time.Duration { return s.patience / 60 }

// scan takes up two invitations and an ordinary mail while the fault is in the
// way, and wants the scans after it to leave all in order: nothing lost, nothing
// doubled. It tells how many bytes one connection carried each way.
func (w *worker) scan(t *testing.T, f flaw) (down, up int) {
	folder := fmt.Sprintf("F%06d", w.used.Add(1))
	person := w.person
	must(t, person.client.Create(folder, nil).Wait())
	person.send(folder, letter{subject: "n0", file: invite(0)}.bytes())
	for range w.between {
		person.send(folder, letter{subject: "lunch"}.bytes())
	}
	person.send(folder, letter{subject: "n1", file: invite(1)}.bytes())
	p := newProxy(t, w.server.Addr)
	defer p.close()
	p.set(func() { p.flaw, p.pause = f, w.trickle() })
	r := sourcetest.NewRecorder(nil)
	o := options(t, p.addr)
	o.User, o.Folder, o.Processed, o.Log = w.account, folder, folder+"/Done", nil
	if f.kind != cut {
		o.Patience, o.Reach = w.patience, w.patience
	}
	b := open(t, o, r)
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	_, err := b.Scan(ctx, r.Submit)
	p.set(func() { down, up, p.flaw = p.most, p.mostUp, flaw{} })
	if f == (flaw{}) {
		must(t, err)
	}
	// It mends without anybody's help. One session is some bytes shorter than
	// another: then the flaw waits for the scan after it, so two have to pass.
	for passed := 0; passed < 2 && ctx.Err() == nil; passed++ {
		if _, err = b.Scan(ctx, r.Submit); err != nil {
			passed = -1
		}
	}
	if err != nil {
		t.Errorf("%+v: it did not recover: %v", f, err)
	}
	left := strings.TrimSuffix(strings.Repeat("lunch,", w.between), ",")
	if r.Tickets() != 2 || len(r.Deliveries()) != 2+w.between || len(r.Open(b.Name())) > 0 || person.subjects(folder) != left {
		t.Errorf("%+v: %d tickets of %d deliveries, %d held, in the box %q", f,
			r.Tickets(), len(r.Deliveries()), len(r.Open(b.Name())), person.subjects(folder))
	}
	must(t, b.Close())
	must(t, person.client.Unselect().Wait())
	must(t, person.client.Delete(folder+"/Done").Wait())
	must(t, person.client.Delete(folder).Wait())
	return down, up
}

// everywhere spoils a session after so many bytes in either direction, at every
// offset where step is 1, by a few workers.
func (s *spoiling) everywhere(t *testing.T, kind flawKind, step int) {
	down, up := s.workers[0].scan(t, flaw{})
	if down < 1000 || up < 500 {
		t.Fatalf("only %d bytes down and %d up were seen", down, up)
	}
	begin := time.Now()
	faults := make(chan flaw, down+up)           // all at once: a worker that fails leaves nobody waiting
	first := 1 + int(time.Now().UnixNano())%step // with every run of the suite other bytes come up
	for at := first; at <= down; at += step {
		faults <- flaw{kind: kind, down: at}
	}
	for at := first; at <= up; at += step {
		faults <- flaw{kind: kind, up: at}
	}
	close(faults)
	n := len(faults)
	var wg sync.WaitGroup
	for _, w := range s.workers {
		wg.Go(func() {
			for f := range faults {
				if w.scan(t, f); t.Failed() {
					return
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d of %d offsets, in %v", n, down+up, time.Since(begin).Round(time.Second))
}

// The same where so many mails lie there that the later ones are asked for while
// those before are read.
func TestSpoiledWhileAskingAhead(t *testing.T) {
	t.Parallel()
	step := 4999
	if os.Getenv(nightly) != "" {
		step = 97
	}
	s := newSpoiling(t, "", 4, time.Second)
	s.between = 120
	s.everywhere(t, cut, step)
}

// The connection breaks at any byte, falls silent in one direction or in both,
// or trickles, while mail is moved by MOVE or, the longer way, copied, deleted
// and expunged. With INVITER_TEST_NIGHTLY every byte of the session has its turn
// at being the last that comes as it should; otherwise every so-many-th, another
// one in each run.
func TestSpoiledAtAnyByte(t *testing.T) {
	t.Parallel()
	for name, capabilities := range map[string]string{"MOVE": "", "COPY": "IMAP4rev1 UIDPLUS IDLE NAMESPACE LITERAL+"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			thorough := os.Getenv(nightly) != ""
			workers, short := 4, time.Second
			if thorough {
				workers, short = 64, 5*time.Second
			}
			s := newSpoiling(t, capabilities, workers, short)
			for _, c := range []struct {
				name string
				kind flawKind
				step int
			}{{"cut", cut, 499}, {"stall", stall, 3001}, {"half", half, 3001}, {"slow", slow, 4001}} {
				t.Run(c.name, func(t *testing.T) {
					if thorough {
						c.step = 1
					}
					s.everywhere(t, c.kind, c.step)
				})
			}
		})
	}
}

// A connection that dies silently while it idles is found by the next scan,
// which goes on with another one: within one period and ten seconds.
func TestHalfOpenWhileIdle(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	person := newPerson(t, s.Addr)
	p := newProxy(t, s.Addr)
	r := sourcetest.NewRecorder(nil)
	o := options(t, p.addr)
	o.Patience = time.Second
	b := open(t, o, r)
	b.Hints(t.Context())
	scan(t, b, r)
	mode(t, b, "IDLE")
	p.forget() // as a router does that restarts
	person.send("INBOX", letter{subject: "n", file: invite(1)}.bytes())
	if pass := scan(t, b, r); pass.Queued != 1 {
		t.Errorf("the scan after it: %+v", pass)
	}
}

// A line at a byte a second is given up in the end, and delays no other mailbox.
func TestLineAtAByteASecond(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	person := newPerson(t, s.Addr)
	person.send("INBOX", letter{subject: "n", file: invite(1)}.bytes())
	p := newProxy(t, s.Addr)
	p.set(func() { p.pause, p.flaw = time.Second, flaw{kind: slow, down: 1000, up: 1 << 30} })
	r := sourcetest.NewRecorder(nil)
	o := options(t, p.addr)
	o.Patience = 3 * time.Second
	b := open(t, o, r)
	begin := time.Now()
	troubled(t, b, r, "silent", "stopped answering")
	if took := time.Since(begin); took > patience {
		t.Errorf("it took %v", took)
	}
	if pass := scan(t, open(t, options(t, s.Addr), r), r); pass.Queued != 1 {
		t.Errorf("another mailbox meanwhile: %+v", pass)
	}
	p.set(func() { p.flaw = flaw{} })
	scan(t, b, r)
	if r.Tickets() != 1 {
		t.Errorf("%d tickets", r.Tickets())
	}
}
