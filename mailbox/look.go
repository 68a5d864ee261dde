package mailbox

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// letter is one mail in the folder, before it is opened.
type letter struct {
	uid  uint32
	size int64 // bytes; 0 where it was not asked for yet
	at   int64 // INTERNALDATE, Unix seconds: when the server took it; 0 where it doesn't say
}

// reselect is how long a folder stays selected before it is opened anew: a
// folder renamed, or deleted and made again, goes unnoticed while the old one
// is open. Short enough that a scheduled scan sees it, long enough that a burst
// of new mail doesn't open it again and again.
const reselect = 50 * time.Second

// dated is a server's date for a mail. Some write the beginning of time where
// they know none (GNU mailutils, of mail that was put there by APPEND).
func dated(at time.Time) int64 {
	if at.Year() < 1980 {
		return 0
	}
	return at.Unix()
}

// refresh has the server tell what is new, and opens the folder where it must.
func (l *link) refresh(ctx context.Context, now time.Time) error {
	if l.outdated(now) {
		l.selected = now
		return l.selectFolder(ctx)
	}
	err := l.do(ctx, l.brief(), func() error { return l.client.Noop().Wait() })
	return l.at.refused("go on", err)
}

// outdated tells whether the folder has to be opened anew.
func (l *link) outdated(now time.Time) bool {
	return l.folder == "" || now.Sub(l.selected) >= reselect || now.Before(l.selected)
}

// look lists the mails above a UID, oldest first. It asks by FETCH: there are
// servers whose SEARCH by UID finds nothing, and a FETCH costs the same
// whatever the folder holds. Not for the size: many servers read all of a mail
// to know it.
func (l *link) look(ctx context.Context, above uint32) ([]letter, error) {
	return l.lookAfter(ctx, above, func() error { return nil })
}

// lookAgain has the server tell what is new, and lists that: one answer to wait
// for.
func (l *link) lookAgain(ctx context.Context, above uint32) ([]letter, error) {
	var noop *imapclient.Command
	err := l.do(ctx, l.brief(), func() error {
		noop = l.client.Noop()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return l.lookAfter(ctx, above, func() error {
		return l.at.refused("go on", l.do(ctx, l.brief(), noop.Wait))
	})
}

// lookAfter lists the mails once the server has told what is new.
func (l *link) lookAfter(ctx context.Context, above uint32, told func() error) ([]letter, error) {
	l.known.Store(l.exists.Load()) // before it is asked: of what comes later it has to tell
	l.heard()
	if above == math.MaxUint32 {
		return nil, told()
	}
	letters, half, err := l.list(ctx, imap.UIDSet{{Start: imap.UID(above) + 1, Stop: 0}}, above, told)
	if err == nil && len(half) > 0 {
		var rest []letter
		rest, half, err = l.list(ctx, setOf(half), above, func() error { return nil })
		letters = append(letters, rest...)
	}
	if err != nil && !l.dead && l.known.Load() == 0 {
		return nil, nil // some servers call a FETCH in an empty folder an error
	}
	if err != nil {
		return nil, l.at.refused("list its mails", err)
	}
	for _, uid := range half {
		letters = append(letters, letter{uid: uid})
	}
	slices.SortFunc(letters, func(a, b letter) int { return cmp.Compare(a.uid, b.uid) })
	return letters, nil
}

// list asks for what a letter needs. Half are those of which only something
// else was told: when somebody flags a mail right then, the library takes that
// for the answer and drops the real one.
func (l *link) list(ctx context.Context, set imap.UIDSet, above uint32, told func() error) (letters []letter, half []uint32, err error) {
	options := &imap.FetchOptions{UID: true, InternalDate: true}
	a, err := l.askFor(ctx, wanted{set: set, items: options}, func(got *message) {
		switch {
		case got.uid <= above: // n:* always has the last mail, even one below n (RFC 9051 section 9, seq-range)
		case got.at.IsZero():
			half = append(half, got.uid)
		default:
			letters = append(letters, letter{uid: got.uid, at: dated(got.at)})
		}
	})
	if err != nil {
		return nil, nil, err
	}
	no := told()
	_, err = a.wait(ctx, nil)
	return letters, half, cmp.Or(no, err)
}

// heard forgets news that the coming look will see anyway.
func (l *link) heard() {
	select {
	case <-l.wake:
	default:
	}
}

// present tells which of the mails are in the folder.
func (l *link) present(ctx context.Context, uids []uint32) (map[uint32]bool, error) {
	there := make(map[uint32]bool, len(uids))
	if len(uids) == 0 {
		return there, nil
	}
	err := l.fetch(ctx, wanted{set: setOf(uids), items: &imap.FetchOptions{UID: true}}, func(got *message) { there[got.uid] = true })
	if err != nil {
		return nil, l.at.refused("tell which mails are there", err)
	}
	return there, nil
}

func setOf(uids []uint32) imap.UIDSet {
	var set imap.UIDSet
	for _, uid := range uids {
		set.AddNum(imap.UID(uid))
	}
	return set
}
