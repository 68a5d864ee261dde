//go:build !linux

package share

import (
	"os"
	"runtime"
)

// identify knows no file system kinds here: it takes a folder for a local one,
// but trusts no folder's time.
func identify(root *os.Root, path string) (identity, error) {
	i, err := root.Stat(".")
	if err != nil {
		return identity{}, err
	}
	unix := runtime.GOOS != "windows"
	return identity{root: lookOf(i).inode, mark: markOf(path, ""), kind: "local", events: true, owners: unix, ours: true}, nil
}
