package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"inviter/database"
	"inviter/ticket"
)

// Alarm compares how sources are doing with what other systems were told, and
// writes a notice for each that went down or came up since. It may be called
// as often as one likes, by any number of programs.
func (q *Queue) Alarm(ctx context.Context, sources []ticket.SourceState) error {
	told, err := q.told(ctx)
	if err != nil {
		return fmt.Errorf("alarm: %w", err)
	}
	for _, s := range sources {
		if told[s.Name] == down(s) {
			continue
		}
		if err := q.write(ctx, func(b *book) error { return b.alarm(s) }); err != nil {
			return fmt.Errorf("alarm of %s: %w", s.Name, err)
		}
	}
	return nil
}

func down(s ticket.SourceState) bool { return s.State != ticket.SourceOK }

func (q *Queue) told(ctx context.Context) (map[string]bool, error) {
	out := map[string]bool{}
	err := q.db.Read(ctx, func(tx *database.Tx) error {
		rows, err := tx.Query("SELECT source FROM source_alarm WHERE down = 1")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			out[name] = true
		}
		return rows.Err()
	})
	return out, err
}

// alarm notes that a source went up or down and writes who is to be told.
func (b *book) alarm(s ticket.SourceState) error {
	var was, number int64
	err := b.tx.Row("SELECT down, number FROM source_alarm WHERE source = ?", s.Name).Scan(&was, &number)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if (was == 1) == down(s) { // another program was quicker
		return nil
	}
	o := outgoing{kind: ticket.NoticeSourceUp, content: content{Facts: ticket.Facts{Source: s.Name}}}
	is := 0
	if down(s) {
		is, o.kind, o.content.Facts.Error = 1, ticket.NoticeSourceDown, s.LastError
	}
	_, err = b.tx.Exec(`INSERT INTO source_alarm (source, down, number) VALUES (?, ?, 1)
		ON CONFLICT (source) DO UPDATE SET down = excluded.down, number = source_alarm.number + 1`, s.Name, is)
	if err != nil {
		return err
	}
	o.cause = fmt.Sprintf("%s %s %d", o.kind, s.Name, number+1)
	return b.call(o)
}
