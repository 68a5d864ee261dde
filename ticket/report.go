package ticket

import (
	"cmp"
	"slices"
	"time"
)

// Report is how the helpdesk did with the tickets that came within a time.
type Report struct {
	From, To    time.Time // came at or after From and before To
	Came        int       // all, dead on arrival left out
	Waited      int       // of these, less superseded and withdrawn: missed is a part of this
	Missed      []Lost    // expired, never claimed; the latest first
	Dead        int       // past their expiry when they came
	HandBacks   int
	Ends        map[string]int // how they ended: a closed one's outcome, else the state; open ones as "open"
	Wait        Spread         // from the place in line to the first claim
	Connect     Spread         // from a claim to connected
	Help        Spread         // from connected to the end or the hand-back
	Technicians []TechnicianLine
	Sources     []SourceLine
	Hours       [24]HourLine // by the hour of arrival
}

// Spread tells how long something took: half within P50, nine in ten within P90.
type Spread struct {
	N             int
	P50, P90, Max time.Duration
}

// Lost is a missed ticket, by name.
type Lost struct {
	ID                          ID
	Name, Address, Note, Source string
	Came, Ended                 time.Time
}

// TechnicianLine is what one person did.
type TechnicianLine struct {
	Name                      string
	Claims, Helped, HandBacks int
	Connect, Help             Spread
}

// SourceLine is what came one way.
type SourceLine struct {
	Name                     string
	Came, Also, Missed, Dead int // Also: known already, came this way too
	Wait                     Spread
}

// HourLine is what came within one hour of the day.
type HourLine struct {
	Came, Missed int
	Wait         Spread
}

// Tally counts tickets one by one.
type Tally struct {
	report              Report
	zone                *time.Location
	wait, connect, help []time.Duration
	people              map[string]*personTimes
	sources             map[string]*sourceTimes
	hourWait            [24][]time.Duration
}

type personTimes struct {
	TechnicianLine
	connect, help []time.Duration
}

type sourceTimes struct {
	SourceLine
	wait []time.Duration
}

// NewTally counts what came from from on and before to, hours by the clock of zone.
func NewTally(from, to time.Time, zone *time.Location) *Tally {
	return &Tally{
		report: Report{From: from, To: to, Ends: map[string]int{}}, zone: zone,
		people: map[string]*personTimes{}, sources: map[string]*sourceTimes{},
	}
}

// Add counts a ticket with its events in order. Of its deliveries the first
// says where it came from.
func (r *Tally) Add(t Ticket, events []Event) {
	source := r.source(t)
	if t.State == Expired && !t.Expires.After(t.QueuedAt) {
		r.report.Dead++
		source.Dead++
		return
	}
	hour := t.QueuedAt.In(r.zone).Hour()
	r.report.Came++
	source.Came++
	r.report.Hours[hour].Came++
	r.report.Ends[endOf(t)]++
	if t.State != Superseded && t.State != Withdrawn {
		r.report.Waited++
	}
	wait, claimed := r.follow(t, events)
	switch {
	case claimed:
		r.wait = append(r.wait, wait)
		source.wait = append(source.wait, wait)
		r.hourWait[hour] = append(r.hourWait[hour], wait)
	case t.State == Expired:
		source.Missed++
		r.report.Hours[hour].Missed++
		r.report.Missed = append(r.report.Missed, Lost{
			ID: t.ID, Name: t.User.Name, Address: t.User.Address, Note: t.Note, Source: source.Name, Came: t.QueuedAt, Ended: t.EndedAt,
		})
	}
}

func endOf(t Ticket) string {
	switch {
	case !t.State.Ended():
		return "open"
	case t.Outcome != "":
		return string(t.Outcome)
	}
	return string(t.State)
}

func (r *Tally) source(t Ticket) *sourceTimes {
	first := r.sourceNamed("")
	for i, d := range t.Deliveries {
		s := r.sourceNamed(d.Source)
		if i == 0 {
			first = s
		} else {
			s.Also++
		}
	}
	return first
}

func (r *Tally) sourceNamed(name string) *sourceTimes {
	if r.sources[name] == nil {
		r.sources[name] = &sourceTimes{SourceLine: SourceLine{Name: name}}
	}
	return r.sources[name]
}

func (r *Tally) person(name string) *personTimes {
	if r.people[name] == nil {
		r.people[name] = &personTimes{TechnicianLine: TechnicianLine{Name: name}}
	}
	return r.people[name]
}

// follow counts what people did with a ticket, and tells how long it waited for
// its first claim. A claim that was undone has not been.
func (r *Tally) follow(t Ticket, events []Event) (wait time.Duration, claimed bool) {
	var holder string
	var since, connected time.Time
	undone := map[int]bool{}
	for _, e := range events {
		undone[e.Claim] = undone[e.Claim] || e.Kind == EventUndone
	}
	for _, e := range events {
		switch e.Kind {
		case EventClaimed, EventTakenOver, EventTransferred:
			if undone[e.Claim] {
				continue
			}
			r.helped(holder, connected, e.At)
			if holder, since, connected = e.By, e.At, (time.Time{}); e.Kind == EventTransferred {
				holder = e.Other
			}
			r.person(holder).Claims++
			if !claimed {
				wait, claimed = e.At.Sub(t.WaitingSince), true
			}
		case EventConnected:
			connected = e.At
			r.connect = append(r.connect, e.At.Sub(since))
			p := r.person(holder)
			p.Helped++
			p.connect = append(p.connect, e.At.Sub(since))
		case EventReleased:
			r.report.HandBacks++
			r.person(holder).HandBacks++
		}
		if kind := e.Kind; kind != EventConnected && ends(kind) {
			r.helped(holder, connected, e.At)
			connected = time.Time{}
		}
	}
	return max(0, wait), claimed
}

// ends tells whether nobody holds the ticket after such an event.
func ends(k EventKind) bool {
	return slices.Contains([]EventKind{EventReleased, EventLapsed, EventClosed, EventWithdrawn, EventExpired, EventSuperseded, EventDisowned}, k)
}

func (r *Tally) helped(holder string, connected, until time.Time) {
	if connected.IsZero() {
		return
	}
	r.help = append(r.help, until.Sub(connected))
	p := r.person(holder)
	p.help = append(p.help, until.Sub(connected))
}

// Report is what was counted, most work first.
func (r *Tally) Report() Report {
	out := r.report
	out.Wait, out.Connect, out.Help = spread(r.wait), spread(r.connect), spread(r.help)
	for _, p := range r.people {
		p.Connect, p.Help = spread(p.connect), spread(p.help)
		out.Technicians = append(out.Technicians, p.TechnicianLine)
	}
	for _, s := range r.sources {
		s.Wait = spread(s.wait)
		if s.SourceLine != (SourceLine{Name: s.Name}) {
			out.Sources = append(out.Sources, s.SourceLine)
		}
	}
	for h := range out.Hours {
		out.Hours[h].Wait = spread(r.hourWait[h])
	}
	slices.SortFunc(out.Technicians, func(a, b TechnicianLine) int { return cmp.Compare(a.Name, b.Name) }) // no ranking
	slices.SortFunc(out.Sources, func(a, b SourceLine) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(out.Missed, func(a, b Lost) int { return cmp.Or(b.Ended.Compare(a.Ended), cmp.Compare(b.ID, a.ID)) })
	return out
}

// spread takes the nearest rank: P50 is the smallest time within which at least
// half were done.
func spread(all []time.Duration) Spread {
	if len(all) == 0 {
		return Spread{}
	}
	slices.Sort(all)
	rank := func(percent int) time.Duration { return all[(len(all)*percent+99)/100-1] }
	return Spread{N: len(all), P50: rank(50), P90: rank(90), Max: all[len(all)-1]}
}
