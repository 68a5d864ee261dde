//go:build linux

// Command crashing plays a script on a queue and dies, or has the disk fail, at
// a chosen system call; and it judges what is left then. Tests start it.
//
//	crashing prepare SCRIPT DIR        makes the folder that SCRIPT is played in
//	crashing play SCRIPT FAULT N DIR   plays; acknowledges each step with a line
//	crashing check SCRIPT              reads lines "ACKNOWLEDGED DIR", answers "ok" or what is wrong
//
// Faults happen at the n-th call of the whole process that changes a file:
// kill (what was written stays), lost (what was not synced is gone), torn (each
// sector of it by chance), eio and eio-from (the call, or all from it on, fail;
// then the power is cut), full-from (writes fail, as on a full disk; then the
// same).
package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Println("fault", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 5 && args[0] == "play":
		n, err := strconv.ParseInt(args[3], 10, 64)
		if err != nil {
			return err
		}
		return play(ctx, args[1], fault{kind: args[2], at: n}, args[4])
	case len(args) == 3 && args[0] == "prepare":
		if prepare := scripts()[args[1]].prepare; prepare != nil {
			return prepare(ctx, args[2])
		}
		return nil
	case len(args) == 2 && args[0] == "check":
		return check(ctx, args[1])
	}
	return fmt.Errorf("usage: play SCRIPT FAULT N DIR, or check SCRIPT")
}

// fault is what happens at which call.
type fault struct {
	kind string
	at   int64
}

// strike is what the call is answered with; it doesn't return where this
// process is to die.
func (f fault) strike(d *disk, c call) syscall.Errno {
	fails := syscall.Errno(0)
	switch {
	case f.kind == "kill" && c.n == f.at:
		die()
	case f.kind == "lost" && c.n == f.at, f.kind == "torn" && c.n == f.at:
		d.cut(f.kind == "torn")
		die()
	case f.kind == "eio" && c.n == f.at, f.kind == "eio-from" && c.n >= f.at:
		fails = syscall.EIO
	case f.kind == "full-from" && c.n >= f.at && c.nr == unix.SYS_PWRITE64:
		fails = syscall.ENOSPC
	}
	d.note(c, fails)
	return fails
}

// afterwards tells that the power is cut at the end.
func (f fault) afterwards() bool { return f.kind != "none" }

func play(ctx context.Context, script string, f fault, dir string) error {
	d := &disk{files: map[uint64]*file{}, rand: rand.New(rand.NewPCG(uint64(f.at), 1))}
	n, err := watch(func(c call) syscall.Errno { return f.strike(d, c) })
	if err != nil {
		return err
	}
	say := func(i int) { fmt.Println("done", i) }
	err = scripts()[script].play(ctx, dir, say)
	fmt.Println("calls", n.Load())
	if f.afterwards() {
		d.cut(false)
		die()
	}
	return err
}

func check(ctx context.Context, name string) error {
	s := scripts()[name]
	judge, err := s.judge(ctx)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		acked, dir, _ := strings.Cut(in.Text(), " ")
		n, err := strconv.Atoi(acked)
		if err == nil {
			err = judge(dir, n)
		}
		if err != nil {
			fmt.Printf("%q\n", err.Error())
			continue
		}
		fmt.Println("ok")
	}
	return nil
}
