package e2e_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"inviter/e2e/private"
)

// allNight tells whether there is time for everything.
func allNight() bool { return os.Getenv(nightly) != "" }

// TestDiesAtAnyCall lets a program that plays a script on a queue die, or its
// disk fail, at every single system call that changes a file. Whatever the
// moment: what was acknowledged is stored, nothing is stored by halves, every
// holder has his file, and the script can go on to the same end.
//
// By day each call gets one of the three ways to die, at night all three and
// the failing disks at every call.
func TestDiesAtAnyCall(t *testing.T) {
	t.Parallel()
	deaths := []string{"kill", "lost", "torn"}
	failures := []string{"eio", "eio-from", "full-from"}
	var mu sync.Mutex
	total := 0
	t.Run("scripts", func(t *testing.T) {
		for _, script := range []string{"life", "start", "backup", "restore"} {
			t.Run(script, func(t *testing.T) {
				t.Parallel()
				s := newSweep(t, script)
				var strokes []stroke
				for n := 1; n <= s.calls; n++ {
					for i, fault := range deaths {
						if allNight() || n%len(deaths) == i {
							strokes = append(strokes, stroke{fault, n})
						}
					}
					if allNight() || n%8 == 0 {
						for i, fault := range failures {
							if allNight() || n/8%len(failures) == i {
								strokes = append(strokes, stroke{fault, n})
							}
						}
					}
				}
				died := s.all(strokes)
				mu.Lock()
				defer mu.Unlock()
				total += died
			})
		}
	})
	if t.Logf("died %d times", total); total < 1000 && !t.Failed() {
		t.Errorf("died only %d times", total)
	}
}

const sideBySide = 2

// stroke is a fault at the n-th call.
type stroke struct {
	fault string
	n     int
}

// sweep plays one script again and again in a fresh folder.
type sweep struct {
	t      *testing.T
	script string
	room   string // where all folders are
	ready  string // the folder that every play begins with
	calls  int    // of an undisturbed play
	steps  int
	judges chan *judge
}

func newSweep(t *testing.T, script string) *sweep {
	t.Helper()
	s := &sweep{t: t, script: script, room: room(t), judges: make(chan *judge, sideBySide)}
	s.ready = s.fresh()
	for range sideBySide {
		s.judges <- s.newJudge()
	}
	if out, err := exec.Command(filepath.Join(bin, "crashing"), "prepare", script, s.ready).CombinedOutput(); err != nil {
		t.Fatalf("prepare: %v\n%s", err, out)
	}
	out, err := s.play(stroke{"none", 0}, s.fresh())
	if strings.Contains(out, "seccomp") {
		private.Missing(t, "a kernel with seccomp user notification: "+out)
	}
	if err != nil {
		t.Fatalf("undisturbed: %v\n%s", err, out)
	}
	s.steps = strings.Count(out, "done ")
	if _, err := fmt.Sscanf(out[strings.LastIndex(out, "calls"):], "calls %d", &s.calls); err != nil || s.calls < 20 {
		t.Fatalf("%d calls: %v\n%s", s.calls, err, out)
	}
	return s
}

// room is a folder in memory, if there is such a place: what a sync is worth is
// reckoned by the script's player, not left to the disk.
func room(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "inviter-sweep")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// fresh is a copy of the folder to begin with.
func (s *sweep) fresh() string {
	dir, err := os.MkdirTemp(s.room, "sweep")
	if err == nil && s.ready != "" {
		err = os.CopyFS(dir, os.DirFS(s.ready))
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return dir
}

func (s *sweep) play(at stroke, dir string) (string, error) {
	cmd := exec.Command(filepath.Join(bin, "crashing"), "play", s.script, at.fault, strconv.Itoa(at.n), dir)
	cmd.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1") // a call that a signal interrupts would count twice
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// all deals the strokes, some side by side, and tells how many plays died.
func (s *sweep) all(strokes []stroke) (died int) {
	var mu sync.Mutex
	work(sideBySide, len(strokes), func(i int) {
		if s.t.Failed() {
			return
		}
		if s.deal(strokes[i]) {
			mu.Lock()
			died++
			mu.Unlock()
		}
	})
	return died
}

// deal plays the script with one fault and has judged what is left.
func (s *sweep) deal(at stroke) bool {
	dir := s.fresh()
	defer os.RemoveAll(dir)
	out, err := s.play(at, dir)
	acked := strings.Count(out, "done ")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		s.t.Errorf("%s at call %d: ended by itself: %v\n%s", at.fault, at.n, err, out)
		return false
	}
	if said := s.judged(acked, dir); said != "ok" {
		s.t.Errorf("%s at call %d, %d of %d steps acknowledged: %s", at.fault, at.n, acked, s.steps, said)
	}
	return true
}

// judged asks a judge that is free.
func (s *sweep) judged(acked int, dir string) string {
	j := <-s.judges
	defer func() { s.judges <- j }()
	if _, err := fmt.Fprintf(j.in, "%d %s\n", acked, dir); err != nil {
		return err.Error()
	}
	if !j.out.Scan() {
		return fmt.Sprintf("the judge ended: %v", j.out.Err())
	}
	return j.out.Text()
}

// judge is a process that looks at folders, one after another.
type judge struct {
	in  io.Writer
	out *bufio.Scanner
}

func (s *sweep) newJudge() *judge {
	t := s.t
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, "crashing"), "check", s.script)
	cmd.Env = append(os.Environ(), "TMPDIR="+s.room)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	j := &judge{in, bufio.NewScanner(out)}
	j.out.Buffer(nil, 1<<20)
	if !j.out.Scan() || j.out.Text() != "ready" {
		t.Fatalf("the judge says %q\n%s", j.out.Text(), &errs)
	}
	return j
}
