package private

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// echo is a server that says everything back, with a farewell.
func echo(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for in := bufio.NewReader(c); ; {
					said, err := in.ReadString('\n')
					if _, e := io.WriteString(c, said); err != nil || e != nil || said == "bye\n" {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

// talk says a line and wants it back.
func talk(t *testing.T, addr, said string) (took time.Duration) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	start := time.Now()
	if _, err := io.WriteString(c, said+"bye\n"); err != nil {
		t.Fatal(err)
	}
	back, err := io.ReadAll(c) // all of it comes, though the server closes behind it
	if err != nil || string(back) != said+"bye\n" {
		t.Fatalf("%d of %d bytes came back, %v", len(back), len(said)+4, err)
	}
	return time.Since(start)
}

// A relay counts what passes: bytes both ways, lines from the client.
func TestRelayCounts(t *testing.T) {
	t.Parallel()
	r := NewRelay(t, echo(t))
	for range 2 {
		talk(t, r.Addr, "one\ntwo\n")
	}
	if bytes, asked := r.Bytes.Load(), r.Asked.Load(); bytes != 2*2*12 || asked != 2*3 {
		t.Errorf("%d bytes, %d lines", bytes, asked)
	}
}

// On a line nothing arrives before its time, and all of it does; it counts too.
func TestLineTakesItsTime(t *testing.T) {
	t.Parallel()
	const delay = 20 * time.Millisecond
	server := echo(t)
	slow := NewLine(t, server, 1_000_000, delay)
	said := strings.Repeat("x", 99_995) + "\n"
	if took := talk(t, slow.Addr, said); took < 2*delay+100*time.Millisecond { // each way begins while the other goes on
		t.Errorf("took %v", took)
	}
	if bytes, asked := slow.Bytes.Load(), slow.Asked.Load(); bytes != 2*100_000 || asked != 2 {
		t.Errorf("%d bytes, %d lines", bytes, asked)
	}
}
