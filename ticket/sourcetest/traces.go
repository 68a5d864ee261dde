package sourcetest

import (
	"context"
	"slices"
	"strings"
	"time"

	"inviter/ticket"
)

var (
	_ ticket.Traces   = (*Recorder)(nil)
	_ ticket.Reporter = (*Recorder)(nil)
)

// desk is what becomes of the recorder's tickets, and where traces of them stand.
type desk struct {
	revision int64
	news     map[ticket.ID]ticket.News
	traces   map[string]map[string]ticket.Trace // source → place
	listen   []chan struct{}
}

func newDesk() desk {
	return desk{news: map[ticket.ID]ticket.News{}, traces: map[string]map[string]ticket.Trace{}}
}

// opened makes a ticket that waits for an hour.
func (r *Recorder) opened(id ticket.ID) {
	now := r.clock()
	r.desk.revision++
	r.desk.news[id] = ticket.News{Ticket: id, State: ticket.Waiting, QueuedAt: now, Expires: now.Add(time.Hour), Revision: r.desk.revision}
}

// Happen lets something happen to a ticket.
func (r *Recorder) Happen(id ticket.ID, what func(*ticket.News)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.desk.news[id]
	what(&n)
	if n.State.Ended() && n.EndedAt.IsZero() {
		n.EndedAt = r.clock()
	}
	r.desk.revision++
	n.Revision = r.desk.revision
	r.desk.news[id] = n
	for _, ch := range r.desk.listen {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// Purge lets tickets be forgotten.
func (r *Recorder) Purge(ids ...ticket.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		delete(r.desk.news, id)
	}
}

// State is how a ticket is doing.
func (r *Recorder) State(id ticket.ID) ticket.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.desk.news[id].State
}

// Leave is ticket.Traces'.
func (r *Recorder) Leave(ctx context.Context, source string, traces []ticket.Trace) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.alive(ctx, ""); err != nil {
		return err
	}
	if r.desk.traces[source] == nil {
		r.desk.traces[source] = map[string]ticket.Trace{}
	}
	for _, t := range traces {
		t.Tickets = slices.Clone(t.Tickets)
		r.desk.traces[source][t.Place] = t
	}
	return nil
}

// Left is ticket.Traces'.
func (r *Recorder) Left(ctx context.Context, source string) ([]ticket.Trace, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.alive(ctx, ""); err != nil {
		return nil, err
	}
	var out []ticket.Trace
	for _, t := range r.desk.traces[source] {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b ticket.Trace) int { return strings.Compare(a.Place, b.Place) })
	return out, nil
}

// Forget is ticket.Traces'.
func (r *Recorder) Forget(ctx context.Context, source string, places []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.alive(ctx, ""); err != nil {
		return err
	}
	for _, place := range places {
		delete(r.desk.traces[source], place)
	}
	return nil
}

// Removed is ticket.Traces'.
func (r *Recorder) Removed(ctx context.Context, source, place string) (ended []ticket.ID, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.alive(ctx, ""); err != nil {
		return nil, err
	}
	of := r.desk.traces[source][place].Tickets
	delete(r.desk.traces[source], place)
	for _, id := range of {
		if n := r.desk.news[id]; !r.stands(id) && n.Ticket == id && !n.State.Ended() {
			n.State, n.EndedAt = ticket.Withdrawn, r.clock()
			r.desk.revision++
			n.Revision = r.desk.revision
			r.desk.news[id] = n
			ended = append(ended, id)
		}
	}
	return ended, nil
}

func (r *Recorder) stands(id ticket.ID) bool {
	for _, places := range r.desk.traces {
		for _, t := range places {
			if slices.Contains(t.Tickets, id) {
				return true
			}
		}
	}
	return false
}

// News is ticket.Reporter's.
func (r *Recorder) News(ctx context.Context, ids []ticket.ID) (map[ticket.ID]ticket.News, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.alive(ctx, ""); err != nil {
		return nil, err
	}
	out := map[ticket.ID]ticket.News{}
	for _, id := range ids {
		if n, ok := r.desk.news[id]; ok {
			out[id] = n
		}
	}
	return out, nil
}

// Moved is ticket.Reporter's.
func (r *Recorder) Moved(ctx context.Context, source string, since int64) (moved []ticket.ID, upTo int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.alive(ctx, ""); err != nil {
		return nil, since, err
	}
	for _, t := range r.desk.traces[source] {
		for _, id := range t.Tickets {
			if n := r.desk.news[id]; n.Revision > max(since, t.Told) && !slices.Contains(moved, id) {
				moved = append(moved, id)
			}
		}
	}
	return moved, r.desk.revision, nil
}

// Notify is ticket.Reporter's.
func (r *Recorder) Notify(context.Context) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	ch := make(chan struct{}, 1)
	r.desk.listen = append(r.desk.listen, ch)
	return ch
}
