package ticket

import (
	"context"
	"time"
)

// Trace is what stands in a source for its user to see of his tickets: the
// file that he dropped where files stay, else a receipt in its place. Taking
// it away is his withdrawal.
type Trace struct {
	Place   string // where it stands, in the source's own words; any bytes
	Home    string // which folder that is, whatever it is called: another one there is not its home
	Tickets []ID
	Told    int64 // the latest revision of its tickets that it tells of
}

// Traces is the record of what stands in sources, as a source reads and writes it.
type Traces interface {
	// Leave records traces, each in the stead of what was recorded of its place.
	Leave(ctx context.Context, source string, traces []Trace) error
	// Left lists all traces of a source.
	Left(ctx context.Context, source string) ([]Trace, error)
	// Forget drops traces that are gone, or of no interest any more.
	Forget(ctx context.Context, source string, places []string) error
	// Removed takes the removal of a trace for what its user meant by it: the
	// trace is forgotten, and those of its tickets are withdrawn that are still
	// open and of which nothing else stands anywhere. It returns these.
	Removed(ctx context.Context, source, place string) ([]ID, error)
}

// Reporter tells how tickets are doing, to those who pass it on to users.
type Reporter interface {
	// News is about those of the tickets that there are.
	News(ctx context.Context, ids []ID) (map[ID]News, error)
	// Moved lists tickets of a source's traces to which something happened
	// after revision since that a trace doesn't tell of, and the revision to go
	// on from.
	Moved(ctx context.Context, source string, since int64) ([]ID, int64, error)
	// Notify gives a hint after every change of any ticket.
	Notify(ctx context.Context) <-chan struct{}
}

// News is how one ticket is doing, as far as its user is told.
type News struct {
	Ticket    ID
	State     State
	Kind      Kind
	Holder    string // who has it claimed
	Connected bool   // and said that he is connected
	QueuedAt  time.Time
	Expires   time.Time
	EndedAt   time.Time // zero while it is open
	Outcome   End       // of a closed one
	Claims    int       // how many claims it has had
	NewerOne  ID        // by which it was superseded; 0 for none
	Secret    string    // of the status page; "" if it has none
	Revision  int64
}

// Dead tells whether the ticket was past its deadline when it arrived.
func (n News) Dead() bool { return n.State == Expired && !n.Expires.After(n.QueuedAt) }
