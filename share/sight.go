package share

import (
	"time"

	"inviter/ticket"
)

// sight is one file that is not done with.
type sight struct {
	path    string
	look    look
	since   time.Time // unchanged at least since then, by our clock
	first   time.Time // when it was first looked at like this, by our clock
	unread  time.Time // since when it can't be read; zero if it can
	again   time.Time // not to be read again before then
	arrived bool      // whole, under this name: it was renamed or linked here
	before  bool      // another version of it was nothing for us
	seen    time.Time // last looked at, by our clock
	pass    int       // the last pass that came by
	listed  int       // the last pass that had it on its list
	refused bool      // for not being readable
	leaving *leaving  // it is queued, and has still to leave the share
}

// fate is what becomes of a file once its deliveries are durable.
type fate uint8

const (
	waits   fate = iota // more is expected of it
	stays               // it is left alone
	leaves              // it was taken up
	banned              // it goes to the refused folder
	blocked             // it was refused unread, and is tried on
)

// leaving is a file whose deliveries are durable.
type leaving struct {
	items   []string
	sum     sum
	fate    fate
	reason  string // why it, or a part of it, was refused
	since   time.Time
	tickets []ticket.ID
	called  string    // its name in texts about it: no password stands in it
	receipt string    // the text of its receipt; "" if none is wanted
	told    int64     // the revision of its tickets that the receipt tells of
	ended   time.Time // when the last of its tickets did; zero while one is open
	issued  bool      // the receipt was written, or that failed
}

// update takes in a further look. A changed file is a new sight, unchanged
// since the look before at the earliest.
func (s *sight) update(l look, now time.Time) {
	if !s.look.same(l) {
		*s = sight{path: s.path, look: l, before: s.before, pass: s.pass, listed: s.listed,
			first: now, since: settledSince(l, s.seen, now), arrived: l.renamed()}
	}
	s.seen = now
}

// settledSince is the file's own time of its last change, as far as it can be
// believed: between the last look at it and now.
func settledSince(l look, former, now time.Time) time.Time {
	t := l.latest()
	if t.After(now) {
		return now
	}
	if t.Before(former) {
		return former
	}
	return t
}

// renamed tells whether something happened to the file after its content was
// written, which a program does that writes first and names last.
func (l look) renamed() bool { return l.touched.After(l.changed) }

// settled tells whether the file has been unchanged long enough to be read.
func (s *sight) settled(now time.Time, settle time.Duration) bool {
	return now.Sub(s.since) >= settle
}

// next is when there is something to do about the file: zero for at the next
// pass, whenever that is.
func (s *sight) next(settle time.Duration) time.Time {
	if s.leaving != nil || !s.unread.IsZero() || s.seen.IsZero() {
		return time.Time{}
	}
	if t := s.since.Add(settle); t.After(s.again) {
		return t
	}
	return s.again
}
