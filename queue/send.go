package queue

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// How the outbox is emptied.
const (
	mailsAMinute = 60
	firstRetry   = 5 * time.Second
	slowest      = 2 * time.Hour  // between two tries
	longestTry   = 24 * time.Hour // after that a notice is given up
	longestRest  = time.Minute    // between two looks
)

// Awaken makes every notice that waits for its next try due at once: whoever
// begins to empty the outbox says it first, for what kept the last one from it
// may be over. One program at a time empties it.
func (q *Queue) Awaken(ctx context.Context) error {
	err := q.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("UPDATE outbox SET next_at = ? WHERE state = 'pending' AND next_at > ?", ms(q.now()), ms(q.now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}

// Due takes notices of one channel that are to be sent now, oldest first, at
// most limit, and no more than 60 mails a minute. Each counts as tried before
// it is handed out, with its next try set, so that a program that dies on it
// comes back to it. wait is how long to rest if nothing new is written.
func (q *Queue) Due(ctx context.Context, by ticket.Channel, limit int) (due []ticket.Notice, wait time.Duration, err error) {
	now := q.now()
	first, err := q.earliest(ctx, by)
	switch {
	case err != nil || first.IsZero():
		return nil, longestRest, err
	case first.After(now):
		return nil, min(first.Sub(now), longestRest), nil
	}
	err = q.db.Write(ctx, func(tx *database.Tx) error {
		due = nil
		room := limit
		if by == ticket.ByMail {
			spent, err := mailsSince(tx, now.Add(-time.Minute))
			if err != nil {
				return err
			}
			room = max(0, min(limit, mailsAMinute-spent))
		}
		rows, err := pendingRows(tx, by, now, room)
		if err != nil {
			return err
		}
		for _, r := range rows {
			n, err := q.try(tx, r, now)
			if err != nil {
				return err
			}
			due = append(due, n)
		}
		return nil
	})
	if err != nil {
		return nil, longestRest, fmt.Errorf("outbox: %w", err)
	}
	return due, time.Second, nil
}

// earliest is when the first notice is due, zero where none waits.
func (q *Queue) earliest(ctx context.Context, by ticket.Channel) (when time.Time, err error) {
	var first sql.NullInt64
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Row("SELECT min(next_at) FROM outbox WHERE next_at IS NOT NULL AND (hook = '') = (? = 'mail')", string(by)).Scan(&first)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("outbox: %w", err)
	}
	return moment(first), nil
}

func mailsSince(tx *database.Tx, when time.Time) (n int, err error) {
	err = tx.Row("SELECT count(*) FROM outbox WHERE tried_at > ? AND hook = ''", ms(when)).Scan(&n)
	return n, err
}

// pendingRow is a row of the outbox as it is taken.
type pendingRow struct {
	id, ticket, at             int64
	cause, kind, hook, content string
	tries                      int
}

func pendingRows(tx *database.Tx, by ticket.Channel, now time.Time, limit int) ([]pendingRow, error) {
	rows, err := tx.Query(`SELECT id, COALESCE(ticket, 0), at, cause, kind, hook, content, tries FROM outbox
		WHERE next_at <= ? AND (hook = '') = (? = 'mail') ORDER BY next_at, id LIMIT ?`, ms(now), string(by), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []pendingRow
	for rows.Next() {
		var r pendingRow
		if err := rows.Scan(&r.id, &r.ticket, &r.at, &r.cause, &r.kind, &r.hook, &r.content, &r.tries); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// try counts one try and makes the notice of the row.
func (q *Queue) try(tx *database.Tx, r pendingRow, now time.Time) (ticket.Notice, error) {
	n := ticket.Notice{
		ID: r.id, Kind: ticket.NoticeKind(r.kind), Ticket: ticket.ID(r.ticket), Hook: r.hook, Cause: r.cause, At: at(r.at),
		Tries: r.tries + 1, Instance: q.Instance(), MessageID: q.messageID(r),
	}
	var c content
	if err := json.Unmarshal([]byte(r.content), &c); err != nil {
		return n, fmt.Errorf("outbox %d: %w", r.id, err)
	}
	n.Facts, n.Reply = c.Facts, c.Reply
	if n.Ticket != 0 {
		var err error
		if n.Status, err = status(tx, n.Ticket, q.seal); err != nil {
			if _, gone := err.(*ticket.Refusal); !gone {
				return n, err
			}
		}
	}
	_, err := tx.Exec("UPDATE outbox SET tries = ?, tried_at = ?, next_at = ? WHERE id = ?",
		n.Tries, ms(now), ms(now.Add(patience(now.Sub(n.At)))), r.id)
	return n, err
}

// patience is how long to wait before the next try of a notice of that age:
// its age doubles from try to try. Tries are not counted for it, or a program
// that died a few times in the middle of one would hold the rest up for hours.
func patience(age time.Duration) time.Duration { return min(max(age, firstRetry), slowest) }

// messageID is always the same for the same cause, and nobody else's.
func (q *Queue) messageID(r pendingRow) string {
	mark := hex.EncodeToString(derive(q.seal.names, "message "+r.cause)[:10])
	return fmt.Sprintf("%s.%d.%s@%s", r.kind, r.ticket, mark, q.out.Domain)
}

// Instance tells this queue from others, to other inviters and to chat rooms.
func (q *Queue) Instance() string { return hex.EncodeToString(derive(q.seal.names, "instance")[:8]) }

// Done notes what became of a try. What is done forgets what it said.
func (q *Queue) Done(ctx context.Context, n ticket.Notice, f ticket.Fate) error {
	state := "pending"
	switch {
	case f.Sent:
		state = "sent"
	case f.Never, q.now().Sub(n.At) >= longestTry:
		state = "failed"
	}
	err := q.db.Write(ctx, func(tx *database.Tx) error {
		if state == "pending" {
			_, err := tx.Exec("UPDATE outbox SET error = ?, next_at = ? WHERE id = ? AND state = 'pending'",
				f.Error, ms(q.now().Add(patience(q.now().Sub(n.At)))), n.ID)
			return err
		}
		_, err := tx.Exec("UPDATE outbox SET state = ?, content = '', next_at = NULL, error = ? WHERE id = ? AND state = 'pending'",
			state, f.Error, n.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("outbox %d: %w", n.ID, err)
	}
	return nil
}

// Outbox tells how sending goes.
func (q *Queue) Outbox(ctx context.Context) (s ticket.OutboxState, err error) {
	var since sql.NullInt64
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		err := tx.Row(`SELECT count(*), COALESCE(sum(CASE WHEN tries > 1 THEN 1 ELSE 0 END), 0),
			min(CASE WHEN tries > 1 THEN at END) FROM outbox WHERE next_at IS NOT NULL`).Scan(&s.Pending, &s.Trying, &since)
		if err != nil {
			return err
		}
		err = tx.Row("SELECT count(*) FROM outbox WHERE state = 'failed' AND tried_at > ?", ms(q.now().Add(-24*time.Hour))).Scan(&s.Lost)
		if err != nil {
			return err
		}
		err = tx.Row(`SELECT COALESCE((SELECT state = 'failed' FROM outbox WHERE state IN ('sent', 'failed')
			ORDER BY tried_at DESC, id DESC LIMIT 1), false)`).Scan(&s.Failing)
		if err != nil {
			return err
		}
		return tx.Row(`SELECT COALESCE((SELECT error FROM outbox WHERE error <> '' AND tried_at IS NOT NULL
			AND (state = 'failed' AND tried_at > ? OR state = 'pending') ORDER BY tried_at DESC LIMIT 1), '')`,
			ms(q.now().Add(-24*time.Hour))).Scan(&s.LastError)
	})
	if err != nil {
		return ticket.OutboxState{}, fmt.Errorf("outbox: %w", err)
	}
	s.Since = moment(since)
	return s, nil
}
