package share

import (
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func changeTime(s *syscall.Stat_t) time.Time { return time.Unix(s.Ctim.Unix()) }

func lookOfStat(s *unix.Stat_t) look {
	return look{
		kind: kindOfStat(s.Mode), links: uint64(s.Nlink), size: s.Size,
		changed: time.Unix(s.Mtim.Unix()), touched: time.Unix(s.Ctim.Unix()),
		inode: inode{s.Dev, s.Ino}, owner: int64(s.Uid),
	}
}

// File systems whose changes are all made through this machine's kernel, and
// whose folders' times move with every name in them.
var localKinds = map[int64]string{
	unix.EXT4_SUPER_MAGIC: "ext", unix.XFS_SUPER_MAGIC: "xfs", unix.BTRFS_SUPER_MAGIC: "btrfs",
	unix.TMPFS_MAGIC: "tmpfs", unix.OVERLAYFS_SUPER_MAGIC: "overlay", unix.F2FS_SUPER_MAGIC: "f2fs",
	0x2fc12fc1: "zfs", 0xca451a4e: "bcachefs",
}

// The others that are told by name.
var remoteKinds = map[int64]string{
	unix.CIFS_SUPER_MAGIC: "cifs", unix.SMB2_SUPER_MAGIC: "cifs", unix.SMB_SUPER_MAGIC: "smbfs",
	unix.NFS_SUPER_MAGIC: "nfs", unix.FUSE_SUPER_MAGIC: "fuse", unix.V9FS_MAGIC: "9p",
}

// identify says what file system the open root lies on, and where that is
// mounted.
func identify(root *os.Root, path string) (identity, error) {
	var id identity
	d, err := root.Open(".")
	if err != nil {
		return id, err
	}
	defer d.Close()
	l, err := lookAt(d)
	if err != nil {
		return id, err
	}
	var s unix.Statfs_t
	if err := unix.Fstatfs(int(d.Fd()), &s); err != nil {
		return id, err
	}
	mount, err := mountPoint(path)
	if err != nil {
		return id, err
	}
	id = identity{root: l.inode, mark: markOf(path, mount), kind: "unknown"}
	if name, ok := localKinds[int64(s.Type)]; ok {
		id.kind, id.events, id.owners, id.moved = name, true, true, true
	} else if name, ok := remoteKinds[int64(s.Type)]; ok {
		id.kind = name
	}
	return id, nil
}

// mountPoint is the folder at or above path at which its file system begins.
func mountPoint(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", err
	}
	here, err := mountNumber(path)
	for err == nil && path != "/" {
		var above [2]uint64
		if above, err = mountNumber(filepath.Dir(path)); above != here {
			break
		}
		path = filepath.Dir(path)
	}
	return path, err
}

// mountNumber tells mounts apart, bind mounts of one device too.
func mountNumber(path string) ([2]uint64, error) {
	var s unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_MNT_ID, &s)
	if err != nil {
		return [2]uint64{}, &os.PathError{Op: "statx", Path: path, Err: err}
	}
	return [2]uint64{s.Mnt_id, uint64(s.Dev_major)<<32 | uint64(s.Dev_minor)}, nil
}
