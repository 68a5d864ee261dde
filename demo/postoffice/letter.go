package postoffice

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Why the office doesn't take something.
var (
	errName     = errors.New("no folder may be called that")
	errExists   = errors.New("the folder exists")
	errFull     = errors.New("the mail server is full")
	errTooLarge = errors.New("the mail is too large")
	errTooDeep  = errors.New("the mail has too many parts")
	errClosed   = errors.New("the mail server is closed")
)

// A mail's structure is taken apart at every FETCH that asks for it. The time
// grows with the square of the depth, the answer with the number of parts.
const (
	maxDepth = 100  // boundaries, or mails within mails
	maxParts = 5000 // lines that could begin a part
)

// deliver puts a mail into a folder. Once it returns nil, the mail is on the
// disk and shown. It refuses with errFull, errTooLarge, errTooDeep, errClosed.
func (off *Office) deliver(name string, text io.Reader, at time.Time, flags []imap.Flag) (imap.AppendData, error) {
	tmp, size, err := off.receive(text, at)
	if err != nil {
		return imap.AppendData{}, err
	}
	defer os.Remove(tmp)
	off.mu.Lock()
	defer off.mu.Unlock()
	f := off.folders[name]
	switch {
	case off.closed:
		return imap.AppendData{}, errClosed
	case f == nil:
		return imap.AppendData{}, errNoFolder()
	case off.letters >= maxLetters || off.stored+size > maxStored:
		return imap.AppendData{}, errFull
	}
	uid, err := f.reserve(1)
	if err != nil {
		return imap.AppendData{}, err
	}
	if err := os.Rename(tmp, f.path(uid)); err != nil {
		return imap.AppendData{}, err
	}
	off.letters++
	off.stored += size
	f.show(&letter{uid: uid, flags: clean(flags), at: at, size: size})
	return imap.AppendData{UID: uid, UIDValidity: f.Validity}, nil
}

// receive writes a mail to a file of its own, whole and on the disk. Slow
// clients are waited for here, where nobody else has to wait.
func (off *Office) receive(text io.Reader, at time.Time) (path string, size int64, err error) {
	f, err := os.CreateTemp(off.tmp, "*"+suffix)
	if err != nil {
		return "", 0, err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	size, err = io.Copy(f, io.LimitReader(text, MaxMail+1))
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil && size > MaxMail {
		err = errTooLarge
	}
	if err == nil {
		err = shallow(f.Name())
	}
	if err == nil {
		err = os.Chtimes(f.Name(), at, at)
	}
	return f.Name(), size, err
}

// shallow refuses a mail that would be dear to take apart.
func shallow(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b = bytes.ToLower(b)
	if bytes.Count(b, []byte("boundary")) > maxDepth || bytes.Count(b, []byte("message/")) > maxDepth ||
		bytes.Count(b, []byte("\n--")) > maxParts {
		return errTooDeep
	}
	return nil
}

// move takes letters from one folder to another by renaming their files: each
// is always in exactly one. Pairs of UIDs tell where they are now; a fault
// stops in between, and what was moved stays moved.
func (off *Office) move(from, to *folder, uids []imap.UID) (moved imap.CopyData, err error) {
	first, err := to.reserve(len(uids))
	if err != nil {
		return imap.CopyData{}, err
	}
	moved.UIDValidity = to.Validity
	gone := map[imap.UID]bool{}
	for i, uid := range uids {
		l := from.find(uid)
		next := *l
		next.uid = first + imap.UID(i)
		if err = os.Rename(from.path(uid), to.path(next.uid)); err != nil {
			err = fmt.Errorf("move mail: %w", err)
			break
		}
		to.show(&next)
		gone[uid] = true
		moved.SourceUIDs.AddNum(uid)
		moved.DestUIDs.AddNum(next.uid)
	}
	from.drop(gone)
	return moved, errors.Join(err, from.save(), to.save())
}

// copy puts the same letters into another folder too.
func (off *Office) copy(from, to *folder, uids []imap.UID) (copied imap.CopyData, err error) {
	if off.letters+len(uids) > maxLetters {
		return imap.CopyData{}, errFull
	}
	first, err := to.reserve(len(uids))
	if err != nil {
		return imap.CopyData{}, err
	}
	copied.UIDValidity = to.Validity
	for i, uid := range uids {
		next := *from.find(uid)
		next.uid = first + imap.UID(i)
		if err := os.Link(from.path(uid), to.path(next.uid)); err != nil {
			return imap.CopyData{}, errors.Join(fmt.Errorf("copy mail: %w", err), to.save())
		}
		off.letters++
		off.stored += next.size
		to.show(&next)
		copied.SourceUIDs.AddNum(uid)
		copied.DestUIDs.AddNum(next.uid)
	}
	return copied, to.save()
}

// erase removes letters for good.
func (off *Office) erase(f *folder, uids []imap.UID) error {
	gone := map[imap.UID]bool{}
	var err error
	for _, uid := range uids {
		if err = os.Remove(f.path(uid)); err != nil {
			break
		}
		off.letters--
		off.stored -= f.find(uid).size
		gone[uid] = true
	}
	f.drop(gone)
	return errors.Join(err, f.save())
}

// find is the letter with that UID, which the caller knows to be there.
func (f *folder) find(uid imap.UID) *letter {
	i, _ := slices.BinarySearchFunc(f.letters, uid, func(l *letter, u imap.UID) int { return int(l.uid) - int(u) })
	return f.letters[i]
}

// maxFlags and maxFlag bound what clients may write on a letter.
const (
	maxFlags = 20
	maxFlag  = 64
)

// clean sorts flags and drops those over the bounds, and \Recent, which only
// servers set.
func clean(flags []imap.Flag) []imap.Flag {
	var out []imap.Flag
	for _, f := range flags {
		if len(f) <= maxFlag && len(out) < maxFlags && !strings.EqualFold(string(f), `\Recent`) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, compareFlags)
	return slices.CompactFunc(out, func(a, b imap.Flag) bool { return compareFlags(a, b) == 0 })
}

func compareFlags(a, b imap.Flag) int {
	return strings.Compare(strings.ToLower(string(a)), strings.ToLower(string(b)))
}
