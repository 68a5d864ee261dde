package share

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/cloudsoda/go-smb2"
)

// serverTree is the files of a server's share during one pass.
type serverTree struct {
	server *server
	conn   *connection
	ctx    context.Context // of the pass
	visit  visit
	gone   error // the connection was lost, and how
}

// Close leaves the connection to the next pass.
func (t *serverTree) Close() error { return nil }

// errSilent is why a request was given up.
var errSilent = errors.New("no answer")

// exchange gives up a conversation that doesn't get on.
type exchange struct {
	timer  *time.Timer
	ctx    context.Context
	within time.Duration
	beat   func()
}

// answered gives the next request its time.
func (x *exchange) answered() {
	x.beat()
	x.timer.Reset(x.within)
}

// pause is for work of our own during an exchange; answered ends it.
func (x *exchange) pause() { x.timer.Stop() }

// ask has something done on the server. A request that is not answered in time
// or given up costs the connection: the server may have a file open for it.
func (t *serverTree) ask(do func(*smb2.Share, *exchange) error) error {
	if t.gone != nil {
		return t.gone
	}
	ctx, cancel := context.WithCancelCause(t.ctx)
	defer cancel(nil)
	x := &exchange{ctx: ctx, within: t.server.within, beat: t.visit.beat}
	x.timer = time.AfterFunc(x.within, func() { cancel(t.server.silent()) })
	defer x.timer.Stop()
	err := do(t.conn.share.WithContext(ctx), x)
	switch {
	case t.ctx.Err() != nil:
		t.server.drop(t.conn)
		return t.ctx.Err()
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case err == nil || !broken(err):
		return translated(err)
	}
	t.server.drop(t.conn)
	t.gone = t.server.refusal(err)
	t.visit.lost(t.gone)
	return t.gone
}

// at is a name as the server is asked for it. What can't be a name there, or
// would lead elsewhere, is never sent.
func (t *serverTree) at(name string) (string, error) {
	if !sound(name) {
		return "", &fs.PathError{Op: "name", Path: name, Err: errName}
	}
	if name = path.Join(t.server.at.Folder, name); name == "." {
		return "", nil
	}
	return name, nil
}

// maxListed bounds how many names of one folder are listed.
const maxListed = 1 << 20

// list comes with a look at each file.
func (t *serverTree) list(dir string, visit func(entry) bool) error {
	name, err := t.at(dir)
	if err != nil {
		return err
	}
	return t.ask(func(s *smb2.Share, x *exchange) (err error) {
		d, err := s.Open(name)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.Close()) }()
		for n := 0; n < maxListed; {
			x.answered()
			found, err := d.Readdir(listChunk)
			if errors.Is(err, io.EOF) || n == 0 && code(err) == statusNoSuchFile {
				return nil
			}
			if err != nil {
				return err
			}
			x.pause()
			for _, f := range found {
				if !visit(listed(f)) {
					return nil
				}
			}
			n += len(found)
		}
		return fmt.Errorf("the folder holds over %d names: have a folder of its own for invitations", maxListed)
	})
}

// listed is an entry by its listing, which tells folders' numbers, too.
func listed(f fs.FileInfo) entry {
	e := entry{name: f.Name(), look: serverLook(f), told: true}
	if s, ok := f.Sys().(*smb2.FileStat); ok && e.look.kind == folder {
		e.look.inode.id = s.FileId
	}
	return e
}

// serverLook is a look by what every answer tells of a file. Names of one file,
// and its number, are not among that.
func serverLook(i fs.FileInfo) look {
	l := look{links: 1, size: i.Size(), changed: i.ModTime(), touched: i.ModTime(), owner: -1}
	if s, ok := i.Sys().(*smb2.FileStat); ok {
		l.touched = s.ChangeTime
		l.kind = kindOfAttributes(s.FileAttributes)
	}
	if l.kind != regular {
		l.size = 0 // of a folder, servers differ
	}
	return l
}

// Attributes of files, MS-FSCC 2.6.
const (
	attributeFolder  = 0x10
	attributeReparse = 0x400 // a link, or something else that leads elsewhere
)

func kindOfAttributes(a uint32) kind {
	switch {
	case a&attributeReparse != 0:
		return other
	case a&attributeFolder != 0:
		return folder
	}
	return regular
}

func (t *serverTree) stat(name string) (l look, err error) {
	file, err := t.at(name)
	if err != nil {
		return l, err
	}
	err = t.ask(func(s *smb2.Share, _ *exchange) error {
		i, err := s.Lstat(file)
		if err == nil {
			l = serverLook(i)
		}
		return err
	})
	return l, err
}

// openFolder looks at a folder through a handle, which tells its number too.
func openFolder(s *smb2.Share, name string) (l look, number uint64, err error) {
	d, err := s.Open(name)
	if err != nil {
		return l, 0, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	i, err := d.Stat()
	if err != nil {
		return l, 0, err
	}
	if s, ok := i.Sys().(*smb2.FileStat); ok {
		number = s.FileId
	}
	return serverLook(i), number, nil
}

// read takes everything from one handle, which others may not delete or rename
// meanwhile, and compares what it shows before and after with what the name
// showed: a link in its place would have been followed.
func (t *serverTree) read(name string, limit int64) (l look, content []byte, err error) {
	file, err := t.at(name)
	if err != nil {
		return l, nil, err
	}
	err = t.ask(func(s *smb2.Share, x *exchange) (err error) {
		h := holding{name: file, limit: limit}
		f, err := h.hold(s, os.O_RDONLY, x)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		l, content = h.look, h.content
		sid, err := ownerOf(f)
		if err != nil {
			return err
		}
		x.answered()
		l.account, err = t.conn.named(x.ctx, t.server.at.Host, sid)
		return err
	})
	if err != nil {
		return l, nil, err
	}
	return l, content, nil
}

// holding is a plain file that was read and is still open.
type holding struct {
	name    string
	limit   int64
	look    look
	content []byte
}

// hold opens a plain file and reads it. The file is open only without an error.
func (h *holding) hold(s *smb2.Share, flag int, x *exchange) (*smb2.File, error) {
	named, err := s.Lstat(h.name)
	if err != nil {
		return nil, err
	}
	if h.look = serverLook(named); h.look.kind != regular || h.look.size > h.limit {
		return nil, errUnfit
	}
	f, err := s.OpenFile(h.name, flag, 0o644)
	if err != nil {
		return nil, err
	}
	x.answered()
	if err = unchanged(f, h.look); err == nil {
		h.content, err = readAll(f, h.look.size, x)
	}
	if err == nil {
		err = unchanged(f, h.look)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func unchanged(f *smb2.File, l look) error {
	i, err := f.Stat()
	if err == nil && !serverLook(i).same(l) {
		err = errChanged
	}
	return err
}

// readChunk is how much is asked for at once.
const readChunk = 256 << 10

func readAll(f *smb2.File, size int64, x *exchange) ([]byte, error) {
	content := make([]byte, size)
	for at := int64(0); at < size; {
		n, err := f.ReadAt(content[at:min(at+readChunk, size)], at)
		if n == 0 && (err == nil || errors.Is(err, io.EOF)) {
			return nil, errChanged // cut short
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		at += int64(n)
		x.answered()
	}
	return content, nil
}

var _ tree = (*serverTree)(nil)
