package share

import (
	"context"
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"inviter/ticket"
)

// Answers are what a share needs to answer those who drop files: receipts that
// go on with their tickets, and withdrawing by removing them. Its zero value
// does neither.
type Answers struct {
	ticket.Traces
	ticket.Reporter
	// Words is the text of a receipt. It has a paragraph for each ticket, which
	// begins with a word and its number, "Ticket 42: ": by that a receipt is
	// known again.
	Words func([]ticket.News) string
}

// answering tells whether who drops a file is answered at all.
func (s *Share) answering() bool { return s.options.Receipts && s.options.Answers.Words != nil }

// receipting tells whether that is done by receipts.
func (s *Share) receipting() bool { return s.answering() && s.options.Mode != Read }

// traced tells whether the removal of a file of that name can be a withdrawal.
func (s *Share) traced(name string) bool {
	if s.receipting() {
		return strings.HasSuffix(name, receiptSuffix)
	}
	return s.answering() && !ignored(name)
}

// standing is one trace, as this run knows it.
type standing struct {
	ticket.Trace
	seen   time.Time // when it was left, or first known of
	ended  time.Time // when the last of its tickets ended; zero while one is open
	absent time.Time // since when it is away; zero while it is there
	met    int       // the last pass that saw it
	steady bool      // this run has seen it, and its folder in every pass since
	text   string    // what it says; "" if that isn't known
	alien  bool      // somebody wrote something else into it: it is left so
}

// traces is what a run knows of a share's traces.
type traces struct {
	loaded bool
	in     map[string]map[string]*standing // folder → name in it
	of     map[ticket.ID][]*standing
	since  int64              // the queue's revision up to which they were followed
	owed   map[*standing]bool // to be written anew
	left   []*standing        // to be recorded
	lost   []string           // to be forgotten
	clear  time.Time          // no receipt is over before then
}

func newTraces() traces {
	return traces{in: map[string]map[string]*standing{}, of: map[ticket.ID][]*standing{}, owed: map[*standing]bool{}}
}

// add notes a trace in the stead of what was known of its place.
func (t *traces) add(st *standing) {
	dir, name := path.Dir(st.Place), path.Base(st.Place)
	t.drop(st.Place)
	if t.in[dir] == nil {
		t.in[dir] = map[string]*standing{}
	}
	t.in[dir][name] = st
	for _, id := range st.Tickets {
		t.of[id] = append(t.of[id], st)
	}
}

// drop forgets a trace.
func (t *traces) drop(place string) {
	dir, name := path.Dir(place), path.Base(place)
	st := t.in[dir][name]
	if st == nil {
		return
	}
	if delete(t.in[dir], name); len(t.in[dir]) == 0 {
		delete(t.in, dir)
	}
	delete(t.owed, st)
	for _, id := range st.Tickets {
		var rest []*standing
		for _, o := range t.of[id] {
			if o != st {
				rest = append(rest, o)
			}
		}
		if t.of[id] = rest; len(rest) == 0 {
			delete(t.of, id)
		}
	}
}

// at is the trace at a place, nil if there is none.
func (t *traces) at(place string) *standing { return t.in[path.Dir(place)][path.Base(place)] }

// recall reads what earlier runs left.
func (p *pass) recall(ctx context.Context) error {
	if !p.answering() || p.traces.loaded {
		return nil
	}
	left, err := p.options.Answers.Left(ctx, p.Name())
	if err != nil {
		return err
	}
	p.traces = newTraces()
	var ids []ticket.ID
	for _, t := range left {
		p.traces.add(&standing{Trace: t})
		ids = append(ids, t.Tickets...)
	}
	news, err := p.options.Answers.News(ctx, ids)
	if err != nil {
		return err
	}
	for _, names := range p.traces.in {
		for _, st := range names {
			st.ended = endOf(st.Tickets, news)
		}
	}
	p.traces.loaded = true
	return nil
}

// endOf is when the last of the tickets ended; zero while one is open. One that
// is purged ended long ago.
func endOf(ids []ticket.ID, news map[ticket.ID]ticket.News) time.Time {
	last := time.Unix(0, 0)
	for _, id := range ids {
		n, there := news[id]
		if there && !n.State.Ended() {
			return time.Time{}
		}
		if n.EndedAt.After(last) {
			last = n.EndedAt
		}
	}
	return last
}

// stand notes a trace that was just left, to be recorded with the batch's others.
func (p *pass) stand(place string, l *leaving) {
	st := &standing{Trace: ticket.Trace{Place: place, Tickets: l.tickets, Told: l.told}, seen: p.now, ended: l.ended, met: p.number, steady: true, text: l.receipt}
	if p.options.Mode == Read {
		st.Told, st.text = math.MaxInt64, "" // the file tells nothing
	}
	if d := p.memory.dirs[path.Dir(place)]; d != nil {
		st.Home = p.homeOf(path.Dir(place), d).name
	}
	if was := p.traces.at(place); was != nil && was.Home == st.Home && sameTickets(was.Tickets, st.Tickets) && was.Told == st.Told {
		was.met = p.number
		return
	}
	p.traces.add(st)
	p.traces.clear = time.Time{}
	p.traces.left = append(p.traces.left, st)
}

func sameTickets(a, b []ticket.ID) bool {
	set := map[ticket.ID]bool{}
	for _, id := range a {
		set[id] = true
	}
	for _, id := range b {
		if !set[id] {
			return false
		}
	}
	return len(a) == len(b)
}

// take hands over what has to be recorded of the traces.
func (t *traces) take() (left []ticket.Trace, lost []string) {
	for _, st := range t.left {
		left = append(left, st.Trace)
	}
	lost = t.lost
	t.left, t.lost = nil, nil
	return left, lost
}

// keepTraces makes durable which traces stand.
func (p *pass) keepTraces(ctx context.Context) error {
	var n notes
	n.traces, n.lost = p.traces.take()
	err := p.note(ctx, n)
	if err != nil {
		p.traces.loaded = false
	}
	return err
}

// home stands for one folder, whatever it is called.
type home struct {
	name string
	sure bool // no other folder has it; else one made anew may
}

// home goes by a folder's number and its birth: numbers are used again, but
// not for folders born at the same time.
func (l look) home() home {
	name := strconv.FormatUint(l.inode.id, 36)
	if l.born.IsZero() {
		return home{name: name}
	}
	return home{name + "." + strconv.FormatInt(l.born.UnixNano(), 36), true}
}

// homeOf is the home that a folder is, asked once a pass. When a folder was born
// is believed of this machine's own file systems only: servers make it up from
// other times, and move it with them.
func (p *pass) homeOf(dir string, d *dir) home {
	if d.homed != p.number {
		h, err := p.home(dir)
		if err != nil {
			h = home{}
		}
		if !p.id.ours {
			h.name, _, _ = strings.Cut(h.name, ".")
			h.sure = false
		}
		d.home, d.homed = h, p.number
	}
	return d.home
}
