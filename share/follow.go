package share

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"inviter/ticket"
)

const (
	// receiptStays is how long a receipt outlives the last of its tickets.
	receiptStays = 24 * time.Hour
	// manyGone traces at one look are no withdrawals: somebody tidied up, or
	// has the folder in hand. Their tickets stay in line.
	manyGone = 20
	// atLeastGone is how long a trace is away before that is believed, beside
	// the settling time: programs save by removing and writing anew.
	atLeastGone = time.Second
)

// follow goes after the traces: those that were taken away withdraw, those of
// which something happened say so, and those that are over go.
func (p *pass) follow(ctx context.Context) error {
	if !p.answering() {
		return nil
	}
	p.traces.unsettle(p.memory.dirs)
	if err := p.farewell(ctx); err != nil {
		return err
	}
	if err := p.tell(ctx); err != nil {
		return err
	}
	if p.receipting() {
		p.clearOut()
	}
	return p.keepTraces(ctx)
}

// muster compares the traces of a folder that was just listed with what was
// met. It says nothing of a folder that isn't the one they were left in: that
// they are not there is no wonder then, and nobody's wish.
func (p *pass) muster(name string, d *dir) {
	d.lacking = false
	if len(p.traces.in[name]) == 0 {
		return
	}
	is := p.homeOf(name, d)
	for _, st := range p.traces.in[name] {
		same := st.Home == is.name && is.name != ""
		switch {
		case st.met != p.number && same && (is.sure || st.steady):
			p.miss(d, st)
		case st.met != p.number:
		case !same && is.name != "":
			st.Home = is.name
			p.traces.left = append(p.traces.left, st)
			fallthrough
		default:
			st.steady, st.absent = true, time.Time{}
		}
	}
}

// unsettle notes folders that were not there: what is missed when they are back
// may be missing in others under their names. With nil it is all of them.
func (t *traces) unsettle(there map[string]*dir) {
	for name, traces := range t.in {
		if there[name] != nil {
			continue
		}
		for _, st := range traces {
			st.steady = false
		}
	}
}

// miss notes that a trace isn't where it was left. That counts once it has
// lasted: the folder is listed again until then.
func (p *pass) miss(d *dir, st *standing) {
	if _, err := p.stat(st.Place); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	if st.absent.IsZero() {
		st.absent = p.now
	}
	lasts := p.options.Settle + atLeastGone
	if left := lasts - p.now.Sub(st.absent); left > 0 {
		d.lacking = true
		p.soon = append(p.soon, left)
		return
	}
	if !st.ended.IsZero() { // nothing to withdraw any more
		p.lose(st)
		return
	}
	p.gone = append(p.gone, st)
}

// farewell takes traces that were removed for what their users meant by it.
func (p *pass) farewell(ctx context.Context) error {
	gone := p.gone
	p.gone = nil
	if len(gone) > manyGone {
		p.log.Warn("many removed at once", "count", len(gone), "kept", "their tickets: nobody means to withdraw so many")
		for _, st := range gone {
			p.lose(st)
		}
		return nil
	}
	for _, st := range gone {
		withdrawn, err := p.options.Answers.Removed(ctx, p.Name(), st.Place)
		if err != nil {
			p.traces.loaded = false
			return err
		}
		p.traces.drop(st.Place)
		for _, id := range withdrawn {
			p.log.Info("withdrawn by removal", "ticket", int64(id))
		}
	}
	return nil
}

// lose forgets a trace, here and in the record.
func (p *pass) lose(st *standing) {
	p.traces.drop(st.Place)
	p.traces.lost = append(p.traces.lost, st.Place)
}

// tell brings receipts up to date of whose tickets something happened, and
// those that could not be written before.
func (p *pass) tell(ctx context.Context) error {
	moved, upTo, err := p.options.Answers.Moved(ctx, p.Name(), p.traces.since)
	if err != nil {
		return err
	}
	for _, id := range moved {
		if p.traces.of[id] == nil { // another watcher's
			p.traces.loaded = false
			return p.recall(ctx)
		}
		for _, st := range p.traces.of[id] {
			p.traces.owed[st] = true
		}
	}
	p.traces.since = upTo
	for some := range slices.Chunk(slices.Collect(maps.Keys(p.traces.owed)), batchFiles) {
		if err := p.tellSome(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) tellSome(ctx context.Context, some []*standing) error {
	var ids []ticket.ID
	for _, st := range some {
		ids = append(ids, st.Tickets...)
	}
	news, err := p.options.Answers.News(ctx, ids)
	if err != nil {
		return err
	}
	for _, st := range some {
		if err := ctx.Err(); err != nil {
			return err
		}
		st.ended, p.traces.clear = endOf(st.Tickets, news), time.Time{}
		text := p.options.Answers.Words(inOrder(st.Tickets, news))
		if st.alien || st.text == text {
			delete(p.traces.owed, st)
			continue
		}
		if p.update(st, text) {
			st.Told = latest(st.Tickets, news)
			p.traces.left = append(p.traces.left, st)
			delete(p.traces.owed, st)
		}
	}
	return nil
}

// inOrder is the news of a trace's tickets; of a purged one there is but its number.
func inOrder(ids []ticket.ID, news map[ticket.ID]ticket.News) []ticket.News {
	out := make([]ticket.News, len(ids))
	for i, id := range ids {
		out[i] = news[id]
		out[i].Ticket = id
	}
	return out
}

func latest(ids []ticket.ID, news map[ticket.ID]ticket.News) (revision int64) {
	for _, id := range ids {
		revision = max(revision, news[id].Revision)
	}
	return revision
}

// update writes a receipt anew; false if that has to be tried again. One that
// isn't there is not made again, and one that somebody wrote into is his.
func (p *pass) update(st *standing, text string) bool {
	err := p.amend(st.Place, text, func(content []byte) bool { return speaksOf(content, st.Tickets) })
	switch {
	case err == nil:
		st.text = text
	case errors.Is(err, errChanged), errors.Is(err, errUnfit):
		st.alien = true
		p.log.Info("receipt left alone", "file", shown(st.Place), "why", "somebody else has written it")
	case errors.Is(err, fs.ErrNotExist): // whether it was removed, the next listing tells
	default:
		if st.text != unwritten {
			p.log.Warn("receipt not brought up to date", "file", shown(st.Place), "error", err.Error())
		}
		st.text = unwritten
		return false
	}
	return true
}

// unwritten is the text of a receipt that could not be brought up to date.
const unwritten = "?"

// clearOut removes receipts whose tickets ended a day ago.
func (p *pass) clearOut() {
	if p.now.Before(p.traces.clear) {
		return
	}
	next := p.now.Add(receiptStays)
	for _, names := range p.traces.in {
		for _, st := range names {
			switch due := st.over(); {
			case due.IsZero():
			case p.now.Before(due):
				next = earlier(next, due)
			case p.cleared(st):
				p.lose(st)
			default:
				next = p.now.Add(time.Minute)
			}
		}
	}
	p.traces.clear = next
}

// over is when a receipt has stood long enough; zero while a ticket is open.
func (st *standing) over() time.Time {
	if st.ended.IsZero() {
		return st.ended
	}
	if st.seen.After(st.ended) { // it came again, after its end
		return st.seen.Add(receiptStays)
	}
	return st.ended.Add(receiptStays)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// cleared tells whether a receipt is away, or not ours to take.
func (p *pass) cleared(st *standing) bool {
	err := p.takeAway(st)
	return !transient(err) || errors.Is(err, errChanged) || errors.Is(err, errUnfit)
}

// takeAway removes a receipt if it still is ours. It is put aside for that, so
// that what somebody puts into its place meanwhile stays.
func (p *pass) takeAway(st *standing) error {
	if _, content, err := p.read(st.Place, maxReceipt); err != nil || !speaksOf(content, st.Tickets) {
		return errors.Join(err, errChanged)
	}
	aside := path.Join(path.Dir(st.Place), asideName(path.Base(st.Place)))
	if err := p.rename(st.Place, aside); err != nil {
		return err
	}
	_, content, err := p.read(aside, maxReceipt)
	if err == nil && speaksOf(content, st.Tickets) {
		return p.remove(aside)
	}
	_, back := p.giveBack(aside, st.Place)
	return errors.Join(err, errChanged, back)
}
