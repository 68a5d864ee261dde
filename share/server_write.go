package share

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"

	"github.com/cloudsoda/go-smb2"
)

// finished gives a file its own name. A server refuses that as long as anybody
// else has the file open, for reading too. Whom it doesn't let rename the file,
// it doesn't tell.
func (t *serverTree) finished(name string) (l look, err error) {
	file, err := t.at(name)
	if err != nil {
		return l, err
	}
	err = t.ask(func(s *smb2.Share, x *exchange) error {
		if err := s.Rename(file, file); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
		x.answered()
		i, err := s.Lstat(file)
		if err == nil {
			l = serverLook(i)
		}
		return err
	})
	return l, err
}

func (t *serverTree) create(name string, content []byte) error {
	file, err := t.at(name)
	if err != nil {
		return err
	}
	return t.ask(func(s *smb2.Share, x *exchange) error { return createOn(s, file, content, x) })
}

func createOn(s *smb2.Share, file string, content []byte, x *exchange) error {
	f, err := s.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	x.answered()
	_, err = f.Write(content)
	x.answered()
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, s.Remove(file))
	}
	return nil
}

// rewrite writes over what it has read, through the same handle. Nobody can
// remove the file or rename another one over it meanwhile.
func (t *serverTree) rewrite(name string, limit int64, judge func(look, []byte) bool, content []byte) error {
	file, err := t.at(name)
	if err != nil {
		return err
	}
	return t.ask(func(s *smb2.Share, x *exchange) (err error) {
		h := holding{name: file, limit: limit}
		f, err := h.hold(s, os.O_RDWR, x)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		if !judge(h.look, h.content) {
			return errChanged
		}
		if bytes.Equal(h.content, content) {
			return nil
		}
		if _, err := f.WriteAt(content, 0); err != nil {
			return err
		}
		x.answered()
		return f.Truncate(int64(len(content)))
	})
}

func (t *serverTree) mkdir(name string) error {
	dir, err := t.at(name)
	if err != nil {
		return err
	}
	return t.ask(func(s *smb2.Share, _ *exchange) error { return s.Mkdir(dir, 0o755) })
}

// rename would replace what has the new name without a word: hence its promise
// that nobody can.
func (t *serverTree) rename(from, to string) error {
	old, err := t.at(from)
	if err != nil {
		return err
	}
	file, err := t.at(to)
	if err != nil {
		return err
	}
	return t.ask(func(s *smb2.Share, _ *exchange) error { return s.Rename(old, file) })
}

// move reserves the new name by an empty file, which only one can make, and
// replaces that. While somebody has the reservation open, to put something of
// his own there, the server refuses the replacement.
func (t *serverTree) move(from, to string) error {
	l, err := t.stat(from)
	if err != nil {
		return err
	}
	if l.kind == folder {
		if _, err := t.stat(to); !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(fs.ErrExist, err)
		}
		return t.rename(from, to)
	}
	if err := t.create(to, nil); err != nil {
		return err
	}
	if err := t.rename(from, to); err != nil {
		if l, e := t.stat(to); e == nil && l.size == 0 {
			return errors.Join(err, t.remove(to))
		}
		return err
	}
	return nil
}

func (t *serverTree) remove(name string) error {
	file, err := t.at(name)
	if err != nil {
		return err
	}
	return t.ask(func(s *smb2.Share, _ *exchange) error { return s.Remove(file) })
}

// self makes a file to see whom it belongs to, once a connection.
func (t *serverTree) self() (account string, err error) {
	if t.conn.self != "" {
		return t.conn.self, nil
	}
	file, err := t.at(asidePrefix + "check-" + rand.Text())
	if err != nil {
		return "", err
	}
	err = t.ask(func(s *smb2.Share, x *exchange) error {
		if err := createOn(s, file, nil, x); err != nil {
			return err
		}
		f, err := s.OpenFile(file, os.O_RDONLY, 0)
		if err == nil {
			var sid []byte
			sid, err = ownerOf(f)
			account, err = sidText(sid), errors.Join(err, f.Close())
		}
		return errors.Join(err, s.Remove(file))
	})
	t.conn.self = account
	return account, err
}
