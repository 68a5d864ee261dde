package e2e_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
)

// people are the callers' names; several callers may share one, as a technician
// has several tabs open. The last two are leads.
func people() []string {
	return []string{"ada", "barbara", "edsger", "frances", "grace", "jean", "john", "kathleen", "linus", "radia", "lead-lena", "lead-max"}
}

// How callers crowd: so many tickets at a time, for so many verbs each.
const (
	window    = 8
	perTicket = 50
)

// place is a ticket that the crowd is let at.
type place struct {
	id      int64
	expires time.Time
}

// hall is where callers crowd around tickets, and what was said there.
type hall struct {
	total int64
	next  atomic.Int64
	fresh func(wave int) []place // makes the tickets of a wave
	begun time.Time

	mu      sync.Mutex
	waves   map[int]func() []place
	history []porcupine.Operation
}

func newHall(total int64, fresh func(wave int) []place) *hall {
	return &hall{total: total, fresh: fresh, begun: time.Now(), waves: map[int]func() []place{}}
}

// wave is the tickets of a wave, made by whoever comes first.
func (h *hall) wave(n int) []place {
	h.mu.Lock()
	made, ok := h.waves[n]
	if !ok {
		made = sync.OnceValue(func() []place { return h.fresh(n) })
		h.waves[n] = made
	}
	h.mu.Unlock()
	return made()
}

// done is how many verbs were begun.
func (h *hall) done() int64 { return min(h.next.Load(), h.total) }

// work has one caller say verbs until there were enough of all. A verb that
// certainly never arrived is no part of the history.
func (h *hall) work(me *caller, say func(said) heard) {
	for n := h.next.Add(1) - 1; n < h.total; n = h.next.Add(1) - 1 {
		wave := int(n / (window * perTicket))
		if me.rand.IntN(6) == 0 {
			wave = max(0, wave-me.rand.IntN(8)) // some have moved on since, or expired
		}
		tickets := h.wave(wave)
		if len(tickets) == 0 {
			return // it failed, and said so
		}
		at := tickets[me.rand.IntN(len(tickets))]
		in := me.think(at.id)
		call := time.Now()
		out := say(in)
		back := time.Now()
		if out.Code == never {
			continue
		}
		me.learn(in, out)
		in.before, in.past = out.Code != lost && back.Before(at.expires), !call.Add(-time.Millisecond).Before(at.expires)
		h.note(in, out, call, back)
	}
}

// never is the code of a verb that didn't reach anybody.
const never = "never"

func (h *hall) note(in said, out heard, call, back time.Time) {
	o := porcupine.Operation{Input: in, Output: out, Call: call.Sub(h.begun).Nanoseconds(), Return: back.Sub(h.begun).Nanoseconds()}
	if out.Code == lost {
		o.Return = math.MaxInt64
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.history = append(h.history, o)
}

// caller is one client, who remembers what he was told last.
type caller struct {
	name  string
	rand  *rand.Rand
	knows map[int64]int // claim numbers, perhaps outdated
	user  bool          // says the users' verbs too
}

func newCaller(i int) *caller {
	all := people()
	return &caller{name: all[i%len(all)], rand: rand.New(rand.NewPCG(uint64(i), 7)), knows: map[int64]int{}}
}

func isLead(name string) bool { return strings.HasPrefix(name, "lead-") }

// think picks a verb: mostly claims, and what holders say, with numbers that may
// be outdated.
func (c *caller) think(id int64) said {
	in := said{Ticket: id, By: c.name, Lead: isLead(c.name), Claim: max(1, c.knows[id])}
	verbs := []struct {
		name  string
		share int
	}{{"claim", 40}, {"release", 18}, {"renew", 6}, {"connected", 4}, {"invitation", 4}, {"transfer", 6}, {"take-over", 5}, {"read", 13}, {"close", 1}, {"withdraw", 2}}
	at := c.rand.IntN(99)
	for _, v := range verbs {
		if at -= v.share; at < 0 {
			in.Verb = v.name
			break
		}
	}
	if in.Verb == "withdraw" && !c.user {
		in.Verb = "read"
	}
	if in.Verb == "transfer" {
		all := people()
		in.To = all[c.rand.IntN(len(all))]
	}
	return in
}

func (c *caller) learn(in said, out heard) {
	if out.Code == "ok" && out.Number > 0 {
		c.knows[in.Ticket] = out.Number
	}
}
