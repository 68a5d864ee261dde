//go:build !linux

package program

// noCore is Linux's; elsewhere the system's own settings keep cores away.
func noCore() {}
