package mailbox

import (
	"context"
	"sync"
)

// errand fetches the parts that are wanted of mails of one shape.
type errand struct {
	mails  []opened
	bytes  int64
	asked  *asked        // once sent
	enough chan struct{} // tells that there is a handful

	mu     sync.Mutex
	absent map[uint32]*opened // of which not all has come
	pieces []piece            // that have come since some were taken
	held   int64              // bytes of them
}

// A handful is handed on together: so many mails, or so many bytes.
const (
	handful      = 64
	handfulBytes = 1 << 20
)

// errands parts a group so that none asks for too much.
func errands(group []opened) (all []*errand) {
	for len(group) > 0 {
		n, bytes := fitting(group)
		e := &errand{mails: group[:n], bytes: bytes, enough: make(chan struct{}, 1), absent: map[uint32]*opened{}}
		for i := range e.mails {
			e.absent[e.mails[i].uid] = &e.mails[i]
		}
		all, group = append(all, e), group[n:]
	}
	return all
}

// fitting is how many mails of a group one FETCH may ask for.
func fitting(group []opened) (n int, bytes int64) {
	for n < len(group) && (n == 0 || bytes+group[n].bytes <= partBytes) {
		bytes += group[n].bytes
		n++
	}
	return n, bytes
}

// send sends the first errands of a lot in any case, and of the others what
// there is room for.
func (r *reader) send(ctx context.Context, l *lot, first int) (err error) {
	for i, e := range l.errands {
		if e.asked != nil {
			continue
		}
		items := e.mails[0].items()
		if items == nil {
			e.nothing()
			continue
		}
		if i >= first && (r.cautious() || !r.roomFor(e.bytes)) {
			return nil
		}
		uids := make([]uint32, len(e.mails))
		for j, m := range e.mails {
			uids[j] = m.uid
		}
		if e.asked, err = r.link.askFor(ctx, wanted{setOf(uids), items, e.bytes}, e.came); err != nil {
			return err
		}
	}
	return nil
}

// nothing is for mails of which no part is wanted: they are there at once.
func (e *errand) nothing() {
	for i := range e.mails {
		e.came(&message{uid: e.mails[i].uid})
	}
}

// came is told of each mail as it comes.
func (e *errand) came(m *message) {
	o := e.absent[m.uid]
	if o == nil {
		return
	}
	leaves, ok := o.fill(m)
	if !ok { // not all of it, or merely news of its flags
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.absent, m.uid)
	e.pieces = append(e.pieces, piece{letter: o.letter, parts: o, leaves: leaves})
	if e.held += o.bytes; len(e.pieces) >= handful || e.held >= handfulBytes {
		select {
		case e.enough <- struct{}{}:
		default:
		}
	}
}

func (e *errand) take() []piece {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.pieces
	e.pieces, e.held = nil, 0
	return p
}

// receive hands on what an errand brings, as it comes. The rest are mails of
// which not all parts came.
func (r *reader) receive(ctx context.Context, e *errand) (rest []opened, err error) {
	for over := e.asked == nil; ; {
		if !over {
			if over, err = e.asked.wait(ctx, e.enough); err != nil && r.link.dead {
				return nil, err
			}
		}
		if err := r.hand(parcel{pieces: e.take()}); err != nil {
			return nil, err
		}
		if over {
			break
		}
		if err := r.lookAhead(ctx); err != nil {
			return nil, err
		}
	}
	for _, o := range e.mails {
		if e.absent[o.uid] != nil {
			rest = append(rest, o)
		}
	}
	return rest, nil
}
