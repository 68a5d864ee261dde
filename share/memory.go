package share

import (
	"hash/maphash"
	"maps"
	"path"
	"time"
)

// print stands for one look at one file: 8 bytes for each of many thousand
// files that are nothing for us. Two different looks have the same print once
// in 2^63. The lowest bit tells that the name promises an invitation.
type print uint64

// named tells a file that is asked in every pass whether it changed.
func (p print) named() bool { return p&1 == 1 }

// memory is what earlier passes learnt of the tree.
type memory struct {
	seed   maphash.Seed
	root   inode // of the share's own folder
	passes int
	dirs   map[string]*dir
	done   int // files to be left alone
}

// dir is what is known of one folder.
type dir struct {
	look    look      // when it was listed last
	since   time.Time // listed first with this look, by our clock
	firm    bool      // the look is old enough to tell of any later change
	done    map[string]print
	sights  map[string]*sight
	folders []string
	pass    int  // the last pass that came by
	warned  bool // that it can't be read was logged
	home    home // what the folder is told by
	homed   int  // the pass that asked for it
	lacking bool // a trace is away, and it has to be seen whether it stays so
}

// rhythm is how often, in passes, each known file is asked whether it changed
// although its folder doesn't tell: each time, unless there are very many.
func (m *memory) rhythm() int { return min(max(m.done/manyFiles, 1), 60) }

// manyFiles is how many known files may be asked in every pass.
const manyFiles = 2000

func (m *memory) forget() {
	*m = memory{seed: maphash.MakeSeed(), passes: m.passes, dirs: map[string]*dir{}}
}

func (m *memory) print(name string, l look) print {
	type marks struct {
		v     version
		links uint64
		at    int64
	}
	p := print(maphash.Comparable(m.seed, marks{l.version(), l.links, l.touched.UnixNano()})) &^ 1
	if inviting(name) {
		p |= 1
	}
	return p
}

// dir returns what is known of a folder, and whether it was known before. A
// folder of another inode is another folder.
func (m *memory) dir(name string, l look, pass int) (*dir, bool) {
	d := m.dirs[name]
	if d != nil && d.look.inode == l.inode {
		d.pass = pass
		return d, true
	}
	if d != nil {
		m.done -= len(d.done)
	}
	d = &dir{done: map[string]print{}, sights: map[string]*sight{}, pass: pass}
	m.dirs[name] = d
	return d, false
}

// leave keeps a file from being looked into until it changes.
func (m *memory) leave(s *sight) {
	d := m.dirs[path.Dir(s.path)]
	if d == nil {
		return
	}
	name := path.Base(s.path)
	delete(d.sights, name)
	if _, ok := d.done[name]; !ok {
		m.done++
	}
	d.done[name] = m.print(name, s.look)
}

// lose drops a file that is not there any more.
func (m *memory) lose(file string) {
	if d := m.dirs[path.Dir(file)]; d != nil {
		delete(d.sights, path.Base(file))
		m.drop(d, path.Base(file))
	}
}

func (m *memory) drop(d *dir, name string) {
	if _, ok := d.done[name]; ok {
		delete(d.done, name)
		m.done--
	}
}

// sweep drops folders that the pass did not come by.
func (m *memory) sweep(pass int) {
	maps.DeleteFunc(m.dirs, func(_ string, d *dir) bool {
		if d.pass == pass {
			return false
		}
		m.done -= len(d.done)
		return true
	})
}
