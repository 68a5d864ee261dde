package mailbox

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// piped is a wire, and the far end of it.
func piped(t *testing.T, head string, most int64) (*wire, net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close(); far.Close() })
	return newWire(near, []byte(head), most), far
}

func TestWireBeginsWithItsHead(t *testing.T) {
	t.Parallel()
	w, far := piped(t, "* OK\r\n", 100)
	go func() {
		far.Write([]byte("* BYE\r\n"))
		far.Close()
	}()
	if b, err := io.ReadAll(w); string(b) != "* OK\r\n* BYE\r\n" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

// Once reading failed it stays failed, even if the server goes on: the library
// would otherwise read on in the middle of something.
func TestWireStaysBroken(t *testing.T) {
	t.Parallel()
	w, far := piped(t, "", 10)
	go func() {
		for range 3 {
			if _, err := far.Write([]byte("much too long a line")); err != nil {
				return
			}
		}
	}()
	b := make([]byte, 100)
	for range 3 {
		if n, err := w.Read(b); n != 0 || !errors.Is(err, errAnswer) {
			t.Errorf("%d bytes, %v; want none, and the same error again", n, err)
		}
	}
}

// Silence is only counted while an answer is expected, and every byte renews
// the wait.
func TestWireWaitsForAnswersOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const patience = time.Minute
		w, far := piped(t, "", 1<<20)
		if err := w.SetReadDeadline(time.Now().Add(-time.Hour)); err != nil { // as the library does
			t.Fatal(err)
		}
		read := func() error {
			_, err := w.Read(make([]byte, 1))
			return err
		}
		later := func(d time.Duration) { time.AfterFunc(d, func() { far.Write([]byte("x")) }) }
		w.expect(patience)
		for range 5 { // longer than patience in all
			if later(patience - 1); read() != nil {
				t.Fatal("bytes did not renew the wait")
			}
		}
		w.rest()
		if later(24 * time.Hour); read() != nil {
			t.Fatal("the wait went on though nothing was expected")
		}
		w.expect(patience)
		begin := time.Now()
		if err := read(); !errors.Is(err, os.ErrDeadlineExceeded) || !silent(w.cause()) || time.Since(begin) != patience {
			t.Errorf("%v after %v, want that it took too long", err, time.Since(begin))
		}
	})
}
