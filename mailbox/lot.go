package mailbox

import (
	"context"
	"maps"
	"slices"
)

// lot is some of the letters on their way through the reader. What is asked of
// the server for it is asked ahead where that can be: the line is then never
// quiet while the lot before is being read, opened and recorded.
type lot struct {
	letters []letter // that are not recorded yet
	size    int      // with those that are
	last    uint32   // all up to this UID are in this lot, or were in one before

	link    *link // that was asked
	sight   *sight
	planned bool
	errands []*errand // once planned
	whole   []letter  // once planned: those to be read whole
}

// sight is what the server tells of the structures of a lot.
type sight struct {
	*asked                   // nil where nothing had to be asked
	unseen map[uint32]letter // of which it has said nothing
	known  []opened
}

// Bounds of what is under way at a time.
const (
	aheadBytes = 4 << 20 // expected, before more parts are asked for
	aheadCount = 3       // commands
)

func (r *reader) roomFor(bytes int64) bool {
	l := r.link
	return len(l.flying) == 0 || len(l.flying) < aheadCount && l.due+bytes <= aheadBytes
}

// following is the lot to be read next; nil if there is none.
func (r *reader) following(ctx context.Context) (*lot, error) {
	if r.next != nil || len(r.letters) == 0 {
		return r.next, nil
	}
	n := lotSize
	if r.lots == 0 {
		n = firstLot
	}
	some := r.letters[:min(n, len(r.letters))]
	r.letters = r.letters[len(some):]
	r.lots++
	fresh, err := r.unrecorded(ctx, some)
	if err != nil {
		return nil, err
	}
	r.next = &lot{letters: fresh, size: len(some), last: some[len(some)-1].uid}
	return r.next, nil
}

// cautious is a reader that lost a connection: it asks one thing at a time, so
// that it is known what broke the next one.
func (r *reader) cautious() bool { return r.lines > 0 || r.hunting }

// lookAhead asks for what is left of this lot, and then for what the next one
// needs, as far as that is known and there is room.
func (r *reader) lookAhead(ctx context.Context) error {
	if r.cautious() {
		return nil
	}
	if err := r.send(ctx, r.now, 0); err != nil || !r.now.sent() {
		return err
	}
	l, err := r.following(ctx)
	if l == nil || err != nil {
		return err
	}
	if l.sight == nil && len(r.link.flying) >= aheadCount {
		return nil
	}
	if err := r.look(ctx, l); err != nil || !l.sight.ended() {
		return err
	}
	if err := r.plan(ctx, l); err != nil {
		return err
	}
	return r.send(ctx, l, 0)
}

// sent tells whether all errands of a lot are under way, as far as known.
func (l *lot) sent() bool {
	return !slices.ContainsFunc(l.errands, func(e *errand) bool { return e.asked == nil && e.mails[0].items() != nil })
}

// look asks what parts the mails of a lot have, unless that was asked ahead.
func (r *reader) look(ctx context.Context, l *lot) (err error) {
	if l.link == r.link && l.sight != nil {
		return nil
	}
	*l = lot{letters: l.letters, size: l.size, last: l.last, link: r.link}
	s := &sight{unseen: map[uint32]letter{}}
	for _, m := range l.letters {
		if r.poison.odd[r.mark.item(m.uid)] {
			l.whole = append(l.whole, m)
		} else {
			s.unseen[m.uid] = m
		}
	}
	l.sight = s
	if len(s.unseen) == 0 {
		return nil
	}
	set, bare := setOf(slices.Sorted(maps.Keys(s.unseen))), r.link.decodes() && !r.cautious()
	s.asked, err = r.link.askFor(ctx, wanted{set, structureOptions(), structureBytes * int64(len(s.unseen))}, func(got *message) {
		m, ok := s.unseen[got.uid]
		if !ok || got.structure == nil || got.size == 0 {
			return
		}
		delete(s.unseen, got.uid)
		m.size = got.size
		o := opened{letter: m, plan: planFor(got.structure, m.size, r.options.Limits), header: headerOf(got.sections)}
		o.plan.whole = o.plan.whole || len(o.header) >= headerBytes
		if bare {
			o.plan.bare()
		}
		s.known = append(s.known, o)
	})
	return err
}

// ended tells whether all of it has come.
func (s *sight) ended() bool {
	if s.asked == nil {
		return true
	}
	select {
	case <-s.asked.ended:
		return true
	default:
		return false
	}
}

// plan waits for the structures of a lot, and decides what to fetch: by as few
// commands as it can. Mails of which the server said nothing, or whose
// structure isn't readable, are read whole.
func (r *reader) plan(ctx context.Context, l *lot) error {
	if l.planned {
		return nil
	}
	if s := l.sight; s.asked != nil {
		if _, err := s.wait(ctx, nil); err != nil && r.link.dead {
			return err
		}
	}
	groups := map[string][]opened{}
	for _, o := range l.sight.known {
		if o.plan.whole {
			l.whole = append(l.whole, o.letter)
			continue
		}
		groups[o.shape()] = append(groups[o.shape()], o)
	}
	for _, uid := range slices.Sorted(maps.Keys(l.sight.unseen)) {
		l.whole = append(l.whole, l.sight.unseen[uid])
	}
	for _, shape := range slices.Sorted(maps.Keys(groups)) {
		l.errands = append(l.errands, errands(groups[shape])...)
	}
	l.planned, l.sight.known = true, nil
	return nil
}

// attempt reads a lot by as few commands as it can. After an error some of it
// may be delivered (see reader.done).
func (r *reader) attempt(ctx context.Context, l *lot) error {
	r.now = l
	if err := r.look(ctx, l); err != nil {
		return err
	}
	if err := r.lookAhead(ctx); err != nil {
		return err
	}
	if err := r.plan(ctx, l); err != nil {
		return err
	}
	for i := 0; i < len(l.errands); i++ { // there may come to be more
		if err := r.send(ctx, l, i+1); err != nil {
			return err
		}
		rest, err := r.receive(ctx, l.errands[i])
		if err != nil {
			return err
		}
		if again := encoded(rest); again != nil {
			r.link.far = r.link.far && len(again) < len(l.errands[i].mails) // it can't, or not well
			l.errands = append(l.errands, errands(again)...)
			continue
		}
		for _, o := range rest {
			l.whole = append(l.whole, o.letter)
		}
	}
	return r.wholes(ctx, l.whole)
}
