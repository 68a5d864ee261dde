package mailbox

import (
	"net"
	"sync"
	"time"
)

// wire is a connection that nobody waits on for ever. The IMAP library clears
// its read deadline whenever it has nothing half-read, so a server that falls
// silent would hold it for good; here every byte that comes renews the
// deadline while an answer is expected, and only then.
type wire struct {
	net.Conn
	most    int64  // bytes in one answer
	head    []byte // read before the connection itself
	answers meter
	ended   <-chan struct{} // closed when the library's reader is done

	mu      sync.Mutex
	silence time.Duration // how long the server may say nothing; 0 = for ever
	failed  error         // why reading ended
}

func newWire(conn net.Conn, head []byte, most int64) *wire {
	return &wire{Conn: conn, most: most, head: head, answers: meter{most: most, number: -1}}
}

// Read is called by the IMAP library's one reader, or by whoever reads a
// literal for it. After an error nothing more is read: the library may ask again.
func (w *wire) Read(b []byte) (int, error) {
	if err := w.cause(); err != nil {
		return 0, err
	}
	if len(w.head) > 0 {
		n := copy(b, w.head)
		w.head = w.head[n:]
		return n, nil
	}
	n, err := w.Conn.Read(b)
	if n > 0 {
		w.renew()
		if over := w.answers.add(b[:n]); over != nil {
			n, err = 0, over
		}
	}
	if err != nil {
		w.mu.Lock()
		w.failed = err
		w.mu.Unlock()
	}
	return n, err
}

// Write fails only once nobody reads any more. The library ends all commands
// where it can't write, even one whose answers its reader is just handing on.
func (w *wire) Write(b []byte) (int, error) {
	n, err := w.Conn.Write(b)
	if err != nil && w.ended != nil {
		w.Conn.Close()
		<-w.ended
	}
	return n, err
}

// SetReadDeadline ignores the library's own deadlines.
func (w *wire) SetReadDeadline(time.Time) error { return nil }

// expect begins a wait for the server: it may be silent for so long at a time.
func (w *wire) expect(silence time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silence = silence
	_ = w.Conn.SetReadDeadline(time.Now().Add(silence))
}

// rest ends the wait: nothing is due from the server.
func (w *wire) rest() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silence = 0
	_ = w.Conn.SetReadDeadline(time.Time{})
}

func (w *wire) renew() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.silence > 0 {
		_ = w.Conn.SetReadDeadline(time.Now().Add(w.silence))
	}
}

// cause is why reading ended, nil if it did not: then whoever gave up on the
// connection did so because of what was read.
func (w *wire) cause() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}
