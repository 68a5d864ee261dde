package main

import "runtime"

// leastThreads is how many goroutines the server runs at a time at least, on
// however few processors. A claim that comes while every one of fewer threads is
// busy with a backlog waits for up to 10 ms, again and again, until Go looks
// at its connection; with more the system takes turns, far more often. The number
// then stays: Go no longer follows what a container is allowed later.
const leastThreads = 4

// threads is how many to have, 0 to leave it as it is: with GOMAXPROCS whoever
// runs the server has the last word.
func threads(asked string, now int) int {
	if asked != "" || now >= leastThreads {
		return 0
	}
	return leastThreads
}

func useThreads(asked string) {
	if n := threads(asked, runtime.GOMAXPROCS(0)); n > 0 {
		runtime.GOMAXPROCS(n)
	}
}
