package ticket

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"inviter/invitation"
)

// Delivery is one thing a source found: the invitations in it, or why it was
// refused, or (with neither) nothing for us.
type Delivery struct {
	Source      string // the source's name, "mailbox:helpdesk"
	Item        string // what it is called there, stable and unique for ever within the source
	From        User
	Note        string        // what the user wrote, cleaned and with passwords masked
	Received    time.Time     // when the source's server took it, by that server's clock where it has one
	Skew        time.Duration // how far the user's clock is behind, where the carrier tells
	Flags       []Flag        // what the source knows: DoubtfulSender, Forwarded, PasswordInMail
	Quarantine  bool          // the sender policy wants a person's look first
	Invitations []invitation.Invitation
	Refusal     *invitation.Refusal
	Reply       Reply // to whom to say what became of it; the zero value is nobody
	Raw         *Raw  // of a refused one, to be kept; nil where it could not be had

	// Stays leaves it where it is though it is refused: nothing tells that it was
	// meant for us.
	Stays bool

	// Imprint is equal in two refused deliveries of one source only if they are
	// the very same thing, which its place has given another name: then they are
	// one refusal. The zero value equals nothing.
	Imprint Imprint
}

// Imprint tells a thing from all others by what it is, whatever it is called.
type Imprint [sha256.Size]byte

// Outcome is what became of one delivery, or of one invitation in it.
type Outcome string

// Outcomes, as the ledger and the watcher's counts have them.
const (
	Queued   Outcome = "queued"   // a new ticket
	Repeated Outcome = "repeated" // a known invitation: its ticket notes the further delivery
	Dead     Outcome = "expired"  // dead on arrival: recorded, past its expiry
	Rejected Outcome = "refused"  // recorded as a refusal, or refused before under another name
	Ignored  Outcome = "ignored"  // nothing for us
)

// Receipt says what became of a delivery. Once it exists, the delivery is durable.
type Receipt struct {
	Item    string
	Outcome Outcome
	Tickets []ID
	Known   bool // of a refused one: it had been refused before, under another name
	Before  bool // the ledger had this very delivery: nothing came of it now
}

// Submit records a batch durably, each delivery in one transaction: ledger row,
// tickets, events. It is idempotent by (Source, Item) and by invitation key. An
// error is a fault: some of the batch may be recorded, none of it by halves, and
// all of it may be submitted again.
type Submit func(ctx context.Context, batch []Delivery) ([]Receipt, error)

// Ledger is the record of what a source has delivered, as the source reads it.
type Ledger interface {
	// Position is the mark that Advance saved last, "" at first.
	Position(ctx context.Context, source string) (string, error)
	// Advance saves the source's own mark of how far it has come.
	Advance(ctx context.Context, source, mark string) error
	// Recorded tells which of items were submitted before.
	Recorded(ctx context.Context, source string, items []string) (map[string]Entry, error)
	// Held lists what was submitted but not yet let go, oldest first.
	Held(ctx context.Context, source string, limit int) ([]Entry, error)
	// LetGo notes that items have left the source, or may stay there for good.
	LetGo(ctx context.Context, source string, items []string) error
}

// Entry is one row of the ledger.
type Entry struct {
	Item    string
	Outcome Outcome
	Refusal invitation.Code // of a refused one: which kind
	At      time.Time       // when it was recorded
	Tickets []ID
	LetGo   bool
}

// Pass counts what one complete scan did.
type Pass struct {
	Seen, Queued, Repeated, Refused, Ignored int
	Pending                                  int // found, but not ready yet or not yet let go
}

// Source is a place where invitations arrive. It knows how to look; package
// watch decides when. It lets go of an item (moves or deletes it) only after
// Submit returned, and checks right before that it is still what was read.
type Source interface {
	// Name is "mailbox:NAME" or "share:NAME".
	Name() string
	// Scan looks through the source once, completely. It never relies on Hints.
	Scan(ctx context.Context, submit Submit) (Pass, error)
	// Hints makes the next scan come sooner. The channel lives until ctx ends;
	// a source that can't tell returns nil.
	Hints(ctx context.Context) <-chan struct{}
}

// ErrGone is wrapped by the error of a Scan whose place itself is away
// (unmounted, folder removed), as against one that failed: see SourceGone.
var ErrGone = errors.New("the place is gone")

// SourceState is how a source is doing, as the page shows it.
type SourceState struct {
	Name        string
	State       string    // one of the Source… constants
	Mode        string    // how it is being watched, for people: "IDLE", "events", "polling"
	Since       time.Time // when State began
	LastSuccess time.Time // end of the last complete pass; zero if none yet
	LastError   string    // in plain words, with what to do; "" when well
	NextTry     time.Time
	Period      time.Duration // the schedule's longest gap; late is 3 of these
	Total       Pass          // counts since the source was first watched
}

// How a source can be doing.
const (
	SourceOK      = "ok"
	SourceLate    = "late"    // no complete pass within three periods
	SourceFailing = "failing" // the last pass failed
	SourceGone    = "gone"    // the place itself is away: unmounted, folder removed
)
