package templates

import "time"

// Row is one ticket in the list, as one reader sees it.
type Row struct {
	Now      time.Time
	ID       int64
	Order    string // rows stand in the order of this, longest in line first
	State    string // "waiting", "claimed", "quarantined", or an end
	Since    time.Time
	Expires  time.Time
	Soon     time.Time // from when on the row is urgent: a quarter of its life is left
	NewUntil time.Time // it is marked as new so long
	Name     string
	Address  string
	Note     string
	Tags     []Tag
	From     Place
	Also     []Place // the same invitation came this way too
	Holder   *Holder
	Can      Can
	Open     *Open // set for the holder: the row opened in place
	Said     *Said // the answer to what the reader just did
}

func (Row) template() string { return "row" }

// Last is from when on the end is near for everybody.
func (r Row) Last() time.Time { return r.Expires.Add(-lastMinutes) }

// Urgency is how near the end is: "", "soon" with a quarter of the life left,
// and "last" for the last ten minutes.
func (r Row) Urgency() string {
	switch {
	case !r.Now.Before(r.Last()):
		return "last"
	case !r.Now.Before(r.Soon):
		return "soon"
	}
	return ""
}

// Until is when the row looks different by itself: a minute more in line, a
// minute less to live, more urgent, no longer new.
func (r Row) Until() time.Time {
	until := r.Now.Add(time.Minute)
	sooner := func(t time.Time) {
		if t.After(r.Now) && t.Before(until) {
			until = t
		}
	}
	minute := func(since time.Time) {
		if d := r.Now.Sub(since); !since.IsZero() && d >= 0 {
			sooner(since.Add(d.Truncate(time.Minute) + time.Minute))
		}
	}
	minute(r.Since)
	if r.Holder != nil {
		minute(r.Holder.Since)
		minute(r.Holder.Connected)
		minute(r.Holder.Silent)
		sooner(r.Holder.Lease)
	}
	sooner(r.Expires)
	if d := r.Expires.Sub(r.Now).Truncate(time.Minute); d > 0 {
		sooner(r.Expires.Add(-d + time.Millisecond)) // the whole minute still counts
	}
	sooner(r.Soon)
	sooner(r.Last())
	sooner(r.NewUntil)
	if r.Open != nil {
		sooner(r.Open.UndoUntil)
	}
	return until
}

// New tells whether it came just now.
func (r Row) New() bool { return r.Now.Before(r.NewUntil) }

// Undoable tells whether the reader's claim can still be taken back.
func (r Row) Undoable() bool { return r.Open != nil && r.Now.Before(r.Open.UndoUntil) }

// Slim rows are held by somebody else: the eye should meet what can be claimed.
func (r Row) Slim() bool { return r.State == "claimed" && !r.Yours() }

// Yours tells whether the reader holds the ticket.
func (r Row) Yours() bool { return r.Holder != nil && r.Holder.You }

// Life is the look of the row's life bar beside its urgency.
func (r Row) Life() string {
	switch {
	case r.Yours():
		return "yours"
	case r.State == "claimed":
		return "held"
	case r.State == "quarantined":
		return "stopped"
	}
	return ""
}

// Can is what the reader may do with the ticket now.
type Can struct {
	Claim    bool
	Ask      bool // the claim wants a second word first: addresses outside the networks
	TakeOver bool
	Decide   bool // a lead, and it waits for one
	Close    bool // a lead, without holding it
}

// Tag is a word about a ticket that a technician should read before claiming.
type Tag struct {
	Flag string
	Who  string // whom or what the flag is about, "" for none
}

// Look is the tag's colour: amber for doubts, the accent for a colleague.
func (t Tag) Look() string {
	switch t.Flag {
	case "doubtful-sender", "sender-conflict", "outside-networks", "password-in-mail", "no-password":
		return "soon"
	case "with-holder":
		return "accent"
	}
	return ""
}

// Icon is the tag's sign: colour alone never tells.
func (t Tag) Icon() string {
	switch {
	case t.Flag == "doubtful-sender":
		return "lock"
	case t.Look() == "soon":
		return "warn"
	}
	return ""
}

// Holder is who has a ticket.
type Holder struct {
	Name      string
	You       bool
	Since     time.Time
	Connected time.Time // zero if not
	Silent    time.Time // since when there is no sign of life; zero while there is
	Lease     time.Time // when silence begins if there is no other
}

// Open is what only the holder sees.
type Open struct {
	Claim     int
	Kind      string // what the user gave us: "file", "code", "offer", "easyconnect"
	Product   string // whose code it is: "AnyDesk"; "" for an invitation file
	Name      string // of who asks
	Call      string // how to reach who asks
	File      string
	Size      int
	Fetched   time.Time
	Connected time.Time
	Since     time.Time
	Password  bool
	Endpoints []string
	Words     string // two, which the user's status page shows too
	Message   string
	Came      []Arrival
	PCName    string // what the file says the user is called
	Before    *Before
	Others    []string // to whom it can be transferred
	Reasons   []string
	Ends      []string
	UndoUntil time.Time // zero once the file was fetched
	Check     *Check    // what a password tried just now told
}

// Check is what a tried password told. It is part of one answer only.
type Check struct {
	Verdict   string // "right", "wrong", "unverifiable"
	Endpoints []string
}

// Right tells whether it fits.
func (c *Check) Right() bool { return c != nil && c.Verdict == "right" }

// Tell puts what a password told into the row, if its reader still holds it.
func (r *Row) Tell(c *Check) {
	if r.Open != nil && c != nil {
		r.Open.Check, r.Open.Endpoints = c, c.Endpoints
	}
}

// Arrival is one way in which the invitation came.
type Arrival struct {
	Now   time.Time
	Place Place
	At    time.Time
	From  string
}

// Before says who handed the ticket back last, and why.
type Before struct {
	Who, Reason, Note string
	At                time.Time
}

// Said is an answer in words: a refusal's code, or what was done.
type Said struct {
	Now    time.Time
	Code   string
	Ticket int64
	Who    string
	Since  time.Time
	Until  time.Time
}

// Facts are the plain facts beside a ticket's trail.
type Facts struct {
	User                     string
	Address                  string
	Phone                    string
	PCName                   string
	Came                     []Arrival
	QueuedAt                 time.Time
	Format                   string
	Endpoints                []string
	Hidden                   bool // endpoints exist but aren't for this reader
	Password                 bool
	Size                     int // of the file; 0 once wiped
	Wait                     time.Duration
	Connect                  time.Duration
	Help                     time.Duration
	Supersedes, SupersededBy int64
	Outcome                  string
	EndNote                  string
	EndedAt                  time.Time
	EndedBy                  string
}

// Stretch is a part of a ticket's time, drawn on one line.
type Stretch struct {
	Kind     string // "waits", "holds", "helps"
	From, To float64
	Who      string
	Named    bool // wide enough to be named above the line
	Time     time.Duration
}

// Wide stretches are named on small screens too.
func (s Stretch) Wide() bool { return s.To-s.From > 0.15 }

// Mark is a clock time under that line.
type Mark struct {
	At     float64
	Time   time.Time
	Now    time.Time
	Anchor string // "start", "middle", "end"
}

// Step is one event of the trail.
type Step struct {
	Now   time.Time // of the step before: a clock time names the day only where it changes
	At    time.Time
	Kind  string // as the event log names it
	By    string
	Other string
	Way   *Place // how it came, of the first steps
	Note  string
	Claim int
	After time.Duration // waited before a claim, or claimed before connecting
	Phase string        // what follows: "held", "helping" or ""
}

// Weight is how a step is drawn: the turns of a ticket's life stand out.
func (s Step) Weight() string {
	switch s.Kind {
	case "closed", "withdrawn", "expired", "superseded", "refused":
		return "end"
	case "repeated", "fetched", "checked", "renewed":
		return "minor"
	}
	return "big"
}
