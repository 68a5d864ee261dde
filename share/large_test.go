package share_test

import (
	"fmt"
	"testing"
	"time"

	"inviter/share"
	"inviter/ticket"
)

// A large folder of foreign files costs a look at the folder itself, as long
// as its time stands still; every so often all are asked anyway.
func TestALargeFolderIsNotListedForNothing(t *testing.T) {
	t.Parallel()
	const many, rhythm = 6000, 3
	b := newBench(t, func(o *share.Options) { o.Settle = 0 })
	for i := range many {
		b.write(t, fmt.Sprintf("old/%d.doc", i), nil)
	}
	b.scan(t)
	for range rhythm {
		b.after(t, 10*time.Second)
	}
	stats, lists := b.Calls("stat"), b.Calls("list")
	for range 2 * rhythm {
		b.after(t, 10*time.Second)
	}
	// Two folders: two of the passes look at everything, the others at two names.
	if n := b.Calls("list") - lists; n != 4 {
		t.Errorf("%d listings in six idle passes, want 4", n)
	}
	if n := b.Calls("stat") - stats; n > 2*(many+10)+20 {
		t.Errorf("%d looks in six idle passes", n)
	}
	b.write(t, "old/help.msrcIncident", invite(1))
	wantPass(t, "a new name", b.after(t, time.Second), ticket.Pass{Queued: 1})
	b.write(t, "old/17.doc", invite(2)) // the folder's time does not move
	var sum int
	for range rhythm {
		sum += b.after(t, 10*time.Second).Queued
	}
	if sum != 1 {
		t.Errorf("a known file written over was found %d times in a full round", sum)
	}
	b.wantTickets(t, 2)
}
