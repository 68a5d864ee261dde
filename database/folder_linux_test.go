package database_test

import (
	"testing"

	"inviter/database"
)

func TestNetworkFileSystems(t *testing.T) {
	t.Parallel()
	const mounts = `22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:31 / /mnt/a\040b rw shared:2 - fuse.sshfs host:/x rw
31 22 0:32 / /mnt/c rw - fuse.ntfs-3g /dev/vdb rw
malformed line
`
	tests := []struct {
		magic uint32
		kind  string
		bad   bool
	}{
		{0x6969, "", true},
		{0xff534d42, "", true},
		{0xfe534d42, "", true},
		{0x01021997, "", true},
		{0x65735546, database.MountType(mounts, "/mnt/a b/data"), true},
		{0x65735546, database.MountType(mounts, "/mnt/c/data"), false},
		{0x65735546, database.MountType(mounts, "/mnt/a bc"), false},
		{0xef53, "", false},     // ext4
		{0x01021994, "", false}, // tmpfs
	}
	for _, tt := range tests {
		if got := database.Remote(tt.magic, tt.kind); (got != "") != tt.bad {
			t.Errorf("magic %x, kind %q: %q", tt.magic, tt.kind, got)
		}
	}
}
