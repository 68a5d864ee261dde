package share

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"syscall"

	"inviter/ticket"
)

// away words the error of a share that can't be opened. If it is the place
// itself that is missing, the error is a ticket.ErrGone.
func away(path string, err error) error {
	switch {
	case errors.Is(err, ticket.ErrGone):
		return err
	case networkPath(path) && runtime.GOOS != "windows":
		return fmt.Errorf("%s: %w (%w): such a path is for Windows: write url = \"smb://user@server/share/folder\" instead", path, ticket.ErrGone, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: %w: give the account that runs this read and list permission", path, err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%s: %w (%w): mount it, or make the folder again", path, ticket.ErrGone, err)
	}
	return fmt.Errorf("%s: %w (%w): see whether its server and network are up", path, ticket.ErrGone, err)
}

// networkPath tells paths of Windows that begin with \\SERVER\SHARE.
func networkPath(path string) bool {
	return strings.HasPrefix(path, `\\`) || strings.HasPrefix(path, "//") && runtime.GOOS == "windows"
}

// markOf is what is remembered of a place from run to run: the path, and where
// its file system was mounted.
func markOf(path, mount string) string { return fmt.Sprintf("mounted %q %q", path, mount) }

// unmounted compares the mark of an earlier pass with the present one. A path
// that once lay on a mount deeper down, and now lies on the file system which
// that mount covered, is an empty mount point and no share.
func unmounted(last, now string) error {
	var path, mount, lastPath, lastMount string
	if _, err := fmt.Sscanf(now, "mounted %q %q", &path, &mount); err != nil {
		return nil
	}
	if _, err := fmt.Sscanf(last, "mounted %q %q", &lastPath, &lastMount); err != nil || lastPath != path {
		return nil
	}
	if lastMount == mount || !strings.HasPrefix(lastMount, mount) {
		return nil
	}
	return fmt.Errorf("%s: %w: nothing is mounted at %s any more: mount it again, or give the share another name if it is meant to be a plain folder now",
		path, ticket.ErrGone, lastMount)
}

// transient tells whether a file may well be had later: somebody else has it
// open, rights are being changed, the server is just not answering. Only a
// name that is not there any more is final.
func transient(err error) bool { return err != nil && !errors.Is(err, fs.ErrNotExist) }
