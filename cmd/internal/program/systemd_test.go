package program_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"inviter/cmd/internal/program"
)

// manager is systemd's end of the notify socket.
func manager(t *testing.T) (name string, next func() string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "sd") // socket paths are short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	name = filepath.Join(dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return name, func() string {
		line := make([]byte, 100)
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := conn.Read(line)
		if err != nil {
			t.Fatal(err)
		}
		return string(line[:n])
	}
}

func TestSystemd(t *testing.T) {
	name, next := manager(t)
	t.Setenv("NOTIFY_SOCKET", name)
	t.Setenv("WATCHDOG_USEC", "2000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	s := program.NewSystemd()
	s.Ready()
	if got := next(); got != "READY=1" {
		t.Errorf("told %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var asked atomic.Int32
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Watchdog(ctx, func(context.Context) bool { return asked.Add(1) > 1 }) // unwell at first
	}()
	if got := next(); got != "WATCHDOG=1" || asked.Load() < 2 {
		t.Errorf("told %q after %d looks", got, asked.Load())
	}
	cancel()
	<-done
	s.Stopping()
	for got := next(); got != "STOPPING=1"; got = next() {
		if got != "WATCHDOG=1" {
			t.Fatalf("told %q", got)
		}
	}
}

func TestNoSystemd(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	t.Setenv("WATCHDOG_USEC", "2000")
	t.Setenv("WATCHDOG_PID", "1") // somebody else's
	s := program.NewSystemd()
	s.Ready()
	s.Watchdog(t.Context(), func(context.Context) bool { t.Error("asked"); return true })
	t.Setenv("NOTIFY_SOCKET", "/nowhere/at/all")
	program.NewSystemd().Stopping()
}
