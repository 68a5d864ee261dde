package queue

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"

	"inviter/invitation"
	"inviter/ticket"
)

// inviteCode makes a ticket of another product's code, or notes that it came
// once more. A code is often the computer's for ever, so its key alone tells no
// request from the next: while its ticket is open, and for what was sent before
// that ended, it is the same request; what is sent afterwards is a new one. Other
// than the key of an invitation a code can be guessed, so it is one user's own.
func (b *book) inviteCode(d ticket.Delivery, inv invitation.Invitation, s *seal, known repeating) (ticket.ID, ticket.Outcome, error) {
	code := inv.Key
	for n := uint64(0); ; n++ {
		inv.Key = requestKey(code, d.From.Key, n)
		p, free, err := b.asking(inv.Key)
		switch {
		case err != nil:
			return 0, "", err
		case free:
			return b.admit(d, inv, s)
		case p != nil && b.lives(p.Ticket, d):
			return b.repeated(p, d, inv, s, known)
		}
	}
}

// asking is the ticket of a request's key, nil if it was purged; free is a key
// that no ticket ever had.
func (b *book) asking(k invitation.Key) (p *page, free bool, err error) {
	var id int64
	err = b.tx.Row("SELECT id FROM ticket WHERE inv_key = ?", k[:]).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		old, err := b.purgedAs(k)
		return nil, old == 0, err
	}
	if err != nil {
		return nil, false, err
	}
	p, err = b.load(ticket.ID(id))
	return p, false, err
}

// lives tells whether a delivery was sent before the ticket ended.
func (b *book) lives(t *ticket.Ticket, d ticket.Delivery) bool {
	switch {
	case t.State.Ended():
		return d.Received.Before(t.EndedAt)
	case t.State == ticket.Claimed:
		return true
	}
	return b.now.Before(t.Expires) || d.Received.Before(t.Expires)
}

// requestKey is the key of a user's n-th request with a code.
func requestKey(code invitation.Key, user string, n uint64) invitation.Key {
	h := sha256.New()
	h.Write(code[:])
	h.Write(binary.BigEndian.AppendUint64(nil, n))
	h.Write([]byte(user))
	return invitation.Key(h.Sum(nil))
}
