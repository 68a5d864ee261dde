package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress is a bar on a terminal for work of many steps. A nil one draws
// nothing. It appears once the work takes longer than a moment, and is wiped
// before a line of the work's own goes to the same terminal.
type progress struct {
	out   io.Writer
	total int
	mixed bool // the work's own lines go to a terminal too
	clock func() time.Time

	done  int
	next  time.Time // when to draw again; zero before the first step
	shown bool
}

const (
	barWidth = 30
	barAfter = 500 * time.Millisecond
	barEvery = 100 * time.Millisecond
)

// terminal tells whether w is one: a character device, and not the one that
// swallows everything.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	stat, err := f.Stat()
	if err != nil || stat.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(stat, null)
}

// line makes room for a line of the work's own.
func (p *progress) line() {
	if p != nil && p.mixed && p.shown {
		p.wipe()
	}
}

// step counts one more.
func (p *progress) step() {
	if p == nil {
		return
	}
	p.done++
	now := p.clock()
	if p.next.IsZero() {
		p.next = now.Add(barAfter)
	}
	if now.Before(p.next) {
		return
	}
	p.next, p.shown = now.Add(barEvery), true
	full := barWidth * min(p.done, p.total) / max(p.total, 1)
	fmt.Fprintf(p.out, "\r[%s%s] %d of %d\x1b[K", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), p.done, max(p.done, p.total))
}

// end takes the bar away.
func (p *progress) end() {
	if p != nil && p.shown {
		p.wipe()
	}
}

func (p *progress) wipe() {
	fmt.Fprint(p.out, "\r\x1b[K")
	p.shown = false
}
