package queue

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"inviter/invitation"
	"inviter/ticket"
)

// Unlock tries a password on the invitation, for the holder of the claim: does
// it fit, and which addresses are inside, best first. What is left of it is a
// line in the log that says who tried and what came of it; password and
// addresses are neither stored nor logged. The tries are counted by that log,
// so that they are bounded across processes and restarts.
func (q *Queue) Unlock(ctx context.Context, id ticket.ID, by ticket.Technician, claim int, password string) (invitation.Verdict, []invitation.Endpoint, error) {
	var l lock
	err := q.write(ctx, func(b *book) error {
		l = lock{book: b, seal: q.seal, id: id, password: password}
		_, err := b.change(id, func(c *ticket.Case) error { return c.Unlock(by, claim, &l) })
		return err
	})
	if err != nil {
		return "", nil, about(id, err)
	}
	return l.verdict, l.endpoints, nil
}

// lock is one try on one stored file.
type lock struct {
	book      *book
	seal      *seal
	id        ticket.ID
	password  string
	verdict   invitation.Verdict
	endpoints []invitation.Endpoint
}

// Tries counts in the log.
func (l *lock) Tries(since time.Time) (int, time.Time, error) {
	var n int
	var first sql.NullInt64
	err := l.book.tx.Row("SELECT count(*), min(at) FROM event WHERE ticket = ? AND kind = ? AND at > ?",
		int64(l.id), string(ticket.EventChecked), since.UnixMilli()).Scan(&n, &first)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count tries: %w", err)
	}
	return n, at(first.Int64), nil
}

// Try decrypts the file and tries the password on it.
func (l *lock) Try() (invitation.Verdict, []invitation.Endpoint, error) {
	file, err := l.book.file(l.id, l.seal)
	if err != nil {
		return "", nil, err
	}
	inv, err := invitation.Parse(file)
	if err != nil { // it was readable when it came: our fault, and no refusal of the caller
		return "", nil, fmt.Errorf("read invitation: %v", err)
	}
	l.verdict, l.endpoints = inv.Unlock(l.password)
	return l.verdict, l.endpoints, nil
}
