package database

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// onDisk refuses folders whose file system keeps its locks or its shared
// memory on another machine: SQLite's write-ahead log can't work there
// (sqlite.org/wal.html, "all processes must be on the same host").
func onDisk(dir string) error {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return fmt.Errorf("data folder: statfs %s: %w", dir, err)
	}
	name := remote(uint32(st.Type), func() string { return mounted(dir) })
	if name == "" {
		return nil
	}
	return fmt.Errorf("%w (%s): %s: locks and shared memory can't be trusted there; "+
		"set \"data\" to a folder on a local disk, or use PostgreSQL", ErrNetwork, name, dir)
}

// remote names the network file system that a statfs magic number stands for,
// "" for any other. kind is asked for the mount's type where the number alone
// doesn't tell.
func remote(magic uint32, kind func() string) string {
	switch magic {
	case unix.NFS_SUPER_MAGIC:
		return "NFS"
	case unix.CIFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC:
		return "SMB"
	case unix.V9FS_MAGIC:
		return "9p"
	case unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC, unix.CODA_SUPER_MAGIC:
		return "AFS"
	case unix.CEPH_SUPER_MAGIC:
		return "Ceph"
	case unix.FUSE_SUPER_MAGIC:
		return overFUSE(kind())
	}
	return ""
}

// overFUSE names the FUSE file systems known to reach over a network. Others
// (local disks in other formats) pass.
func overFUSE(kind string) string {
	far := []string{"sshfs", "rclone", "s3fs", "gcsfuse", "davfs", "curlftpfs", "glusterfs", "smbnetfs", "gvfsd", "cephfs", "nfs"}
	sub := strings.TrimPrefix(kind, "fuse.")
	for _, f := range far {
		if strings.Contains(sub, f) {
			return kind
		}
	}
	return ""
}

// mounted is the type of the mount that dir lies in, as the kernel names it,
// from proc(5) mountinfo; "" if it can't be told.
func mounted(dir string) string {
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	return mountType(string(b), dir)
}

// mountType finds the longest mount point above dir in a mountinfo text.
func mountType(info, dir string) string {
	best, kind := -1, ""
	for line := range strings.Lines(info) {
		before, after, ok := strings.Cut(line, " - ")
		left, right := strings.Fields(before), strings.Fields(after)
		if !ok || len(left) < 5 || len(right) < 1 {
			continue
		}
		point := unescape.Replace(left[4])
		if len(point) >= best && within(dir, point) {
			best, kind = len(point), right[0]
		}
	}
	return kind
}

// unescape undoes mountinfo's octal escapes.
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

func within(dir, point string) bool {
	return point == "/" || dir == point || strings.HasPrefix(dir, point+"/")
}
