package web_test

import (
	"testing"
	"time"

	"inviter/ticket"
)

// waitingIn is a house in which n wait.
func waitingIn(b *testing.B, n int) *house {
	h := build(b)
	for range n {
		h.arrives()
		h.clock.pass(time.Second)
	}
	return h
}

// BenchmarkOneChange is what an open page of 200 rows fetches after one change.
func BenchmarkOneChange(b *testing.B) {
	h := waitingIn(b, 200)
	c := h.browser("ada", ticket.RoleTechnician)
	for b.Loop() {
		if a := h.get(c, "/rows?since=199"); a.StatusCode != 200 {
			b.Fatal(a.StatusCode)
		}
	}
}
