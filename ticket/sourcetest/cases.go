package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

type oneCase struct {
	name string
	run  func(*testing.T, *bench)
}

// cases lists the suite; each name is the promise it checks.
func cases() []oneCase {
	list := []oneCase{
		{"delivered once is one ticket", deliveredOnce},
		{"many at once are all delivered", manyAtOnce},
		{"the same invitation twice is one ticket", sameTwice},
		{"a restart delivers nothing again", restart},
		{"a submit fault keeps the item", submitFault},
		{"junk makes no ticket and no loop", junk},
		{"a cancelled context ends the scan", cancelled},
		{"cancelling in mid-scan loses nothing", cancelledInside},
		{"a place that is gone is an error", gone},
	}
	for _, s := range []Step{BeforeSubmit, AfterSubmit, BeforeLetGo, AfterLetGo} {
		list = append(list, oneCase{"a crash " + string(s) + " repeats nothing", crash(s)})
	}
	return list
}

func deliveredOnce(t *testing.T, b *bench) {
	s := b.Open(t, b.ledger)
	b.Deliver(t, "one", invitationFile(1))
	if p := b.mustDrain(t, s); p.Queued != 1 || p.Repeated+p.Refused+p.Ignored != 0 {
		t.Errorf("counted %+v, want one queued", p)
	}
	b.finished(t, s, 1, 1)
	if p := b.mustDrain(t, s); p.Queued+p.Repeated+p.Refused+p.Ignored+p.Pending != 0 {
		t.Errorf("a further scan counted %+v, want nothing", p)
	}
	for _, d := range b.ledger.Deliveries() {
		if d.Source != s.Name() || d.Item == "" || d.Received.IsZero() {
			t.Errorf("delivery without its source, item or time: %q %q %v", d.Source, d.Item, d.Received)
		}
	}
}

func manyAtOnce(t *testing.T, b *bench) {
	const many = 60
	s := b.Open(t, b.ledger)
	for i := range many {
		b.Deliver(t, fmt.Sprint("many", i), invitationFile(i))
	}
	if p := b.mustDrain(t, s); p.Queued != many {
		t.Errorf("counted %+v, want %d queued", p, many)
	}
	b.finished(t, s, many, many)
}

func sameTwice(t *testing.T, b *bench) {
	s := b.Open(t, b.ledger)
	b.Deliver(t, "first", invitationFile(1))
	b.mustDrain(t, s)
	b.Deliver(t, "again", invitationFile(1))
	if p := b.mustDrain(t, s); p.Repeated != 1 || p.Queued != 0 {
		t.Errorf("counted %+v, want one repeated", p)
	}
	b.finished(t, s, 2, 1)
	if n := len(b.ledger.Deliveries()); n != 2 {
		t.Errorf("%d deliveries, want 2: each copy is its own item", n)
	}
}

func restart(t *testing.T, b *bench) {
	b.Deliver(t, "one", invitationFile(1))
	b.mustDrain(t, b.Open(t, b.ledger))
	again := b.Open(t, b.ledger)
	if p := b.mustDrain(t, again); p.Queued+p.Repeated+p.Refused != 0 {
		t.Errorf("after a restart: %+v, want nothing new", p)
	}
	b.Deliver(t, "two", invitationFile(2))
	b.mustDrain(t, again)
	b.finished(t, again, 2, 2)
	if n := len(b.ledger.Deliveries()); n != 2 {
		t.Errorf("%d deliveries, want 2", n)
	}
}

func submitFault(t *testing.T, b *bench) {
	s := b.Open(t, b.ledger)
	b.Deliver(t, "one", invitationFile(1))
	b.ledger.FailSubmits(1)
	if _, err := b.drain(t, s); !errors.Is(err, ErrFault) {
		t.Errorf("Scan: %v, want the submit's fault, wrapped", err)
	}
	b.left(t, 1, "after a failed submit")
	b.mustDrain(t, s)
	b.finished(t, s, 1, 1)
}

func junk(t *testing.T, b *bench) {
	s := b.Open(t, b.ledger)
	b.Deliver(t, "junk", []byte("Menu of the week: soup, fish, more fish.\n"))
	if p := b.mustDrain(t, s); p.Queued+p.Repeated+p.Refused != 0 {
		t.Errorf("counted %+v, want nothing queued or refused", p)
	}
	b.left(t, 1, "junk is left alone")
	deliveries, reads := len(b.ledger.Deliveries()), b.reads()
	b.mustDrain(t, s)
	b.mustDrain(t, b.Open(t, b.ledger))
	if n := len(b.ledger.Deliveries()); n != deliveries {
		t.Errorf("junk was delivered again: %d deliveries after %d", n, deliveries)
	}
	if n := b.reads(); n != reads {
		t.Errorf("junk was read again: %d reads after %d", n, reads)
	}
	if held := b.ledger.Open(s.Name()); len(held) > 0 {
		t.Errorf("junk stays held: %v", held)
	}
	b.left(t, 1, "junk is left alone")
}

func (b *bench) reads() int {
	if b.Reads == nil {
		return 0
	}
	return b.Reads()
}

// crash lets the program die at one step, starts it anew, and wants the item
// to be one ticket and gone from its place.
func crash(at Step) func(*testing.T, *bench) {
	return func(t *testing.T, b *bench) {
		b.Deliver(t, "one", invitationFile(1))
		b.ledger.CrashAt(at)
		if _, err := b.drain(t, b.Open(t, b.ledger)); err == nil {
			t.Errorf("Scan kept the crash %s to itself", at)
		}
		if !b.ledger.Crashed() {
			t.Fatalf("the source never came to the step %q", at)
		}
		if at == BeforeSubmit || at == AfterSubmit {
			b.left(t, 1, "Submit did not return")
		}
		b.ledger.Restart()
		s := b.Open(t, b.ledger)
		b.mustDrain(t, s)
		b.finished(t, s, 1, 1)
		if n := len(b.ledger.Deliveries()); n != 1 {
			t.Errorf("%d deliveries of one item", n)
		}
	}
}

func cancelled(t *testing.T, b *bench) {
	s := b.Open(t, b.ledger)
	b.Deliver(t, "one", invitationFile(1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.scan(ctx, t, s); !errors.Is(err, context.Canceled) {
		t.Errorf("Scan: %v, want context.Canceled", err)
	}
	b.left(t, 1, "after a scan that was over before it began")
	b.mustDrain(t, s)
	b.finished(t, s, 1, 1)
}

// cancelledInside ends the context while the source is submitting.
func cancelledInside(t *testing.T, b *bench) {
	s := b.Open(t, b.ledger)
	b.Deliver(t, "one", invitationFile(1))
	ctx, cancel := context.WithCancel(t.Context())
	b.ledger.OnSubmit(cancel)
	var err error
	for range 3 {
		if _, err = b.scan(ctx, t, s); err != nil {
			break
		}
		b.settle(t)
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Scan: %v, want context.Canceled", err)
	}
	b.left(t, 1, "nothing was submitted")
	b.ledger.OnSubmit(nil)
	b.mustDrain(t, s)
	b.finished(t, s, 1, 1)
}

func gone(t *testing.T, b *bench) {
	if b.Break == nil {
		t.Skip("this place can't go away")
	}
	s := b.Open(t, b.ledger)
	b.Deliver(t, "before", invitationFile(1))
	b.mustDrain(t, s)
	b.Deliver(t, "waiting", invitationFile(2))
	b.Break(t)
	for range 2 {
		if p, err := b.scan(t.Context(), t, s); err == nil {
			t.Errorf("Scan of a place that is gone: %+v and no error", p)
		}
		b.settle(t)
	}
	b.Mend(t)
	b.Deliver(t, "after", invitationFile(3))
	b.mustDrain(t, s)
	b.finished(t, s, 3, 3)
}
