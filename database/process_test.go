package database_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
)

// Tests that need a second process start this test program again, with the
// part it has to play in this variable.
const partVariable = "INVITER_TEST_PART"

func TestMain(m *testing.M) {
	if part := os.Getenv(partVariable); part != "" {
		play(part, os.Args[1])
	}
	os.Exit(m.Run())
}

// play does its part on the database in dir, says "ready" when it is under
// way, and ends with its input.
func play(part, dir string) {
	db, err := database.Open(context.Background(), databasetest.Options(dir))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	switch part {
	case "hold":
		_, _, err = db.Hold(context.Background(), "serve")
	case "write":
		if bufio.NewScanner(os.Stdin).Scan() {
			err = db.Write(context.Background(), one("INSERT INTO x (n) VALUES (1)"))
		}
	case "hog": // commits without rest
		go func() {
			for err == nil {
				err = db.WriteBulk(context.Background(), one("UPDATE x SET n = n + 1"))
			}
			fmt.Println(err)
			os.Exit(1)
		}()
	case "keep": // a writer that never comes to an end
		err = db.Write(context.Background(), func(*database.Tx) error {
			fmt.Println("writing")
			_, err := io.Copy(io.Discard, os.Stdin)
			return err
		})
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	db.Close()
	os.Exit(0)
}

// other is this program, started again.
type other struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// start starts part in a process of its own, which is killed when the test ends.
func start(t testing.TB, part, dir string) *other {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, dir)
	cmd.Env = append(os.Environ(), partVariable+"="+part)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	o := &other{t: t, cmd: cmd, in: in, out: bufio.NewScanner(out)}
	t.Cleanup(o.kill)
	return o
}

// says waits for a line of the other process.
func (o *other) says(want string) {
	o.t.Helper()
	if !o.out.Scan() || o.out.Text() != want {
		o.t.Fatalf("the other process says %q, want %q", o.out.Text(), want)
	}
}

// kill ends the other process without any warning.
func (o *other) kill() {
	if o.cmd.ProcessState == nil {
		_ = o.cmd.Process.Kill()
		_ = o.cmd.Wait()
	}
}

// within waits for a hint.
func within(t testing.TB, hints <-chan struct{}, d time.Duration) {
	t.Helper()
	select {
	case <-hints:
	case <-time.After(d):
		t.Fatalf("no hint within %s", d)
	}
}
