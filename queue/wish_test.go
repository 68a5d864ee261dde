package queue_test

import (
	"testing"
	"time"
)

func TestWishesReachOtherPrograms(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	other := d.beside()
	hints, late := other.Notify(t.Context()), time.After(patience)
	for times := int64(1); times <= 2; times++ {
		if err := d.Wish(t.Context(), "share:a"); err != nil {
			t.Fatal(err)
		}
		for {
			all, err := other.Wishes(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(all) == 1 && all["share:a"] == times {
				break
			}
			select {
			case <-hints:
			case <-late:
				t.Fatalf("%v", all)
			}
		}
	}
}
