package templates

import (
	"time"

	"inviter/ticket"
)

// Page is a page or a part of one. The structs of this package are all there are.
type Page interface{ template() string }

// Shell is what every page of a signed-in reader has around it.
type Shell struct {
	Title string // already in the reader's language
	Here  string // which page of the top line: "queue", "history", "sources"
	Name  string // who is signed in
	Self  string // path of the reader's own account page, "" where there is none
	Admin bool   // the reader manages accounts
	Keys  bool   // the page listens to single keys
	// Invites tells that the reader may make support links.
	Invites bool
	Now     time.Time
	Feeds   Feeds
	// Shared tells that many readers get what is rendered: slots stand where
	// something tells of one of them or of the moment, first for Began, then for Self.
	Shared bool
}

// Began is the part of a shared page that tells its moment.
type Began struct{ Now time.Time }

func (Began) template() string { return "body" }

// Self is the part of a shared page that tells who reads.
type Self struct{ Self, Name string }

func (Self) template() string { return "self" }

// Feeds is the line that says how the sources are doing.
type Feeds struct {
	Now  time.Time
	Away []Feed // not being served: each gets a red band
	Well []Feed
	Scan bool // the reader may have a source looked through now
	Jump ticket.Jump
	Sent *Unsent // answers that don't get out; nil while they do
	// Still are users who said after a close that they still need help.
	Still []ticket.Still
}

// Unsent says that answers by mail or webhooks don't get out.
type Unsent struct {
	Waiting int
	Lost    int // given up within the last day
	Error   string
}

// Feed is one source, as every page shows it.
type Feed struct {
	Place
	State string    // "ok", "late", "failing", "gone", "new" before its first look, or "warned": well, but less than it should be
	Since time.Time // when State began
	Last  time.Time // end of the last complete pass; zero if none
	Next  time.Time // next try; zero where nothing is planned
	Error string    // the source's own words
}

// Place is where something arrived.
type Place struct {
	Kind string // "mailbox", "share", "upload"
	Name string
}

// ID is the source's whole name, "mailbox:helpdesk".
func (p Place) ID() string { return p.Kind + ":" + p.Name }

// QueuePage is the page that technicians look at all day.
type QueuePage struct {
	Shell Shell
	Line  Line
	Next  bool   // the reader may claim the next one
	Works bool   // the reader can write down who asks by phone
	More  string // query of the following rows; "" where this is all
	Said  *Said  // about a ticket that no row shows
	// Missed is the list of the tab of that name, which has no rows.
	Missed []Ended
}

func (QueuePage) template() string { return "queue" }

// LinePart is what changed in the queue, for the page's script to merge in.
type LinePart struct {
	Title string
	Feeds Feeds
	Line  Line
	All   bool   // the rows are the whole list: what isn't among them is gone
	Gone  []Gone // no longer in the list that the reader looks at
	Focus int64  // the ticket that the reader just claimed; 0 for none
	Done  int64  // the ticket that the reader just let go, and sees no longer; 0 for none
	Said  *Said
}

func (LinePart) template() string { return "part" }

// Line is the list of tickets: its head, and a slot for its rows, which are
// rendered one by one (see Language.Around).
type Line struct {
	Now      time.Time
	Revision int64
	Show     string // which tab
	Query    string // the filter's words
	After    string // what the page begins after; "" for the first
	Limit    int    // rows on a page
	Head     Head
	Tabs     []Tab
	Next     bool // somebody waits, and the reader may claim
}

// Head is the sentence above the list.
type Head struct {
	Waiting int
	Longest time.Time // since when the first in line waits; zero for nobody, or hardly any time
	Ending  int       // how many end within the hour
	Soonest time.Time // the end of the one that ends first; zero where unknown
}

// Tab is one choice of which tickets are shown.
type Tab struct {
	Show  string
	Count int
	Here  bool
	Own   bool // of a shared page: the count is each reader's own, and a slot stands for it
}

func (Tab) template() string { return "count" }

// Gone is a ticket that left the list.
type Gone struct {
	ID   int64
	Said Said
}

// TicketPage is one ticket with its whole trail.
type TicketPage struct {
	Shell Shell
	Row   Row
	Facts Facts
	Story []Stretch
	Marks []Mark
	Trail []Step
	Ends  []string // the results a lead can close it with
	Said  *Said
}

func (TicketPage) template() string { return "ticket" }

// HistoryPage lists ended tickets, the latest first.
type HistoryPage struct {
	Shell       Shell
	Query       string // words searched for
	First, Last string // the dates between which they ended, as date fields have them; "" for no bound
	Sought      bool   // any of these was given
	Ended       []Ended
	More        string
	Further     bool // the search stopped on its way: More goes on with it
}

func (HistoryPage) template() string { return "history" }

// Ended is one line of the history.
type Ended struct {
	Now     time.Time
	ID      int64
	Name    string
	Address string
	From    Place
	State   string // how it ended
	Outcome string // the technician's result, "" for none
	Note    string
	Came    time.Time
	At      time.Time
}

// SourcesPage says how each source is doing, what waits for a lead's look, and
// what could not be used.
type SourcesPage struct {
	Shell   Shell
	Feeds   []FeedDetail
	ToCheck []Row
	Refused []RefusedLine
	Said    *Said
}

func (SourcesPage) template() string { return "sources" }

// FeedDetail is one source with its counts.
type FeedDetail struct {
	Feed
	Mode                      string // how it is being watched, in the source's words
	Queued, Repeated, Refused int
}

// RefusedLine is one thing that could not be used.
type RefusedLine struct {
	ID      int64
	Now, At time.Time
	Place   Place
	Item    string
	From    string
	Code    string
	Message string

	Retry, Dismiss, Download bool // what the reader's buttons offer
}

// LoginPage asks for name and password.
type LoginPage struct {
	Desk  string // the helpdesk's name
	Next  string // where to go afterwards
	Name  string // typed before
	Wrong string // "", "wrong", "too-many", "link", "no-passwords", "sso-…"
	// Passwords tells whether people may log in by password; SignOn is where
	// single sign-on begins, "" without it.
	Passwords bool
	SignOn    string
	Ask       bool // users hand in here too, without a log-in
}

func (LoginPage) template() string { return "login" }

// LinkPage is behind a log-in link: opening it alone must not use it up.
type LinkPage struct {
	Desk   string
	Secret string
}

func (LinkPage) template() string { return "link" }

// SorryPage says an expected no, or that something is wrong on our side.
type SorryPage struct {
	Code   string // of the refusal: "forbidden", "unknown", …
	Number string // of a fault, to quote; "" for a refusal
}

func (SorryPage) template() string { return "sorry" }
