package queue

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"inviter/database"
	"inviter/invitation"
	"inviter/ticket"
)

// SetSource stores how a source is doing.
func (q *Queue) SetSource(ctx context.Context, s ticket.SourceState) error {
	err := q.db.WriteBulk(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO source_state (name, state, mode, since, last_success, last_error, next_try, period_ms,
			seen, queued, repeated, refused, ignored, pending) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET state = excluded.state, mode = excluded.mode, since = excluded.since,
			last_success = excluded.last_success, last_error = excluded.last_error, next_try = excluded.next_try,
			period_ms = excluded.period_ms, seen = excluded.seen, queued = excluded.queued, repeated = excluded.repeated,
			refused = excluded.refused, ignored = excluded.ignored, pending = excluded.pending`,
			s.Name, s.State, s.Mode, ms(s.Since), maybe(s.LastSuccess), s.LastError, maybe(s.NextTry), s.Period.Milliseconds(),
			s.Total.Seen, s.Total.Queued, s.Total.Repeated, s.Total.Refused, s.Total.Ignored, s.Total.Pending)
		return err
	})
	if err != nil {
		return fmt.Errorf("state of %s: %w", s.Name, err)
	}
	return nil
}

// Sources tells how every source is doing, by name. One that was well but has
// had no complete pass within three of its periods is late, whoever watches
// it, and even if nobody does any more.
func (q *Queue) Sources(ctx context.Context) ([]ticket.SourceState, error) {
	var out []ticket.SourceState
	err := q.db.Read(ctx, func(tx *database.Tx) error {
		rows, err := tx.Query(`SELECT name, state, mode, since, last_success, last_error, next_try, period_ms,
			seen, queued, repeated, refused, ignored, pending FROM source_state ORDER BY name`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			s, err := sourceState(rows)
			if err != nil {
				return err
			}
			out = append(out, late(s, whole(q.hours.wall())))
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("sources: %w", err)
	}
	return out, nil
}

func sourceState(rows *sql.Rows) (s ticket.SourceState, err error) {
	var since, period int64
	var success, next sql.NullInt64
	t := &s.Total
	err = rows.Scan(&s.Name, &s.State, &s.Mode, &since, &success, &s.LastError, &next, &period,
		&t.Seen, &t.Queued, &t.Repeated, &t.Refused, &t.Ignored, &t.Pending)
	s.Since, s.LastSuccess, s.NextTry = at(since), moment(success), moment(next)
	s.Period = time.Duration(period) * time.Millisecond
	return s, err
}

// late marks a source that has been silent for too long.
func late(s ticket.SourceState, now time.Time) ticket.SourceState {
	last := s.LastSuccess
	if last.IsZero() {
		last = s.Since
	}
	due := last.Add(3 * s.Period)
	if s.State == ticket.SourceOK && s.Period > 0 && now.After(due) {
		s.State, s.Since = ticket.SourceLate, due
	}
	return s
}

// mostRefusals bounds the list of what could not be used.
const mostRefusals = 1000

// Refusals lists what intake could not use, the newest first.
func (q *Queue) Refusals(ctx context.Context) ([]ticket.RefusedItem, error) {
	var out []ticket.RefusedItem
	err := q.db.Read(ctx, func(tx *database.Tx) error {
		rows, err := tx.Query(`SELECT id, source, item, sender, at, code, message, COALESCE(size, 0) FROM refusal
			LEFT JOIN refused_item ON refusal = id ORDER BY id DESC LIMIT ?`, mostRefusals)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r ticket.RefusedItem
			var when int64
			var code string
			if err := rows.Scan(&r.ID, &r.Source, &r.Item, &r.From, &when, &code, &r.Message, &r.Kept); err != nil {
				return err
			}
			r.At, r.Code = at(when), invitation.Code(code)
			out = append(out, r)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("refusals: %w", err)
	}
	return out, nil
}
