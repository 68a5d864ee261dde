//go:build unix

package share

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFlags keep an open from following a link or waiting at a pipe.
const openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

func lookOf(i fs.FileInfo) look {
	l := look{kind: kindOf(i.Mode()), links: 1, size: i.Size(), changed: i.ModTime(), touched: i.ModTime(), owner: -1}
	if s, ok := i.Sys().(*syscall.Stat_t); ok {
		l.links, l.inode = uint64(s.Nlink), inode{uint64(s.Dev), s.Ino}
		l.owner = int64(s.Uid)
		if c := changeTime(s); !c.IsZero() {
			l.touched = c
		}
	}
	return l
}

// lookIn looks at a name in an open folder, in one system call: a share of
// many thousand files is looked at name by name.
func lookIn(dir *os.File, name string) (look, error) {
	var s unix.Stat_t
	for {
		err := unix.Fstatat(int(dir.Fd()), name, &s, unix.AT_SYMLINK_NOFOLLOW)
		if err == nil {
			return lookOfStat(&s), nil
		}
		if !errors.Is(err, unix.EINTR) {
			return look{}, &fs.PathError{Op: "fstatat", Path: name, Err: err}
		}
	}
}

func kindOfStat(mode uint32) kind {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return regular
	case unix.S_IFDIR:
		return folder
	}
	return other
}
