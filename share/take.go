package share

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"syscall"
)

// release lets a file go whose deliveries are durable. It is true once the
// file has left, was replaced by another one, or may stay for good.
func (p *pass) release(s *sight) bool {
	l := s.leaving
	if l.fate == blocked {
		s.refused = true
		return true
	}
	if l.fate == stays || p.options.Mode == Read {
		if p.answering() && len(l.tickets) > 0 {
			p.stand(s.path, l)
		}
		p.memory.leave(s)
		return true
	}
	err := p.depart(s)
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errAstray):
		p.memory.lose(s.path)
		return true
	case errors.Is(err, errAstray):
		p.log.Warn("receipt not put in its place", "file", shown(s.path), "error", err.Error())
		p.memory.lose(s.path)
		p.count.Pending++
		p.unclosed = true
		return false
	case errors.Is(err, errChanged):
		p.log.Info("replaced before it was taken", "file", shown(s.path))
		*s = sight{path: s.path, pass: s.pass, listed: s.listed, since: p.now, seen: p.now}
		return true
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || !p.now.Before(l.since.Add(p.options.GiveUp)) {
		p.trouble(s, err)
	}
	return false
}

// trouble makes the pass fail in the end, for a share that can't be taken from
// must not go unnoticed. A few examples are enough.
func (p *pass) trouble(s *sight, err error) {
	if len(p.stuck) < 3 {
		p.stuck = append(p.stuck, fmt.Errorf("%s is queued but can't be taken away: %w: give the watcher write permission, or set mode = \"read\"", shown(s.path), err))
	}
}

// depart removes a file, turns it into its receipt, or moves it to the refused
// folder.
func (p *pass) depart(s *sight) error {
	aside, err := p.setAside(s)
	if err != nil {
		return err
	}
	if err = p.dispose(aside, s); errors.Is(err, errAstray) {
		return err
	}
	if err != nil {
		_, back := p.giveBack(aside, s.path)
		return errors.Join(err, back)
	}
	if l := s.leaving; l.fate != banned && l.reason != "" {
		err = p.explain(l.called, s)
	}
	return err
}

// setAside puts the file that was read under a name nobody knows, where it is
// checked one last time: whatever stood under its name is neither removed nor
// lost if it is not what was read.
func (p *pass) setAside(s *sight) (string, error) {
	l, err := p.stat(s.path)
	if err != nil {
		return "", err
	}
	if !l.same(s.look) {
		return "", errChanged
	}
	aside := path.Join(path.Dir(s.path), asideName(path.Base(s.path)))
	return aside, p.rename(s.path, aside)
}

// dispose does away with a file put aside. A receipt is made of it where that
// can be done; what can't be written over makes room for a new file.
func (p *pass) dispose(aside string, s *sight) error {
	l := s.leaving
	if l.fate == leaves && l.receipt != "" {
		err := p.turn(aside, s)
		if err == nil || errors.Is(err, errChanged) || errors.Is(err, errAstray) {
			return err
		}
	}
	if err := p.verify(aside, s); err != nil {
		return err
	}
	if l.fate == banned {
		return p.ban(aside, s)
	}
	p.issue(s)
	return p.remove(aside)
}

// verify compares a file put aside with what was read. One that was never
// read, being too large, is told by its look.
func (p *pass) verify(aside string, s *sight) error {
	limit := int64(p.options.Limits.Mail)
	if s.look.size > limit {
		l, err := p.stat(aside)
		if err == nil && !l.still(s.look) {
			err = errChanged
		}
		return err
	}
	l, content, err := p.read(aside, limit)
	switch {
	case errors.Is(err, errUnfit):
		return errChanged
	case err != nil:
		return err
	case !l.still(s.look) || sha256.Sum256(content) != s.leaving.sum:
		return errChanged
	}
	return nil
}

// maxTries bounds the search for a free name.
const maxTries = 110

// giveBack returns a file that was put aside, under its name or the next free
// one. What fails here is found again by a later pass.
func (p *pass) giveBack(aside, file string) (string, error) {
	dir, name := path.Split(file)
	for n := range maxTries {
		to := dir + numbered(name, n)
		err := p.move(aside, to)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		return to, err
	}
	return "", fs.ErrExist
}

// recover gives back a file that was put aside when the program died.
func (p *pass) recover(d *dir, aside string) {
	if p.options.Mode == Read {
		return
	}
	was := path.Join(path.Dir(aside), setAsideAs(path.Base(aside)))
	if _, content, err := p.read(aside, maxReceipt); err == nil && ticketsIn(content) != nil {
		p.bring(aside, was)
		return
	}
	to, err := p.giveBack(aside, was)
	if err != nil {
		p.log.Warn("file put aside can't be given back", "file", shown(aside), "error", err.Error())
		return
	}
	p.notice(d, to)
}

// bring puts a receipt in its place that was being made when the program died.
func (p *pass) bring(aside, was string) {
	for n := range maxTries {
		to := path.Join(path.Dir(was), suffixed(path.Base(was), receiptSuffix, n))
		err := p.move(aside, to)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			break
		}
		p.orphans = append(p.orphans, to)
		return
	}
	p.count.Pending++
}

// ban moves a file into the refused folder, with the reason beside it.
func (p *pass) ban(aside string, s *sight) error {
	if err := p.refusedReady(); err != nil {
		return err
	}
	to, err := p.giveBack(aside, path.Join(refusedFolder, path.Base(s.path)))
	if err != nil {
		return err
	}
	if err := p.explain(path.Base(to), s); err != nil {
		p.log.Warn("reason not written", "file", shown(to), "error", err.Error())
	}
	return nil
}

// explain writes NAME.reason.txt into the refused folder.
func (p *pass) explain(name string, s *sight) error {
	if err := p.refusedReady(); err != nil {
		return err
	}
	_, err := p.put(refusedFolder, name, reasonSuffix, p.reasonText(s))
	return err
}

func (p *pass) refusedReady() error {
	err := p.mkdir(refusedFolder)
	if errors.Is(err, fs.ErrExist) {
		var l look
		if l, err = p.stat(refusedFolder); err == nil && l.kind != folder {
			err = fmt.Errorf("%q is no folder: move it away", refusedFolder)
		}
	}
	return err
}

// put writes a text as dir/NAME+suffix, or under the next free number. A text
// that lies there already is not written again, so that a repeated step after a
// crash leaves no second copy.
func (p *pass) put(dir, name, suffix, text string) (string, error) {
	for n := range maxTries {
		file := path.Join(dir, suffixed(name, suffix, n))
		err := p.create(file, []byte(text))
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
		if _, have, err := p.read(file, int64(len(text))); err == nil && bytes.Equal(have, []byte(text)) {
			return file, nil
		}
	}
	return "", fs.ErrExist
}
