package ticket

import (
	"slices"
	"strings"
	"time"
)

// Trust says that user and team know each other: somebody of us was connected
// to this user's PC by a password that was said by voice, and closed it as
// solved. Windows keeps the two as contacts from then on, so where the method
// allows (Easy Connect) no password call is needed the next time, and the
// ticket says so. That is all it does: who may claim, and when, never depends
// on it. Either side can revoke it.
type Trust struct {
	ID     int64
	User   User // its Key is whom the trust is in
	Since  time.Time
	Used   time.Time // the last help
	Ticket ID        // the first help
	By     string    // who gave it
}

// TrustLife is how long trust lasts that isn't used.
const TrustLife = 180 * 24 * time.Hour

// Ends is when the trust ends unless it is used.
func (t Trust) Ends() time.Time { return t.Used.Add(TrustLife) }

// Alive tells whether the trust still stands.
func (t Trust) Alive(now time.Time) bool { return now.Before(t.Ends()) }

// TrustedContact marks a ticket whose user and team are trusted contacts: no
// password call is needed.
const TrustedContact Flag = "trusted-contact"

// earnsTrust tells whether closing the ticket now, with this result, makes user
// and team trusted contacts. A user of whom nobody can say that it is the same
// one next time never is.
func (t *Ticket) earnsTrust(result End) bool {
	helped := result == Solved && t.Claim != nil && !t.Claim.Connected.IsZero()
	spoken := (t.Kind == File || t.Kind == EasyConnect) && t.PasswordRequired || t.Has(TrustedContact)
	known := t.User.Key != "" && !(strings.HasPrefix(t.User.Key, "mail:") && strings.Contains(t.User.Key, " "+string(Unproven)))
	return helped && spoken && known && !t.Has(DoubtfulSender) && !t.Has(SenderConflict)
}

// Know marks a new Easy Connect request of a trusted contact.
func (t *Ticket) Know() {
	t.flag(TrustedContact)
	t.PasswordRequired = false
}

// Distrust takes the mark off again: one of the two sides revoked the trust. An
// ended ticket stays as it was.
func (c *Case) Distrust() error {
	c.Tick()
	t := c.Ticket
	if !t.State.Ended() && t.Has(TrustedContact) {
		t.unflag(TrustedContact)
		t.PasswordRequired = true
	}
	return nil
}

// SameAsker tells whether somebody who comes with another's secret, and says
// who he is, is that user: by name, and by how to be reached.
func (u User) SameAsker(other User) bool {
	ways := []string{strings.ToLower(u.Phone), strings.ToLower(u.Address)}
	for _, way := range []string{strings.ToLower(other.Phone), strings.ToLower(other.Address)} {
		if way != "" && slices.Contains(ways, way) {
			return strings.EqualFold(u.Name, other.Name)
		}
	}
	return false
}
