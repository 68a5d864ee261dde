// Package programtest runs the programs' commands inside a test, without a
// process of their own.
package programtest

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// Patience bounds every wait of a test.
const Patience = time.Minute

// Program is a program's run function.
type Program func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int

// Result is what a command that ended said.
type Result struct {
	Code     int
	Out, Err string
}

// Do runs a command to its end.
func (p Program) Do(t *testing.T, args ...string) Result {
	t.Helper()
	return p.Start(t, args...).Wait(t)
}

// Must runs a command that has to succeed, and returns its standard output.
func (p Program) Must(t *testing.T, args ...string) string {
	t.Helper()
	r := p.Do(t, args...)
	if r.Code != 0 {
		t.Fatalf("%v: exit %d\n%s%s", args, r.Code, r.Out, r.Err)
	}
	return r.Out
}

// Running is a command that has not ended yet.
type Running struct {
	Out, Err *Paper
	end      context.CancelFunc
	code     chan int
}

// Start starts a command. It is ended with the test at the latest.
func (p Program) Start(t *testing.T, args ...string) *Running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &Running{Out: newPaper(), Err: newPaper(), end: cancel, code: make(chan int, 1)}
	go func() { r.code <- p(ctx, args, strings.NewReader(""), r.Out, r.Err) }()
	t.Cleanup(func() {
		if cancel(); len(r.code) == 0 {
			r.code <- <-r.code // still there for whoever waits
		}
	})
	return r
}

// Stop ends a command as SIGTERM does, and waits for it.
func (r *Running) Stop(t *testing.T) Result {
	t.Helper()
	r.end()
	return r.Wait(t)
}

// Wait waits for a command's end.
func (r *Running) Wait(t *testing.T) Result {
	t.Helper()
	select {
	case code := <-r.code:
		r.code <- code
		return Result{code, r.Out.String(), r.Err.String()}
	case <-time.After(Patience):
		t.Fatalf("did not end\n%s%s", r.Out, r.Err)
		return Result{}
	}
}

// Paper is what a program writes to; tests may read and wait meanwhile.
type Paper struct {
	mu    sync.Mutex
	text  strings.Builder
	added chan struct{} // closed and replaced at every write
}

func newPaper() *Paper { return &Paper{added: make(chan struct{})} }

// Write adds to the text.
func (p *Paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.added)
	p.added = make(chan struct{})
	return p.text.Write(b)
}

// String is the text so far.
func (p *Paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// Await waits until before stands in the text, and returns the word after it.
func (p *Paper) Await(t *testing.T, before string) string {
	t.Helper()
	late := time.After(Patience)
	for {
		p.mu.Lock()
		text, added := p.text.String(), p.added
		p.mu.Unlock()
		if _, rest, found := strings.Cut(text, before); found && strings.ContainsAny(rest, " \n") {
			return rest[:strings.IndexAny(rest, " \n")]
		}
		select {
		case <-added:
		case <-late:
			t.Fatalf("no %q in %q", before, text)
		}
	}
}

// Until asks again and again until ok, or until the test's patience ends.
func Until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for late := time.After(Patience); !ok(); {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("not within %v: %s", Patience, what)
		}
	}
}
