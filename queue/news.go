package queue

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"inviter/database"
	"inviter/ticket"
)

var _ ticket.Reporter = (*Queue)(nil)

// News is ticket.Reporter's.
func (q *Queue) News(ctx context.Context, ids []ticket.ID) (map[ticket.ID]ticket.News, error) {
	out := make(map[ticket.ID]ticket.News, len(ids))
	for some := range slices.Chunk(ids, together) {
		err := q.db.Read(ctx, func(tx *database.Tx) error { return q.news(tx, some, out) })
		if err != nil {
			return nil, fmt.Errorf("news: %w", err)
		}
	}
	return out, nil
}

func (q *Queue) news(tx *database.Tx, ids []ticket.ID, out map[ticket.ID]ticket.News) error {
	args := make([]driver.Value, together) // always as many, so that the statement is prepared once
	for i := range args {
		args[i] = int64(ids[min(i, len(ids)-1)])
	}
	rows, err := tx.Query("SELECT s.salt, "+selected+" LEFT JOIN status s ON s.ticket = t.id WHERE t.id IN (?"+
		strings.Repeat(", ?", together-1)+")", args...)
	if err != nil {
		return err
	}
	now := q.now()
	var salt []byte
	return eachRow(rows, []any{&salt}, func(r row) error {
		t, err := r.ticket()
		if err != nil {
			return err
		}
		n := newsOf(shown(t, now))
		if salt != nil {
			n.Secret = q.seal.status(t.ID, salt).Secret
		}
		out[t.ID] = n
		return nil
	})
}

func newsOf(t ticket.Ticket) ticket.News {
	n := ticket.News{
		Ticket: t.ID, State: t.State, Kind: t.Kind, QueuedAt: t.QueuedAt, Expires: t.Expires, EndedAt: t.EndedAt,
		Outcome: t.Outcome, Claims: t.Claims, NewerOne: t.SupersededBy, Revision: t.Revision,
	}
	if t.Claim != nil {
		n.Holder, n.Connected = t.Claim.Holder, !t.Claim.Connected.IsZero()
	}
	return n
}

// Moved is ticket.Reporter's.
func (q *Queue) Moved(ctx context.Context, source string, since int64) (moved []ticket.ID, upTo int64, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		if upTo, err = revision(tx); err != nil || upTo <= since {
			return err
		}
		rows, err := tx.Query(`SELECT DISTINCT t.id FROM ticket t JOIN trace x ON x.ticket = t.id
			WHERE t.revision > ? AND x.source = ? AND x.told < t.revision`, since, source)
		if err != nil {
			return err
		}
		moved, err = numbersIn(rows)
		return err
	})
	if err != nil {
		return nil, since, fmt.Errorf("what moved in %s: %w", source, err)
	}
	return moved, max(upTo, since), nil
}
