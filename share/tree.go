package share

import (
	"context"
	"errors"
	"time"
)

// place is where a share lies: a folder of this machine, or a server's. Opening
// it is the question whether it is there at all.
type place interface {
	// open returns the share's files as they are now. Its error wraps
	// ticket.ErrGone if the place itself is away. If it is lost later, while its
	// tree is in use, lost is called with an error that does, and so does every
	// further call of the tree.
	open(ctx context.Context, v visit) (tree, identity, error)
	// close gives up what the place holds between passes.
	close() error
}

// visit is what one pass tells the place it opens, and wants to be told.
type visit struct {
	last string      // what an earlier pass, perhaps of an earlier run, remembers of the place ("" for nothing)
	lost func(error) // the place is gone: what is left of the pass is in vain
	beat func()      // a long call is getting on
}

// identity tells whether two passes saw the same place.
type identity struct {
	root   inode  // another root is another folder: what was known of it is void
	mark   string // to be remembered for the next run
	kind   string // the file system, "ext", "cifs", "smb"
	events bool   // changes by others raise events here
	owners bool   // files tell who made them
	moved  bool   // a folder's time moves with every name in it
	ours   bool   // files' times are by our own clock
	folds  bool   // names that differ by case alone are one name
}

// inode names one file or folder of the machine, while it exists.
type inode struct{ device, id uint64 }

// tree is the files of a share during one pass, by slash-separated names
// relative to its root "."; it never leads outside, whatever links lie in it.
type tree interface {
	reader
	writer
	Close() error
}

// reader looks. No method follows a link in the last part of a name, or blocks
// on a pipe.
type reader interface {
	// list calls visit for each name in a folder, in no order, until it returns
	// false.
	list(dir string, visit func(entry) bool) error
	stat(name string) (look, error)
	// home tells a folder from another one that takes its name, also between runs.
	home(dir string) (home, error)
	// read returns a regular file of one link and at most limit bytes, with the
	// look that fits these bytes; errChanged if they did not hold still.
	read(name string, limit int64) (look, []byte, error)
}

// writer changes. What it makes never replaces what others made.
type writer interface {
	// finished returns the look of a file that nobody else has open any more;
	// errBusy while somebody has. Where a place can't tell, it is stat.
	finished(name string) (look, error)
	// self is the account that files belong to which we make, "" where accounts
	// don't tell who dropped one. Finding out may make a file and remove it.
	self() (string, error)
	// create makes a new file; fs.ErrExist if the name is taken.
	create(name string, content []byte) error
	// rewrite gives a plain file of at most limit bytes another content, if
	// judge takes it for what it was taken for; errChanged if not. It stays the
	// same file: the one that was judged, and gone if somebody removes it
	// meanwhile. A place that can't answers errors.ErrUnsupported.
	rewrite(name string, limit int64, judge func(look, []byte) bool, content []byte) error
	mkdir(name string) error
	// rename gives a file another name at once; the new one must be unguessable.
	rename(from, to string) error
	// move is rename to a name that others may take; fs.ErrExist if they did.
	move(from, to string) error
	remove(name string) error
}

// entry is one name in a folder, with its look where listing tells that.
type entry struct {
	name string
	look look
	told bool // look is set
}

// kind is what a name stands for.
type kind uint8

const (
	other kind = iota // link, pipe, socket, device: never touched
	regular
	folder
)

// look is what a file shows of itself without being read.
type look struct {
	kind    kind
	links   uint64
	size    int64
	changed time.Time // content, by the share's clock
	touched time.Time // content, name or rights, by the share's clock; cannot be set by users
	inode   inode     // zero where there is none
	born    time.Time // of a folder, where its place tells: another one under its name and number was born later
	owner   int64     // number of the account that made it; -1 where files don't tell
	account account   // instead of a number, on a server: of a file that was read
}

// same tells whether nothing happened to a file between two looks.
func (l look) same(m look) bool {
	return l.version() == m.version() && l.touched.Equal(m.touched) && l.links == m.links
}

// still tells whether the content can't have changed, though the name may have.
func (l look) still(m look) bool { return l.version() == m.version() }

// version is what stays while a file's content does, through renames.
type version struct {
	kind       kind
	size, time int64
	inode      inode
}

func (l look) version() version {
	return version{l.kind, l.size, l.changed.UnixNano(), l.inode}
}

// latest is the last moment at which anything happened to the file.
func (l look) latest() time.Time {
	if l.touched.After(l.changed) {
		return l.touched
	}
	return l.changed
}

// errChanged means that a file did not hold still while it was read.
var errChanged = errors.New("the file changed while it was read")

// errBusy means that somebody else has a file open, and may be writing it.
var errBusy = errors.New("another program still has the file open")

// errUnfit means that a name is no file to be read: a link, a pipe, a folder,
// a file with several names, or one above the limit.
var errUnfit = errors.New("not a plain file of one name within the limit")
