package share

import (
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// bornIn is when a file was made.
func bornIn(dir *os.File, name string) time.Time {
	i, err := os.Lstat(filepath.Join(dir.Name(), name))
	if err != nil {
		return time.Time{}
	}
	if a, ok := i.Sys().(*syscall.Win32FileAttributeData); ok {
		return time.Unix(0, a.CreationTime.Nanoseconds())
	}
	return time.Time{}
}
