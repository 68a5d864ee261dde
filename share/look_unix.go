//go:build unix

package share

import (
	"io/fs"
	"strconv"
	"syscall"
)

// openFlags keep an open from following a link or waiting at a pipe.
const openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

func lookOf(i fs.FileInfo) look {
	l := look{kind: kindOf(i.Mode()), links: 1, size: i.Size(), changed: i.ModTime(), touched: i.ModTime()}
	if s, ok := i.Sys().(*syscall.Stat_t); ok {
		l.links, l.inode = uint64(s.Nlink), inode{uint64(s.Dev), s.Ino}
		l.owner = strconv.FormatUint(uint64(s.Uid), 10)
		if c := changeTime(s); !c.IsZero() {
			l.touched = c
		}
	}
	return l
}
