package share

import (
	"context"
	"path"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
	"inviter/ticket"
)

// Probe sits between a share and its files: it counts the calls, and Fault, if
// set, may answer or hold up each of them. op is a method's name of tree, or
// "open" for the place.
type Probe struct {
	Fault  func(op, name string) error
	Remote bool // make the share look like one of another machine
	Tells  bool // listing tells the files' looks
	Folds  bool // names that differ by case alone are one name

	mu    sync.Mutex
	calls map[string]int
	lost  func(error)
}

// Lose takes the place away from the pass that is under way.
func (p *Probe) Lose(err error) { p.lost(err) }

// ErrBusy is what a file answers that somebody else has open.
var ErrBusy = errBusy

// Calls counts the calls of one method.
func (p *Probe) Calls(op string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[op]
}

func (p *Probe) note(op, name string) error {
	p.mu.Lock()
	if p.calls == nil {
		p.calls = map[string]int{}
	}
	p.calls[op]++
	f := p.Fault
	p.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(op, name)
}

// Set changes Fault while the share is in use.
func (p *Probe) Set(f func(op, name string) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Fault = f
}

// OpenProbed is Open with a probe in between.
func OpenProbed(o Options, l ticket.Ledger, p *Probe) *Share {
	s := Open(o, l)
	s.place = probedPlace{s.place, p}
	return s
}

type probedPlace struct {
	place
	probe *Probe
}

func (p probedPlace) open(ctx context.Context, v visit) (tree, identity, error) {
	if err := p.probe.note("open", ""); err != nil {
		return nil, identity{}, away("probed", err)
	}
	p.probe.lost = v.lost
	t, id, err := p.place.open(ctx, v)
	if err != nil {
		return nil, id, err
	}
	if p.probe.Remote {
		id.kind, id.events, id.owners, id.moved, id.ours = "cifs", false, false, false, false
	}
	id.folds = p.probe.Folds
	return probedTree{t, p.probe}, id, nil
}

type probedTree struct {
	tree
	probe *Probe
}

func (t probedTree) list(dir string, visit func(entry) bool) error {
	if err := t.probe.note("list", dir); err != nil {
		return err
	}
	return t.tree.list(dir, func(e entry) bool {
		if l, err := t.tree.stat(path.Join(dir, e.name)); t.probe.Tells && err == nil {
			e.look, e.told = l, true
		}
		return visit(e)
	})
}

func (t probedTree) stat(name string) (look, error) {
	if err := t.probe.note("stat", name); err != nil {
		return look{}, err
	}
	return t.tree.stat(name)
}

func (t probedTree) read(name string, limit int64) (look, []byte, error) {
	if err := t.probe.note("read", name); err != nil {
		return look{}, nil, err
	}
	return t.tree.read(name, limit)
}

func (t probedTree) finished(name string) (look, error) {
	if err := t.probe.note("finished", name); err != nil {
		return look{}, err
	}
	return t.tree.finished(name)
}

func (t probedTree) self() (string, error) {
	if err := t.probe.note("self", ""); err != nil {
		return "", err
	}
	return t.tree.self()
}

func (t probedTree) mkdir(name string) error {
	if err := t.probe.note("mkdir", name); err != nil {
		return err
	}
	return t.tree.mkdir(name)
}

func (t probedTree) create(name string, content []byte) error {
	if err := t.probe.note("create", name); err != nil {
		return err
	}
	return t.tree.create(name, content)
}

func (t probedTree) rewrite(name string, limit int64, judge func(look, []byte) bool, content []byte) error {
	if err := t.probe.note("rewrite", name); err != nil {
		return err
	}
	return t.tree.rewrite(name, limit, judge, content)
}

func (t probedTree) rename(from, to string) error {
	if err := t.probe.note("rename", from); err != nil {
		return err
	}
	return t.tree.rename(from, to)
}

func (t probedTree) move(from, to string) error {
	if err := t.probe.note("move", to); err != nil {
		return err
	}
	return t.tree.move(from, to)
}

func (t probedTree) remove(name string) error {
	if err := t.probe.note("remove", name); err != nil {
		return err
	}
	return t.tree.remove(name)
}

// Hurry shortens how long the server of a share may think.
func Hurry(s *Share, d time.Duration) {
	p := s.place
	if probed, ok := p.(probedPlace); ok {
		p = probed.place
	}
	p.(*server).within = d
}

// For the tests of what servers say.
var (
	Sound   = sound
	Nobodys = nobodys
	GuestIn = guestIn
)

// OwnerIn is the owner in a security descriptor, as people write it.
func OwnerIn(descriptor []byte) (string, error) {
	sid, err := ownerIn(descriptor)
	return sidText(sid), err
}

// Unmounted tells whether two marks show that a mount is gone.
func Unmounted(lastPath, lastMount, path, mount string) error {
	return unmounted(markOf(lastPath, lastMount), markOf(path, mount))
}

// For the tests of names.
var (
	Ignored    = ignored
	Shown      = shown
	Numbered   = numbered
	Suffixed   = suffixed
	AsideName  = asideName
	SetAsideAs = setAsideAs
)

// Written tells whether an event said that the file was written to.
func Written(s *Share, file string) bool {
	s.hints.mu.Lock()
	defer s.hints.mu.Unlock()
	whole, named := s.hints.events[file]
	return named && !whole
}

// Overflow tells a share that the system has dropped events.
func Overflow(s *Share) {
	s.hints.mu.Lock()
	w := s.hints.watcher
	s.hints.mu.Unlock()
	w.Errors <- fsnotify.ErrEventOverflow
}

// Watches counts the folders whose events are asked for.
func Watches(s *Share) int {
	s.hints.mu.Lock()
	defer s.hints.mu.Unlock()
	return len(s.hints.watched)
}
