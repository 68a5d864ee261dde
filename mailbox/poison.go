package mailbox

import (
	"context"
	"errors"
)

// poison remembers mails that broke a connection or that the server does not
// hand out, by their item names. It is forgotten with the process: that only
// means to learn it again.
type poison struct {
	odd    map[string]bool // broke a connection when asked for its structure
	broke  map[string]int  // scans that lost their connection with this mail first in line
	failed map[string]int  // scans that could not read it
}

func newPoison() poison {
	return poison{odd: map[string]bool{}, broke: map[string]int{}, failed: map[string]int{}}
}

func (p *poison) forget(item string) {
	delete(p.odd, item)
	delete(p.broke, item)
	delete(p.failed, item)
}

// A connection lost so many times at the same place is taken for that place's
// doing, and a mail that so many scans could not read is refused.
const (
	suspectAfter = 3
	refuseAfter  = 3
)

// mostLines bounds the connections that unreadable mail may use up in one scan.
const mostLines = 60

// open reads a lot, and finds the mail in it that can't be read: it asks for
// ever smaller halves until it stands alone, so that no mail keeps the others
// from being read.
func (r *reader) open(ctx context.Context, l *lot) error {
	letters := r.undone(l.letters)
	if len(letters) == 0 {
		return nil
	}
	err := r.attempt(ctx, l)
	if err == nil || !r.suspect(letters, err) {
		return err
	}
	if again := r.reconnectTo(ctx); again != nil {
		return again
	}
	if letters = r.undone(letters); len(letters) == 1 {
		return r.alone(ctx, letters[0], err)
	}
	half := (len(letters) + 1) / 2
	if err := r.open(ctx, &lot{letters: letters[:half]}); err != nil {
		return err
	}
	return r.open(ctx, &lot{letters: letters[half:]})
}

func (r *reader) undone(letters []letter) []letter {
	var rest []letter
	for _, l := range letters {
		if !r.done[l.uid] {
			rest = append(rest, l)
		}
	}
	return rest
}

// suspect tells whether a mail, and not the network, may have broken the
// connection: the answer was unreadable, or it broke at the same place before.
func (r *reader) suspect(letters []letter, err error) bool {
	var t *Trouble
	if !r.link.dead || !errors.As(err, &t) {
		return false
	}
	item := r.mark.item(letters[0].uid)
	r.poison.broke[item]++
	r.hunting = r.hunting || errors.Is(err, errUnreadable) || r.poison.broke[item] >= suspectAfter
	r.lines++
	return r.hunting && r.lines <= mostLines
}

// reconnectTo goes on in the same folder, with the same numbering.
func (r *reader) reconnectTo(ctx context.Context) error {
	if err := r.reconnect(ctx); err != nil {
		return err
	}
	if r.link.folder != r.mark.folder || r.link.validity != r.mark.validity {
		return &Trouble{Kind: Server, What: "the folder was renumbered in the middle of a scan"}
	}
	return nil
}

// alone reads a mail that broke a connection by itself: without its structure,
// which is the likeliest reason, and if that does no better, not in this scan.
func (r *reader) alone(ctx context.Context, l letter, why error) error {
	item := r.mark.item(l.uid)
	if !r.poison.odd[item] {
		r.poison.odd[item] = true
		return r.open(ctx, &lot{letters: []letter{l}})
	}
	return r.postpone(l, oneLine(why.Error()))
}

// postpone leaves a mail for a later scan, and refuses it after some.
func (r *reader) postpone(l letter, why string) error {
	item := r.mark.item(l.uid)
	r.poison.failed[item]++
	if r.poison.failed[item] >= refuseAfter {
		r.log.Warn("mail unreadable", "item", item, "error", why)
		return r.hand(parcel{pieces: []piece{{letter: l, lost: why}}})
	}
	r.log.Info("mail postponed", "item", item, "error", why)
	r.done[l.uid] = true
	r.held = true
	return r.hand(parcel{pending: 1})
}
