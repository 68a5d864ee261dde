package mailbox_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapserver"

	"inviter/e2e/private"
	"inviter/mailbox"
	"inviter/ticket/sourcetest"
)

// asking is how a server in this process is listened to and asked.
type asking struct {
	silent bool          // it tells of mail only when asked
	slow   time.Duration // it takes for an answer

	idles chan time.Time // when an IDLE began: anew after each question
}

// listening makes the sessions of a server note how they are listened to.
func (m *memory) listening(how asking) asking {
	how.idles = make(chan time.Time, 1000)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asking = how
	return how
}

func (s *memorySession) asking() asking {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	return s.m.asking
}

func (s *memorySession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	how := s.asking()
	if how.idles != nil {
		how.idles <- time.Now()
	}
	if how.silent {
		<-stop
		return nil
	}
	return s.UserSession.Idle(w, stop)
}

// Poll is called at the end of every command.
func (s *memorySession) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	time.Sleep(s.asking().slow)
	return s.UserSession.Poll(w, allowExpunge)
}

// left tells whether the server is left alone: one that is asked begins to idle
// four times in this while.
func (how asking) left() bool {
	for len(how.idles) > 0 {
		<-how.idles
	}
	for begun, end := 0, time.After(time.Second); ; {
		select {
		case <-how.idles:
			if begun++; begun > 1 {
				return false
			}
		case <-end:
			return true
		}
	}
}

// hand is a clock that is set by hand.
type hand struct{ at atomic.Int64 }

func (h *hand) time() time.Time      { return time.Unix(0, h.at.Load()) }
func (h *hand) pass(d time.Duration) { h.at.Add(int64(d)) }

// A server that gathers what it tells is asked while somebody looks, and no longer.
func TestServerIsAskedWhileSomebodyLooks(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	how := m.listening(asking{silent: true})
	p := newPerson(t, m.addr)
	r := sourcetest.NewRecorder(nil)
	o := options(t, m.addr)
	clock := &hand{}
	clock.pass(time.Duration(time.Now().UnixNano()))
	o.Clock, o.Slice = clock.time, time.Hour
	b := open(t, o, r)
	hints := b.Hints(t.Context())
	scan(t, b, r)
	<-how.idles // nobody looks yet
	b.Attend(clock.time().Add(time.Minute))
	for i := range 7 { // more than told at once would end it
		p.send("INBOX", letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes())
		await(t, hints, "it was asked")
		if pass := scan(t, b, r); pass.Queued != 1 {
			t.Errorf("scan %d: %+v", i, pass)
		}
		mode(t, b, mailbox.Idling)
	}
	clock.pass(time.Minute)
	for deadline := time.Now().Add(patience); !how.left(); {
		if time.Now().After(deadline) {
			t.Fatal("still asked")
		}
	}
	if b.Mode() != mailbox.Idling {
		t.Errorf("mode %q", b.Mode())
	}
}

// A server that tells at once needn't be asked: soon it is just listened to.
func TestServerThatTellsAtOnceIsLeftAlone(t *testing.T) {
	t.Parallel()
	m := newMemory(t, full)
	how := m.listening(asking{})
	p := newPerson(t, m.addr)
	r := sourcetest.NewRecorder(nil)
	o := options(t, m.addr)
	o.Slice = 10 * time.Second // this server tells nobody of what comes right before an IDLE
	b := open(t, o, r)
	hints := b.Hints(t.Context())
	b.Attend(time.Now().Add(time.Hour))
	n := 0
	for deadline := time.Now().Add(patience); ; {
		for range 5 { // one that comes between two IDLEs is told by the answer
			scan(t, b, r)
			mode(t, b, mailbox.Idling)
			p.send("INBOX", letter{subject: fmt.Sprint("n", n), file: invite(n)}.bytes())
			n++
			await(t, hints, "mail came")
		}
		scan(t, b, r)
		mode(t, b, mailbox.Idling)
		if how.left() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("still asked")
		}
	}
}

// A server that takes long to answer is asked less often.
func TestSlowServerIsAskedSeldom(t *testing.T) {
	t.Parallel()
	const slow = 60 * time.Millisecond
	m := newMemory(t, full)
	r := sourcetest.NewRecorder(nil)
	o := options(t, m.addr)
	o.Slice = time.Hour
	b := open(t, o, r)
	how := m.listening(asking{silent: true})
	b.Hints(t.Context())
	scan(t, b, r)
	<-how.idles // nobody looks yet
	how = m.listening(asking{slow: slow, silent: true})
	b.Attend(time.Now().Add(time.Hour))
	<-how.idles // before it was known
	second := <-how.idles
	if gap := (<-how.idles).Sub(second); gap < 10*slow {
		t.Errorf("asked again after %v", gap)
	}
}

// Dovecot gathers its news; that mail of ours moves is none.
func TestDovecotIsAskedWhileSomebodyLooks(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	p := newPerson(t, s.Addr)
	r := sourcetest.NewRecorder(nil)
	m := open(t, options(t, s.Addr), r)
	hints := m.Hints(t.Context())
	m.Attend(time.Now().Add(time.Hour))
	scan(t, m, r)
	for i := range 8 {
		mode(t, m, mailbox.Idling)
		p.send("INBOX", letter{subject: fmt.Sprint("n", i), file: invite(i)}.bytes())
		await(t, hints, "mail came")
		if pass := scan(t, m, r); pass.Queued != 1 {
			t.Errorf("scan %d: %+v", i, pass)
		}
	}
	select {
	case <-hints:
		t.Error("a hint without new mail: our own moving woke us")
	case <-time.After(700 * time.Millisecond):
	}
	s.Stop()
	await(t, hints, "the connection broke")
	mode(t, m, mailbox.Polling)
}
