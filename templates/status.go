package templates

import (
	"strconv"
	"time"

	"inviter/ticket"
)

// StatusPage is a ticket as its user sees it.
type StatusPage struct {
	Desk       string
	Phone      string
	Secret     string
	Now        time.Time
	Number     int64
	Code       bool   // an id of another program, not an invitation
	Kind       string // what the user gave us, as a ticket has it
	State      string // a ticket's state; "connected" once the holder is, "disowned" after that
	Place      int    // in line, the first is 1; 0 where it stands in none, or very far behind
	From       time.Duration
	To         time.Duration // of the estimated wait; zero where nothing can be said
	Who        string        // the holder's first name
	Since      time.Time     // of the claim, or of the end
	Words      string
	Came       time.Time
	Expires    time.Time
	By         int64     // what took its place
	Outcome    string    // as the technician noted it
	Told       string    // after the end: "works", "still-needs-help", or ""
	Known      time.Time // since when user and team are trusted contacts; zero if they aren't
	Steps      []StatusStep
	Can        StatusCan
	KnownUntil time.Time // unless they are in touch before
	Said       string    // the key of an answer to what the user just did, "" for none
}

func (StatusPage) template() string { return "status" }

// StatusCan is what the user may do now.
type StatusCan struct {
	Withdraw bool
	Fresh    bool // send a fresh invitation
	Disown   bool
	Tell     bool // whether it works
	Again    bool // ask once more, as the same user
}

// StatusStep is one line of what happened, in the user's words.
type StatusStep struct {
	At    time.Time
	Key   string // of the text
	Who   string
	Place string // how it came, of the first
}

// Title is the page's first line.
func (p StatusPage) Title(l *Language) string {
	key := "status." + p.State
	switch {
	case p.State == "waiting" && p.Place == 1:
		key += ".next"
	case p.State == "waiting" && p.Place > 1:
		key += ".place"
	}
	return l.Text(key, "n", strconv.Itoa(p.Place), "who", p.Who)
}

// Share is how much of the invitation's life is left, of the whole.
func (p StatusPage) Share() string {
	whole := p.Expires.Sub(p.Came)
	if whole <= 0 {
		return share(0)
	}
	return share(max(0, min(1, float64(p.Expires.Sub(p.Now))/float64(whole))))
}

// Open tells whether the invitation still lives.
func (p StatusPage) Open() bool {
	switch p.State {
	case "waiting", "claimed", "connected", "quarantined", "disowned":
		return true
	}
	return false
}

// Filed tells whether there was something to wipe at the end.
func (p StatusPage) Filed() bool { return ticket.Kind(p.Kind).Filed() }

// Helped tells whether somebody is on the way or there.
func (p StatusPage) Helped() bool { return p.State == "claimed" || p.State == "connected" }

// Spoken are the words that the holder says on the phone.
func (p StatusPage) Spoken() Spoken { return Spoken{p.Who, p.Words, p.Phone} }

// Spoken are the words by which a user knows that it is us who call.
type Spoken struct {
	Who, Words string
	Phone      string // ours, to ask whether it is; "" for none
}

// ContactsPage lists whom the team knows.
type ContactsPage struct {
	Shell    Shell
	Contacts []Contact
}

func (ContactsPage) template() string { return "contacts" }

// Contact is one user whom the team knows.
type Contact struct {
	ID                  int64
	Name, Address, Call string
	Since, Used, Ends   time.Time
	By                  string // who gave the first help
	Ticket              int64  // of the first help
}

// InvalidPage is the answer to every secret that names no ticket.
type InvalidPage struct {
	Desk  string
	Phone string
	Ask   bool // users can hand in a new one here
}

func (InvalidPage) template() string { return "invalid" }

// Urgency is how near the end is, by the rows' own measure.
func (p StatusPage) Urgency() string {
	r := Row{Now: p.Now, Expires: p.Expires, Soon: p.Expires.Add(-p.Expires.Sub(p.Came) / 4)}
	return r.Urgency()
}
