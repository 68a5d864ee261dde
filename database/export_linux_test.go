package database

// Remote and MountType let tests ask for file systems that they can't mount.
func Remote(magic uint32, kind string) string {
	return remote(magic, func() string { return kind })
}

func MountType(info, dir string) string { return mountType(info, dir) }
