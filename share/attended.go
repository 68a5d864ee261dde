package share

import (
	"sync/atomic"
	"time"
)

// pulse shows from outside whether a pass sits in a system call, and since
// when. This is real time: a hung mount is not a matter of business.
type pulse struct {
	start time.Time // beats count from here
	calls atomic.Int32
	beat  atomic.Int64
}

// begin notes the start of a system call, and end its end.
func (p *pulse) begin() {
	p.alive()
	p.calls.Add(1)
}

func (p *pulse) end() {
	p.calls.Add(-1)
	p.alive()
}

// alive notes that a call is getting on.
func (p *pulse) alive() { p.beat.Store(int64(time.Since(p.start))) }

func (p *pulse) stopped() bool {
	return p.calls.Load() > 0 && time.Since(p.start)-time.Duration(p.beat.Load()) > Patience
}

// attended is a tree whose every call shows in the pulse.
type attended struct {
	tree
	pulse *pulse
}

func (a attended) list(dir string, visit func(entry) bool) error {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.list(dir, visit)
}

func (a attended) stat(name string) (look, error) {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.stat(name)
}

func (a attended) home(dir string) (home, error) {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.home(dir)
}

func (a attended) read(name string, limit int64) (look, []byte, error) {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.read(name, limit)
}

func (a attended) finished(name string) (look, error) {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.finished(name)
}

func (a attended) self() (string, error) {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.self()
}

func (a attended) create(name string, content []byte) error {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.create(name, content)
}

func (a attended) rewrite(name string, limit int64, judge func(look, []byte) bool, content []byte) error {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.rewrite(name, limit, judge, content)
}

func (a attended) mkdir(name string) error {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.mkdir(name)
}

func (a attended) rename(from, to string) error {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.rename(from, to)
}

func (a attended) move(from, to string) error {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.move(from, to)
}

func (a attended) remove(name string) error {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.remove(name)
}

func (a attended) Close() error {
	a.pulse.begin()
	defer a.pulse.end()
	return a.tree.Close()
}
