package mailbox

import (
	"cmp"
	"context"
	"math"

	"github.com/emersion/go-imap/v2"
)

// wholes reads mails as they are, up to the bound of a mail: those of odd
// structure, and those of which the server said nothing when asked in a group.
// Of these, some may simply be gone.
func (r *reader) wholes(ctx context.Context, letters []letter) error {
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: int64(r.options.Limits.Mail)}}
	if err := r.measure(ctx, letters); err != nil {
		return err
	}
	for len(letters) > 0 {
		n, bytes := r.some(letters)
		mails := letters[:n]
		letters = letters[n:]
		got, err := r.bodies(ctx, asOpened(mails), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}, bytes)
		if err != nil {
			return err
		}
		var silent []letter
		var p parcel
		for _, l := range mails {
			if m := got[l.uid]; m != nil {
				p.pieces = append(p.pieces, piece{letter: l, whole: m.sections[0].body})
			} else {
				silent = append(silent, l)
			}
		}
		if err := r.hand(p); err != nil {
			return err
		}
		if err := r.unanswered(ctx, silent); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) bodies(ctx context.Context, mails []opened, o *imap.FetchOptions, bytes int64) (map[uint32]*message, error) {
	got := map[uint32]*message{}
	uids := make([]uint32, len(mails))
	for i, m := range mails {
		uids[i] = m.uid
	}
	err := r.link.fetch(ctx, wanted{setOf(uids), o, bytes}, func(m *message) {
		if len(m.sections) > 0 { // and not only news of its flags
			got[m.uid] = m
		}
	})
	if err != nil && r.link.dead {
		return nil, err
	}
	return got, nil
}

// measure asks for the sizes that aren't known yet.
func (r *reader) measure(ctx context.Context, letters []letter) error {
	at := map[uint32]int{}
	var uids []uint32
	for i, l := range letters {
		if l.size == 0 {
			at[l.uid], uids = i, append(uids, l.uid)
		}
	}
	if len(uids) < 2 { // it is read alone anyway
		return nil
	}
	err := r.link.fetch(ctx, wanted{set: setOf(uids), items: &imap.FetchOptions{UID: true, RFC822Size: true}}, func(got *message) {
		if i, ok := at[got.uid]; ok && got.size > 0 {
			letters[i].size = got.size
		}
	})
	if r.link.dead {
		return err
	}
	return nil
}

// some is how many of the letters one FETCH may ask for whole. One of unknown
// size may be as large as any.
func (r *reader) some(letters []letter) (n int, bytes int64) {
	for n < len(letters) {
		size := min(cmp.Or(letters[n].size, math.MaxInt64), int64(r.options.Limits.Mail))
		if n > 0 && bytes+size > partBytes {
			break
		}
		bytes += size
		n++
	}
	return n, bytes
}

func asOpened(letters []letter) []opened {
	o := make([]opened, len(letters))
	for i, l := range letters {
		o[i].letter = l
	}
	return o
}

// unanswered sees whether mails that the server keeps silent about are gone.
func (r *reader) unanswered(ctx context.Context, letters []letter) error {
	uids := make([]uint32, len(letters))
	for i, l := range letters {
		uids[i] = l.uid
	}
	there, err := r.link.present(ctx, uids)
	if err != nil {
		return err
	}
	for _, l := range letters {
		if !there[l.uid] {
			r.done[l.uid] = true // moved or deleted by somebody: theirs now
			continue
		}
		if err := r.postpone(l, "the server does not hand it out"); err != nil {
			return err
		}
	}
	return nil
}
