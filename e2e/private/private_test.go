package private_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"inviter/e2e/private"
)

// fakeT records how Missing ended a test.
type fakeT struct {
	testing.TB
	skipped, failed bool
}

func (f *fakeT) Helper()               {}
func (f *fakeT) Skipf(string, ...any)  { f.skipped = true }
func (f *fakeT) Fatalf(string, ...any) { f.failed = true }

func TestMissingSkipsOrFails(t *testing.T) {
	for value, wantFailed := range map[string]bool{"": false, "all": true} {
		t.Setenv(private.Require, value)
		f := &fakeT{TB: t}
		private.Program(f, "no-such-program-anywhere")
		if f.failed != wantFailed || f.skipped == wantFailed {
			t.Errorf("%s=%q: skipped %v, failed %v", private.Require, value, f.skipped, f.failed)
		}
	}
}

func TestProcessIsReadyAndEnds(t *testing.T) {
	t.Parallel()
	marker := filepath.Join(t.TempDir(), "ready")
	p := private.Start(t, private.Command{
		Path: private.Program(t, "sh"),
		Args: []string{"-c", `echo hello; echo > "$1"; exec sleep 600`, "sh", marker},
		Ready: func(context.Context) error {
			_, err := os.Stat(marker)
			return err
		},
	})
	if _, err := os.Stat(marker); err != nil {
		t.Error("Start returned before the program was ready")
	}
	p.Stop()
	select {
	case <-p.Ended():
	default:
		t.Error("Stop returned before the end")
	}
	if err := syscall.Kill(p.PID(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the program still runs: %v", err)
	}
	if !strings.Contains(p.Output(), "hello") {
		t.Errorf("output %q", p.Output())
	}
	p.Stop() // again does no harm
}

func TestKillEndsTheWholeGroup(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pid")
	var child int
	p := private.Start(t, private.Command{
		Path: private.Program(t, "sh"),
		Args: []string{"-c", `trap "" TERM; sleep 600 & echo $! > "$1"; wait`, "sh", file},
		Ready: func(context.Context) error {
			b, err := os.ReadFile(file)
			if err == nil {
				_, err = fmt.Sscan(string(b), &child)
			}
			return err
		},
	})
	p.Kill()
	deadline := time.Now().Add(private.Patience)
	for !gone(child) {
		if time.Now().After(deadline) {
			t.Fatal("a child outlived its group")
		}
	}
}

// gone is true also for one that ended and waits for its parent to notice.
func gone(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(b), ") Z ")
}

func greeting(t *testing.T, conn net.Conn, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func TestDovecotServesStopsAndServesAgain(t *testing.T) {
	t.Parallel()
	s := private.Dovecot(t, private.DovecotOptions{})
	conn, err := net.Dial("tcp", s.Addr)
	if line := greeting(t, conn, err); !strings.Contains(line, "IMAP4rev1") {
		t.Errorf("greeting %q", line)
	}
	s.Stop()
	if conn, err := net.Dial("tcp", s.Addr); err == nil {
		conn.Close()
		t.Error("still listening after Stop")
	}
	s.Start(t)
	conn, err = net.Dial("tcp", s.Addr)
	greeting(t, conn, err)
}

func TestDovecotWithCertificate(t *testing.T) {
	t.Parallel()
	a := private.NewAuthority(t)
	cert, key := a.Certificate(t, time.Now().Add(time.Hour))
	s := private.Dovecot(t, private.DovecotOptions{CertFile: cert, KeyFile: key, Separator: ".", Prefix: "INBOX."})
	pem, err := os.ReadFile(a.File)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	conn, err := tls.Dial("tcp", s.TLSAddr, &tls.Config{RootCAs: pool, ServerName: "localhost"})
	if line := greeting(t, conn, err); !strings.HasPrefix(line, "* OK") {
		t.Errorf("greeting %q", line)
	}
}

func BenchmarkDovecotStart(b *testing.B) {
	for b.Loop() {
		private.Dovecot(b, private.DovecotOptions{}).Stop()
	}
}

func TestSambaServesStopsAndServesAgain(t *testing.T) {
	t.Parallel()
	s := private.Samba(t, private.SambaOptions{})
	local := filepath.Join(t.TempDir(), "menu.txt")
	if err := os.WriteFile(local, []byte("soup"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.Client(t, "jane", "put "+local+" menu.txt")
	st, err := os.Stat(filepath.Join(s.Files, "menu.txt"))
	if err != nil || st.Sys().(*syscall.Stat_t).Uid == 0 {
		t.Errorf("jane's file: %v, %v", st, err)
	}
	s.Stop()
	if conn, err := net.Dial("tcp", s.Addr); err == nil {
		conn.Close()
		t.Error("still listening after Stop")
	}
	s.Start(t)
	if out := s.Client(t, "bob", "ls"); !strings.Contains(out, "menu.txt") {
		t.Errorf("listed %q", out)
	}
}
