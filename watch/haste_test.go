package watch

import (
	"testing"
	"time"
)

// TestHaste: a few passes follow at once, hints that never cease leave the
// source alone as long as ever, and a rest lets a few more follow.
func TestHaste(t *testing.T) {
	t.Parallel()
	h := haste{savings}
	few := func() (n int) {
		for h.wait(0) == 0 {
			n++
		}
		return n
	}
	if n := few(); n != int(savings/rest) {
		t.Errorf("%d at once", n)
	}
	for range 100 {
		if d := h.wait(0); d != rest {
			t.Fatalf("then only %v between two passes", d)
		}
	}
	if d := h.wait(15 * time.Millisecond); d != 5*time.Millisecond {
		t.Errorf("15 ms after a pass, %v more", d)
	}
	h.wait(3 * rest)
	if n := few(); n != 2 {
		t.Errorf("%d at once after three rests, one of them used", n)
	}
	h.wait(time.Hour)
	if n := few(); n > int(savings/rest) {
		t.Errorf("%d at once after an hour", n)
	}
}
