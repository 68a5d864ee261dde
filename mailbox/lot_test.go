package mailbox

import (
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"inviter/carrier"
)

// deaf is a connection to a server that reads everything and says nothing.
func deaf(t *testing.T) *link {
	t.Helper()
	ours, theirs := net.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = theirs.Write([]byte("* OK [CAPABILITY IMAP4rev1] ready\r\n"))
		_, _ = io.Copy(io.Discard, theirs)
	}()
	w := newWire(ours, nil, 1<<20)
	l := &link{wire: w, client: imapclient.New(w, nil), patience: time.Minute}
	w.ended = l.client.Closed()
	t.Cleanup(func() { l.close(); <-ended })
	if err := l.client.WaitGreeting(); err != nil {
		t.Fatal(err)
	}
	return l
}

// What is under way at a time is bounded in bytes and commands, whatever mails
// lie there; a mail larger than all bounds is asked for alone.
func TestWhatIsUnderWayIsBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sizes    []int64 // in halves of a MB
		commands int
		bytes    int64
	}{
		"small ones":         {[]int64{1, 1, 1}, 1, 3},
		"many":               {[]int64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 2, 8},
		"one too large":      {[]int64{30, 1, 1}, 1, 30},
		"too large, later":   {[]int64{1, 30, 1}, 1, 1},
		"three that just do": {[]int64{3, 2, 3, 3}, 3, 8},
		"a fourth command":   {[]int64{2, 3, 2, 3, 1}, 3, 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var group []opened
			for i, size := range c.sizes {
				part := leaf{Leaf: carrier.Leaf{Size: int(size) << 19}, section: []int{1}, fetch: true}
				group = append(group, opened{letter: letter{uid: uint32(i + 1)}, plan: plan{leaves: []leaf{part}, bytes: size << 19}})
			}
			r := &reader{Mailbox: &Mailbox{link: deaf(t)}}
			l := &lot{errands: errands(group)}
			if err := r.send(t.Context(), l, 1); err != nil {
				t.Fatal(err)
			}
			if n := len(r.link.flying); n != c.commands || r.link.due != c.bytes<<19 {
				t.Errorf("%d commands for %d halves of a MB are under way, want %d for %d", n, r.link.due>>19, c.commands, c.bytes)
			}
			r.leaveNothingDue()
			if !r.link.dead {
				t.Error("the connection is kept, though an answer is due that nobody wants")
			}
		})
	}
}

// What was asked ahead takes its time on a slow line, and so may what is asked
// after it.
func TestWhatIsDueIsAllowedFor(t *testing.T) {
	t.Parallel()
	l := deaf(t)
	l.due = 3600 * slowest
	done := make(chan struct{})
	_ = l.do(t.Context(), 0, func() error {
		close(done)
		return nil
	})
	<-done
	if l.dead {
		t.Error("a command was given up for the time that those before it take")
	}
}

// After a lost connection nothing is asked ahead.
func TestACautiousReaderAsksOneThingAtATime(t *testing.T) {
	t.Parallel()
	var group []opened
	for i := range 9 {
		part := leaf{Leaf: carrier.Leaf{Size: 3 << 19}, section: []int{1}, fetch: true}
		group = append(group, opened{letter: letter{uid: uint32(i + 1)}, plan: plan{leaves: []leaf{part}, bytes: 3 << 19}})
	}
	r := &reader{Mailbox: &Mailbox{link: deaf(t)}, lines: 1, letters: []letter{{uid: 100}}}
	r.now = &lot{errands: errands(group)}
	if err := r.send(t.Context(), r.now, 1); err != nil {
		t.Fatal(err)
	}
	if err := r.lookAhead(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(r.link.flying); n != 1 {
		t.Errorf("%d commands are under way", n)
	}
}

// Only what leaves nothing of a part unexplained counts as decoded by the server.
func TestCleanBase64(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 56, 57, 58, 114, 700, 5450} {
		coded := (n + 2) / 3 * 4
		for _, line := range []int{60, 64, 72, 76} {
			size := coded + 2*((coded+line-1)/line)
			if !clean(size, n) || n > 0 && !clean(size-2, n) {
				t.Errorf("%d bytes in lines of %d were not taken", n, line)
			}
			if n > 150 && (clean(size+90, n) || clean(size, n-300) || clean(size, n/2) || clean(size, 0)) {
				t.Errorf("%d bytes in lines of %d: something was missing, and nobody saw it", n, line)
			}
		}
		if !clean(coded, n) {
			t.Errorf("%d bytes in one line were not taken", n)
		}
	}
}

// severed is a connection on which nothing can be written any more, while
// answers still come.
type severed struct {
	net.Conn
	cut chan struct{}
}

func (s severed) Write(b []byte) (int, error) {
	select {
	case <-s.cut:
		return 0, io.ErrClosedPipe
	default:
		return s.Conn.Write(b)
	}
}

// A command that can't be sent ends those under way, but not while the
// library's reader hands on what comes of them: it would send to a closed channel.
func TestACommandThatCanNotBeSent(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	cut, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer theirs.Close()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		_, _ = theirs.Write([]byte("* OK [CAPABILITY IMAP4rev1] ready\r\n"))
		for i := 1; ; i++ {
			if _, err := fmt.Fprintf(theirs, "* %d FETCH (UID %d)\r\n", i, i); err != nil {
				return
			}
		}
	}()
	w := newWire(severed{ours, cut}, nil, 1<<20)
	l := &link{wire: w, client: imapclient.New(w, nil), patience: time.Minute}
	w.ended = l.client.Closed()
	if err := l.client.WaitGreeting(); err != nil {
		t.Fatal(err)
	}
	came := make(chan struct{}, 1)
	all := wanted{set: imap.UIDSet{{Start: 1, Stop: 0}}, items: &imap.FetchOptions{UID: true}}
	first, err := l.askFor(t.Context(), all, func(*message) {
		select {
		case came <- struct{}{}:
		default:
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	<-came
	close(cut)
	second, err := l.askFor(t.Context(), all, func(*message) {})
	select {
	case <-l.client.Closed():
	default:
		t.Error("the commands were ended while somebody reads")
	}
	if err == nil {
		_, err = second.wait(t.Context(), nil)
	}
	if _, again := first.wait(t.Context(), nil); err == nil || again == nil || !l.dead {
		t.Errorf("first: %v, second: %v, dead %v", again, err, l.dead)
	}
	l.close()
	<-ended
}
