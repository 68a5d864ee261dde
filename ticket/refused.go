package ticket

import (
	"time"

	"inviter/invitation"
)

// Raw is what a source found, as it came. It may hold a credential.
type Raw struct {
	Name string // of the file; "" for a mail
	Body []byte // a mail (RFC 5322) as far as it was fetched, or the file
}

// RefusedItem is one thing that intake could not use, as /sources shows it.
type RefusedItem struct {
	ID      int64
	Source  string
	Item    string
	From    string
	At      time.Time
	Code    invitation.Code
	Message string
	Kept    int // bytes of the item that are kept; 0 where it can't be read once more
}

// Kept is a refused item that can be read once more.
type Kept struct {
	ID       int64
	Source   string
	Item     string
	From     User // as the source told at the time
	Received time.Time
	Raw      Raw
}

// Reread reads a kept item as its source would today: with today's parser and
// rules. The delivery has the same Source and Item. It is refused with
// unavailable where the source is configured no more.
type Reread func(Kept) (Delivery, error)

// Retries tells whether the role may have a refused item read once more.
func (t Technician) Retries() bool { return t.MayClaim() }

// Dismisses tells whether the role may look into a refused item, and throw it away.
func (t Technician) Dismisses() bool { return t.Lead() }
