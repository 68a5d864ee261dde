package private

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Command says what to start, and how to tell that it is ready.
type Command struct {
	Path string
	Args []string
	Dir  string
	Env  []string            // nil for the test's own
	User *syscall.Credential // to run as; nil for the test's own
	End  syscall.Signal      // asks it to end; SIGTERM if 0
	// Ready answers nil once the program serves. It is asked again and again
	// until Patience runs out. nil means ready at once.
	Ready func(ctx context.Context) error
}

// Process is one program that Start started.
type Process struct {
	name  string
	pid   int
	last  syscall.Signal // asks it to end
	out   tail
	ended chan struct{}
	err   error // of Wait; read after ended
}

// Start runs the program until the test ends, and returns when it is ready.
// It leads a process group of its own, which is ended as a whole.
func Start(t testing.TB, c Command) *Process {
	t.Helper()
	p := &Process{name: c.Path, last: cmp.Or(c.End, syscall.SIGTERM), ended: make(chan struct{})}
	started := make(chan error, 1)
	go p.run(c, started)
	if err := <-started; err != nil {
		t.Fatalf("start %s: %v", c.Path, err)
	}
	t.Cleanup(p.Stop)
	if c.Ready == nil {
		return p
	}
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	if err := p.await(ctx, c.Ready); err != nil {
		t.Fatalf("%s is not ready: %v\n%s", c.Path, err, p.Output())
	}
	return p
}

// run stays on one thread from start to end: the kernel ends the program with
// the thread that started it, so that none outlives a test that was killed.
func (p *Process) run(c Command, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	cmd.Stdout, cmd.Stderr = &p.out, &p.out
	cmd.WaitDelay = 200 * time.Millisecond // its children may hold on to these
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: p.last, Credential: c.User}
	err := cmd.Start()
	if err == nil {
		p.pid = cmd.Process.Pid
	}
	started <- err
	if err == nil {
		p.err = cmd.Wait()
		p.sweep()
		close(p.ended)
	}
}

// sweep ends what the program left behind in its group: Dovecot goes before
// those who serve its clients, and these take ten seconds to notice.
func (p *Process) sweep() {
	if err := syscall.Kill(-p.pid, syscall.SIGTERM); err != nil {
		return
	}
	time.Sleep(50 * time.Millisecond)
	_ = syscall.Kill(-p.pid, syscall.SIGKILL)
}

func (p *Process) await(ctx context.Context, ready func(context.Context) error) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.ended:
			return fmt.Errorf("it ended: %w", errors.Join(p.err, err))
		case <-ctx.Done():
			return err
		}
	}
}

// PID is the program's process number.
func (p *Process) PID() int { return p.pid }

// Ended is closed when the program has ended, for whatever reason.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Output is the end of what the program printed.
func (p *Process) Output() string { return p.out.String() }

// Stop asks the program to end, and waits until it has. Only the first of its
// processes is asked: servers that have more end those in their own order.
// What doesn't listen within Patience is killed.
func (p *Process) Stop() { p.end(p.pid, p.last) }

// Kill ends the program in the middle of whatever it does, as a crash would.
func (p *Process) Kill() { p.end(-p.pid, syscall.SIGKILL) }

// Pause stops the program without ending it, as a host that hangs would;
// Resume lets it go on.
func (p *Process) Pause() { p.signal(-p.pid, syscall.SIGSTOP) }

// Resume ends a Pause.
func (p *Process) Resume() { p.signal(-p.pid, syscall.SIGCONT) }

func (p *Process) end(whom int, s syscall.Signal) {
	p.signal(whom, s)
	p.signal(-p.pid, syscall.SIGCONT)
	timer := time.NewTimer(Patience)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
		p.signal(-p.pid, syscall.SIGKILL)
		<-p.ended
	}
}

// signal reaches one process, or with a negative number a whole group, and
// nobody once the program has ended: its number may be another's by then.
func (p *Process) signal(whom int, s syscall.Signal) {
	select {
	case <-p.ended:
	default:
		_ = syscall.Kill(whom, s)
	}
}

// tail keeps the last 64 KiB written to it.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if over := t.buf.Len() + len(b) - 64<<10; over > 0 {
		t.buf.Next(over)
	}
	return t.buf.Write(b)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}

// Code is the program's exit status, -1 if a signal ended it. It waits for the end.
func (p *Process) Code() int {
	<-p.ended
	var exit *exec.ExitError
	switch {
	case p.err == nil:
		return 0
	case errors.As(p.err, &exit):
		return exit.ExitCode()
	}
	return -1
}
