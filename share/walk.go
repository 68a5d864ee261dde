package share

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"time"

	"inviter/ticket"
)

// maxDepth bounds how deep folders are followed.
const maxDepth = 20

// firmAfter is how long a folder's time must stand still before it is believed
// that nothing in the folder can change without moving it: longer than any
// file system's clock ticks.
const firmAfter = 3 * time.Second

// walk looks at a folder and all below it. Only the share's own folder being
// unreadable is an error; another one is left out, and said to be.
func (p *pass) walk(ctx context.Context, name string, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d, err := p.enter(ctx, name)
	if err != nil {
		if name == "." {
			return away(p.options.Path, err)
		}
		p.leaveOut(name, err)
		return nil
	}
	if depth == maxDepth {
		return nil
	}
	for _, sub := range d.folders {
		if err := p.walk(ctx, path.Join(name, sub), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// enter looks at one folder's files. Events are asked for before it is listed,
// so that nothing falls in between.
func (p *pass) enter(ctx context.Context, name string) (*dir, error) {
	l, err := p.stat(name)
	if err != nil {
		return nil, err
	}
	if l.kind != folder {
		return nil, fs.ErrNotExist
	}
	if p.id.events {
		p.hints.watch(name, l.inode)
	}
	if name == "." {
		p.twice(p.id.root.id, l)
	}
	d, known := p.memory.dir(name, l, p.number)
	if known && p.id.moved && d.firm && d.look.same(l) && len(d.sights) == 0 && !d.lacking && !p.deep {
		return d, nil
	}
	if !known || !d.look.same(l) {
		d.look, d.since, d.firm = l, p.now, false
	}
	if err := p.survey(ctx, name, d); err != nil {
		d.firm = false
		return nil, err
	}
	d.firm = p.now.Sub(d.since) >= firmAfter
	return d, nil
}

// leaveOut passes over a folder that can't be read. It may be somebody's own;
// it counts as pending, and what is known of it stays.
func (p *pass) leaveOut(name string, err error) {
	p.traces.unsettle(nil)
	if !transient(err) {
		return
	}
	p.count.Pending++
	d := p.memory.dirs[name]
	if d == nil {
		d, _ = p.memory.dir(name, look{}, p.number)
	}
	d.pass, d.folders = p.number, nil
	if !d.warned {
		d.warned = true
		p.log.Warn("folder left out", "folder", shown(name), "error", err.Error(), "advice", "give the watcher read permission, or ignore this")
	}
}

// survey lists a folder and notices each of its files that may be new.
func (p *pass) survey(ctx context.Context, name string, d *dir) error {
	d.folders = d.folders[:0]
	var asides []string
	var failed error
	met, listed := 0, 0
	err := p.list(name, func(e entry) bool {
		file := e.name
		if listed++; listed%eventsEvery == 0 {
			if failed = p.attend(ctx); failed != nil {
				return false
			}
		}
		if st := p.traces.in[name][file]; st != nil {
			st.met = p.number
		}
		mark, done := d.done[file]
		switch {
		case done:
			if met++; e.told && mark == p.memory.print(file, e.look) {
				return true
			}
			if p.deep || mark.named() || e.told {
				p.meet(name, d, e)
			}
		case setAsideAs(file) != "":
			asides = append(asides, file)
		case p.unclosed && p.orphaned(name, file):
			p.orphans = append(p.orphans, path.Join(name, file))
		default:
			p.meet(name, d, e)
		}
		return true
	})
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	for _, file := range asides {
		p.recover(d, path.Join(name, file))
	}
	p.muster(name, d)
	return p.clear(name, d, met)
}

// eventsEvery is how many names of a large folder are listed before the files
// that events name get their turn.
const eventsEvery = 512

// attend looks at what events named meanwhile.
func (p *pass) attend(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !p.hints.any() {
		return nil
	}
	return p.urgent(ctx)
}

// meet looks at one name in a folder.
func (p *pass) meet(dir string, d *dir, e entry) {
	if p.skipped(dir, e.name) {
		return
	}
	file, l, err := path.Join(dir, e.name), e.look, error(nil)
	if !e.told { // and has no number: a local tree follows no links
		l, err = p.stat(file)
	}
	if p.consider(d, file, l, err) == folder && !p.twice(l.inode.id, l) {
		d.folders = append(d.folders, e.name)
	}
}

// met is a folder by its number and time: numbers alone are used again on each
// of a server's file systems.
type met struct {
	number uint64
	time   int64
}

// twice tells a folder that the pass has come by before: a server that follows
// links itself shows loops as folders. Without a number there are none.
func (p *pass) twice(number uint64, l look) bool {
	m := met{number, l.changed.UnixNano()}
	known := number != 0 && p.met[m]
	p.met[m] = true
	return known
}

// skipped tells names that are ours or nobody's.
func (p *pass) skipped(dir, name string) bool {
	ours := name == refusedFolder || p.id.folds && strings.EqualFold(name, refusedFolder)
	return ignored(name) || dir == "." && ours
}

// notice looks at one file from outside, and enlists it if it is due.
func (p *pass) notice(d *dir, file string) {
	l, err := p.stat(file)
	p.consider(d, file, l, err)
}

// consider takes in a look at a file, and enlists it if it is due. It returns
// what the name stands for.
func (p *pass) consider(d *dir, file string, l look, err error) kind {
	name := path.Base(file)
	if errors.Is(err, ticket.ErrGone) {
		return other // no fault of the file's
	}
	if errors.Is(err, fs.ErrNotExist) || err == nil && l.kind != regular {
		p.memory.lose(file)
		return l.kind
	}
	mark, done := d.done[name]
	if err == nil && done && mark == p.memory.print(name, l) {
		return regular
	}
	s := d.sights[name]
	if s == nil {
		s = &sight{path: file, before: done}
		d.sights[name] = s
		p.memory.drop(d, name)
	}
	s.pass = p.number
	if err == nil {
		s.update(l, p.now)
		s.arrived = s.arrived || p.named[file]
		p.enlist(s)
	}
	return regular
}

// enlist puts a file on the list of this pass if there is something to do.
func (p *pass) enlist(s *sight) {
	ready := s.settled(p.now, p.options.Settle) || s.arrived || s.leaving != nil
	if ready && !p.now.Before(s.again) && s.listed != p.number {
		s.listed = p.number
		p.due = append(p.due, s)
	}
}

// clear forgets files that are not in the folder any more: met counts the
// known ones that are. Only if some are missing is it worth finding out which.
func (p *pass) clear(name string, d *dir, met int) error {
	for file, s := range d.sights {
		if s.pass != p.number {
			delete(d.sights, file)
		}
	}
	if met >= len(d.done) {
		return nil
	}
	there := make(map[string]bool, len(d.done))
	err := p.list(name, func(e entry) bool { there[e.name] = true; return true })
	if err != nil {
		return err
	}
	for file := range d.done {
		if !there[file] {
			p.memory.drop(d, file)
		}
	}
	return nil
}
