//go:build !linux && !windows

package share

import (
	"os"
	"time"
)

// bornIn does not tell here when a file was made.
func bornIn(*os.File, string) time.Time { return time.Time{} }
