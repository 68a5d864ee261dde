//go:build unix && !linux

package share

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// changeTime is unknown here: its field has another name on each system, and
// the content's time has to do.
func changeTime(*syscall.Stat_t) time.Time { return time.Time{} }

func lookOfStat(s *unix.Stat_t) look {
	t := time.Unix(s.Mtim.Unix())
	return look{
		kind: kindOfStat(uint32(s.Mode)), links: uint64(s.Nlink), size: s.Size, changed: t, touched: t,
		inode: inode{uint64(s.Dev), s.Ino}, owner: int64(s.Uid),
	}
}
