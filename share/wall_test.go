package share_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"inviter/share"
	"inviter/ticket"
)

// Looks that come with the listing spare one question a file.
func TestWhatListingTellsIsNotAsked(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.Remote, b.Tells = true, true
	for i := range 5 {
		b.put(t, fmt.Sprintf("menu%d.txt", i), []byte("soup"))
	}
	b.put(t, "jane/list.csv", []byte("a;b"))
	b.scan(t)
	wantPass(t, "settled", b.after(t, settle), ticket.Pass{Ignored: 6})
	stats, reads := b.Calls("stat"), b.Calls("read")
	wantPass(t, "unchanged", b.after(t, time.Hour), ticket.Pass{})
	if n := b.Calls("stat") - stats; n > 2 || b.Calls("read") != reads {
		t.Errorf("%d looks at two folders of unchanged files, %d reads", n, b.Calls("read")-reads)
	}
	b.put(t, "menu1.txt", []byte("stew, and more"))
	b.put(t, "menu2.txt", invite(1))
	b.after(t, settle)
	wantPass(t, "changed", b.after(t, settle), ticket.Pass{Queued: 1})
	b.wantFiles(t, "taken", "jane/list.csv", "menu0.txt", "menu1.txt", "menu3.txt", "menu4.txt")
}

// A file that somebody has open is given as much time as a damaged one.
func TestABusyFileIsNotYetAndThenRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	busy := true
	b.Set(func(op, _ string) error {
		if op == "finished" && busy {
			return share.ErrBusy
		}
		return nil
	})
	b.put(t, "help.msrcIncident", invite(1))
	b.scan(t)
	wantPass(t, "busy", b.after(t, settle), ticket.Pass{Pending: 1})
	wantPass(t, "still", b.after(t, giveUp-time.Second), ticket.Pass{Pending: 1})
	wantPass(t, "for ever", b.after(t, time.Second), ticket.Pass{Refused: 1, Pending: 1})
	if d := b.ledger.Deliveries()[0]; d.Refusal == nil || d.Refusal.Detail != "The file can't be read: "+share.ErrBusy.Error()+"." {
		t.Errorf("refused with %+v", d.Refusal)
	}
	busy = false
	wantPass(t, "closed at last", b.after(t, time.Second), ticket.Pass{Queued: 1})
	b.wantFiles(t, "taken")
}

// A pass whose place goes away under it says so, and blames no file.
func TestAPlaceLostInThePass(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	gone := fmt.Errorf("connection lost: %w", ticket.ErrGone)
	for i := range 3 {
		b.put(t, fmt.Sprint(i, ".msrcIncident"), invite(i))
	}
	b.scan(t)
	b.Set(func(op, _ string) error {
		if op == "read" {
			b.Lose(gone)
			return gone
		}
		return nil
	})
	for range 3 {
		b.clock.advance(giveUp)
		if _, err := b.Scan(t.Context(), b.ledger.Submit); !errors.Is(err, gone) {
			t.Fatalf("Scan: %v", err)
		}
	}
	b.Set(nil)
	wantPass(t, "back", b.scan(t), ticket.Pass{Queued: 3})
	b.wantTickets(t, 3)
}

// Where case makes no difference, our folder may be called "Refused".
func TestTheRefusedFolderByAnotherCase(t *testing.T) {
	t.Parallel()
	for folds, want := range map[bool]ticket.Pass{true: {}, false: {Queued: 1}} {
		b := newBench(t, nil)
		b.Folds = folds
		b.put(t, "Refused/help.msrcIncident", invite(1))
		b.scan(t)
		wantPass(t, fmt.Sprint("folds: ", folds), b.after(t, settle), want)
	}
}
