package share

import (
	"errors"
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

// bornIn is when a file was made; zero where its file system doesn't tell.
func bornIn(dir *os.File, name string) time.Time {
	var s unix.Statx_t
	err := unix.Statx(int(dir.Fd()), name, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BTIME, &s)
	if err != nil || s.Mask&unix.STATX_BTIME == 0 {
		return time.Time{}
	}
	return time.Unix(s.Btime.Sec, int64(s.Btime.Nsec))
}

// renameOnly gives a file of a folder another name there that nothing has.
func renameOnly(dir *os.File, from, to string) error {
	for {
		err := unix.Renameat2(int(dir.Fd()), from, int(dir.Fd()), to, unix.RENAME_NOREPLACE)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS):
			return errors.ErrUnsupported // by this file system, or this system
		default:
			return &os.LinkError{Op: "renameat2", Old: from, New: to, Err: err}
		}
	}
}

// kindName names a file system by its magic number. The local ones are those
// whose changes are all made through this machine's kernel, whose folders'
// times move with every name in them, and whose files tell their owners.
func kindName(magic int64) (name string, isLocal bool) {
	switch magic {
	case unix.EXT4_SUPER_MAGIC:
		return "ext", true
	case unix.XFS_SUPER_MAGIC:
		return "xfs", true
	case unix.BTRFS_SUPER_MAGIC:
		return "btrfs", true
	case unix.TMPFS_MAGIC:
		return "tmpfs", true
	case unix.OVERLAYFS_SUPER_MAGIC:
		return "overlay", true
	case unix.F2FS_SUPER_MAGIC:
		return "f2fs", true
	case 0x2fc12fc1:
		return "zfs", true
	case 0xca451a4e:
		return "bcachefs", true
	case unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.SMB_SUPER_MAGIC:
		return "cifs", false
	case unix.NFS_SUPER_MAGIC:
		return "nfs", false
	case unix.FUSE_SUPER_MAGIC:
		return "fuse", false
	case unix.V9FS_MAGIC:
		return "9p", false
	}
	return "unknown", false
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
	kind, isLocal := kindName(int64(s.Type))
	return identity{root: l.inode, mark: markOf(path, mount), kind: kind,
		events: isLocal, owners: isLocal, moved: isLocal, ours: isLocal}, nil
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
