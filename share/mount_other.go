//go:build !linux

package share

import (
	"errors"
	"os"
	"runtime"
)

// renameOnly is not known here.
func renameOnly(*os.File, string, string) error { return errors.ErrUnsupported }

// identify knows no file system kinds here: it takes a folder for a local one,
// but trusts no folder's time. On Windows a path that begins with \\SERVER lies
// on another machine.
func identify(root *os.Root, path string) (identity, error) {
	i, err := root.Stat(".")
	if err != nil {
		return identity{}, err
	}
	unix := runtime.GOOS != "windows"
	id := identity{root: lookOf(i).inode, mark: markOf(path, ""), kind: "local", events: true, owners: unix, ours: true}
	id.folds = !unix || runtime.GOOS == "darwin"
	if !unix && networkPath(path) {
		id.kind, id.events, id.ours = "cifs", false, false
	}
	return id, nil
}
