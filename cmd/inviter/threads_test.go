package main

import "testing"

func TestThreads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asked     string
		now, want int
	}{{"", 1, 4}, {"", 2, 4}, {"", 4, 0}, {"", 64, 0}, {"2", 2, 0}, {"16", 16, 0}} {
		if got := threads(c.asked, c.now); got != c.want {
			t.Errorf("GOMAXPROCS=%s with %d: %d, want %d", c.asked, c.now, got, c.want)
		}
	}
}
