package templates

import "time"

// SupportPage is a support link as one computer sees it.
type SupportPage struct {
	Desk, Phone string
	Now         time.Time
	State       string // a ticket.Sight; of "invalid" nothing else is set
	Secret      string
	Who         string // the technician's first name
	Note        string // what the technician wrote for the user
	Made, Expires,
	Closed time.Time
	Asked bool // the technician waits for another invitation

	Ticket   int64  // of the invitation that this computer brought last; 0 for none
	Ask      bool   // invitations can be handed in without a link
	Status   string // path of its status page
	Ended    bool   // it has ended
	Password bool   // it has one, to be told by voice
	Holder   string // first name of who has it; "" while nobody has
	Words    string // that the holder says
	Said     string // the key of an answer to what the user just did, "" for none
}

func (SupportPage) template() string { return "support" }

// Live tells whether anything may still change.
func (p SupportPage) Live() bool { return p.State == "offered" || p.State == "ready" }

// Spoken are the words that the holder says on the phone.
func (p SupportPage) Spoken() Spoken { return Spoken{p.Holder, p.Words, p.Phone} }

// Title is the page's first line.
func (p SupportPage) Title(l *Language) string {
	key := "support." + p.State
	switch {
	case p.State != "ready":
	case p.Asked:
		key += ".asked"
	case p.Holder != "":
		return l.Text(key+".held", "who", p.Holder)
	}
	return l.Text(key, "who", p.Who)
}

// Share is how much of the link's life is left, of the whole.
func (p SupportPage) Share() string { return p.life().Share() }

// Urgency is how near its end is.
func (p SupportPage) Urgency() string { return p.life().Urgency() }

func (p SupportPage) life() StatusPage {
	return StatusPage{Now: p.Now, Came: p.Made, Expires: p.Expires}
}

// CodePage asks for the six digits that a technician told by phone.
type CodePage struct {
	Desk, Phone string
	Wrong       string // "", "digits", "too-many"
}

func (CodePage) template() string { return "code" }

// LinksPage is where a technician invites a user, with the reader's own links.
type LinksPage struct {
	Shell             Shell
	Links             []LinkLine
	Typed             string // where the six digits are typed
	Said              string // the key of an answer, "" for none
	Count, Unit, Note string // typed before, where it was refused
}

func (LinksPage) template() string { return "links" }

// LinkLine is one support link, for its technician.
type LinkLine struct {
	ID    int64
	Now   time.Time
	State string // a ticket.LinkState
	Code  string // "384 216"
	URL   string
	Note  string
	Made, Expires, Bound,
	Asked, // zero, too, once the user answered
	Closed time.Time
	Ticket int64    // of the latest invitation that it brought; 0 for none
	Ends   []string // the results to close it and its ticket with; none where there is no such ticket
}

// Open tells whether the link can still be used.
func (l LinkLine) Open() bool { return l.State == "open" || l.State == "bound" }
