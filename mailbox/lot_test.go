package mailbox

import (
	"io"
	"net"
	"testing"
	"time"

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
		sizes    []int64 // in MB
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
				part := leaf{Leaf: carrier.Leaf{Size: int(size) << 20}, section: []int{1}, fetch: true}
				group = append(group, opened{letter: letter{uid: uint32(i + 1)}, plan: plan{leaves: []leaf{part}, bytes: size << 20}})
			}
			r := &reader{Mailbox: &Mailbox{link: deaf(t)}}
			l := &lot{errands: errands(group)}
			if err := r.send(t.Context(), l, 1); err != nil {
				t.Fatal(err)
			}
			if n := len(r.link.flying); n != c.commands || r.link.due != c.bytes<<20 {
				t.Errorf("%d commands for %d MB are under way, want %d for %d", n, r.link.due>>20, c.commands, c.bytes)
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
		part := leaf{Leaf: carrier.Leaf{Size: 3 << 20}, section: []int{1}, fetch: true}
		group = append(group, opened{letter: letter{uid: uint32(i + 1)}, plan: plan{leaves: []leaf{part}, bytes: 3 << 20}})
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
