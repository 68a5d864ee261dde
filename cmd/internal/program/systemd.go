package program

import (
	"context"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Systemd tells systemd how we are, where it started us and wants to know
// (sd_notify(3): datagrams to the socket in NOTIFY_SOCKET). Elsewhere it does
// nothing.
type Systemd struct {
	socket string
	beat   time.Duration
}

// NewSystemd reads what systemd put into the environment.
func NewSystemd() Systemd {
	s := Systemd{socket: os.Getenv("NOTIFY_SOCKET")}
	usec, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	pid := os.Getenv("WATCHDOG_PID")
	if err == nil && usec > 0 && (pid == "" || pid == strconv.Itoa(os.Getpid())) {
		s.beat = time.Duration(usec) * time.Microsecond / 2
	}
	return s
}

// Ready says that we serve.
func (s Systemd) Ready() { s.tell("READY=1") }

// Stopping says that we are about to end.
func (s Systemd) Stopping() { s.tell("STOPPING=1") }

// Watchdog says that we are alive, as often as systemd wants it and as long as
// well says so, until ctx ends.
func (s Systemd) Watchdog(ctx context.Context, well func(context.Context) bool) {
	if s.beat <= 0 {
		return
	}
	ticks := time.NewTicker(s.beat)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		look, cancel := context.WithTimeout(ctx, s.beat)
		if well(look) {
			s.tell("WATCHDOG=1")
		}
		cancel()
	}
}

// tell sends one line. That nobody listens is nothing that we could mend.
func (s Systemd) tell(line string) {
	if s.socket == "" {
		return
	}
	name := s.socket
	if rest, abstract := strings.CutPrefix(name, "@"); abstract {
		name = "\x00" + rest
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(line))
}
