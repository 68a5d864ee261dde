package share

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
)

// local is a folder of this machine's file system, mounted or not.
type local struct{ path string }

func (l local) close() error { return nil }

func (l local) open(_ context.Context, v visit) (tree, identity, error) {
	var id identity
	root, err := os.OpenRoot(l.path)
	if err != nil {
		return nil, id, away(l.path, err)
	}
	id, err = identify(root, l.path)
	if err == nil {
		err = unmounted(v.last, id.mark)
	}
	if err != nil {
		return nil, id, errors.Join(away(l.path, err), root.Close())
	}
	return &folderTree{root: root}, id, nil
}

// folderTree reads through os.Root, so that no name leads out of the share. It
// keeps the folder open that it was in last: most calls are about its files.
type folderTree struct {
	root  *os.Root
	here  *os.Root // the folder of the last file, and its descriptor
	dir   *os.File
	where string
}

func (f *folderTree) Close() error {
	f.leave()
	return f.root.Close()
}

// leave closes what was only read from.
func (f *folderTree) leave() {
	if f.dir != nil {
		_ = f.dir.Close()
	}
	if f.here != nil {
		_ = f.here.Close()
	}
	f.here, f.dir = nil, nil
}

// enter opens the folder of a file, unless it is open already, and returns the
// file's name in it.
func (f *folderTree) enter(file string) (string, error) {
	where, name := path.Split(file)
	if where == "" {
		where = "."
	}
	if f.dir != nil && f.where == where {
		return name, nil
	}
	f.leave()
	here, err := f.root.OpenRoot(where)
	if err != nil {
		return "", err
	}
	f.here, f.where = here, where
	f.dir, err = here.Open(".")
	return name, err
}

// listChunk bounds how many names of a folder are in memory at once.
const listChunk = 1024

// list reads names only: os.Root would look at each of them for its kind.
func (f *folderTree) list(dir string, visit func(entry) bool) error {
	d, err := f.root.OpenFile(dir, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return err
	}
	defer d.Close()
	for {
		names, err := d.Readdirnames(listChunk)
		for _, name := range names {
			if !visit(entry{name: name}) {
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func kindOf(m fs.FileMode) kind {
	switch {
	case m.IsRegular():
		return regular
	case m.IsDir():
		return folder
	}
	return other
}

func (f *folderTree) stat(name string) (look, error) {
	base, err := f.enter(name)
	if err != nil {
		return look{}, err
	}
	l, err := lookIn(f.dir, base)
	if err == nil && l.kind == folder {
		l.born = bornIn(f.dir, base)
	}
	return l, err
}

// read takes everything from one descriptor, and compares what it shows before
// and after with what the name showed: a link or pipe put in its place between
// two steps is another file, and a file being written changes.
func (f *folderTree) read(name string, limit int64) (look, []byte, error) {
	file, l, content, err := f.hold(name, os.O_RDONLY, limit)
	if file != nil {
		err = errors.Join(err, file.Close())
	}
	return l, content, err
}

// rewrite writes over what it has read, through the same descriptor. It never
// makes a file, so one that was removed meanwhile stays away.
func (f *folderTree) rewrite(name string, limit int64, judge func(look, []byte) bool, content []byte) error {
	file, l, was, err := f.hold(name, os.O_RDWR, limit)
	if file == nil {
		return err
	}
	if err == nil && !judge(l, was) {
		err = errChanged
	}
	if err == nil && !bytes.Equal(was, content) {
		err = fill(file, content)
	}
	return errors.Join(err, file.Close())
}

// fill writes first and cuts then: what a crash between leaves is the new text
// with more behind it, never nothing.
func fill(file *os.File, content []byte) error {
	if _, err := file.WriteAt(content, 0); err != nil {
		return err
	}
	return file.Truncate(int64(len(content)))
}

func (f *folderTree) home(dir string) (home, error) {
	l, err := f.stat(dir)
	return l.home(), err
}

// hold opens a plain file and reads it. The file is nil if it isn't open.
func (f *folderTree) hold(name string, flag int, limit int64) (*os.File, look, []byte, error) {
	named, err := f.stat(name)
	if err != nil {
		return nil, named, nil, err
	}
	if named.kind != regular || named.links != 1 || named.size > limit {
		return nil, named, nil, errUnfit
	}
	base, err := f.enter(name)
	if err != nil {
		return nil, named, nil, err
	}
	file, err := f.here.OpenFile(base, flag|openFlags, 0)
	if err != nil {
		if now, e := f.stat(name); e == nil && !now.same(named) {
			err = errChanged // into a link, say, that leads outside
		}
		return nil, named, nil, err
	}
	before, err := lookAt(file)
	if err != nil || !before.same(named) {
		return file, named, nil, errors.Join(err, errChanged)
	}
	content := make([]byte, before.size)
	if _, err := io.ReadFull(file, content); err != nil {
		return file, before, nil, fmt.Errorf("%w: %w", errChanged, err)
	}
	after, err := lookAt(file)
	if err != nil || !after.same(before) {
		return file, before, nil, errors.Join(err, errChanged)
	}
	return file, before, content, nil
}

func lookAt(f *os.File) (look, error) {
	i, err := f.Stat()
	if err != nil {
		return look{}, err
	}
	return lookOf(i), nil
}

// create makes files that only their owner writes; who may read them is the
// folder's business.
func (f *folderTree) create(name string, content []byte) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, f.root.Remove(name))
	}
	return nil
}

// finished can't tell who has a file open: that it holds still has to do.
func (f *folderTree) finished(name string) (look, error) { return f.stat(name) }

func (f *folderTree) self() (string, error) { return "", nil }

func (f *folderTree) mkdir(name string) error      { return f.root.Mkdir(name, 0o755) }
func (f *folderTree) rename(from, to string) error { return f.root.Rename(from, to) }
func (f *folderTree) remove(name string) error     { return f.root.Remove(name) }

// move asks the system for a rename that replaces nothing. Where there is none,
// it goes by a second name, which the system never puts over another; and where
// a file can't have two names, it reserves the new one and replaces its own
// reservation. A folder replaces nothing but an empty folder anyway.
func (f *folderTree) move(from, to string) error {
	if path.Dir(from) == path.Dir(to) {
		old, err := f.enter(from)
		if err != nil {
			return err
		}
		if err := renameOnly(f.dir, old, path.Base(to)); !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	err := f.root.Link(from, to)
	if err == nil {
		return f.root.Remove(from)
	}
	if !noLinks(err) {
		return err
	}
	l, err := f.stat(from)
	if err != nil {
		return err
	}
	if l.kind == folder {
		return taken(f.root.Rename(from, to))
	}
	if err := f.create(to, nil); err != nil {
		return err
	}
	if err := f.root.Rename(from, to); err != nil {
		return errors.Join(err, f.root.Remove(to))
	}
	return nil
}

// taken words a folder's new name being a file's as what it is.
func taken(err error) error {
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENOTEMPTY) {
		return errors.Join(fs.ErrExist, err)
	}
	return err
}

func noLinks(err error) bool {
	return errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EMLINK)
}
