package program

import "golang.org/x/sys/unix"

// noCore keeps this process's memory, in which the key and for a moment
// invitation files are, out of core dumps and from other programs of the same
// user: prctl(2), PR_SET_DUMPABLE. It can't fail for the value 0.
func noCore() { _ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }
