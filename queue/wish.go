package queue

import (
	"context"
	"fmt"

	"inviter/database"
)

// Wish has a source looked at now, by whichever program watches it: all of them
// get a hint (Notify), and find it among the Wishes.
func (q *Queue) Wish(ctx context.Context, source string) error {
	err := q.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("INSERT INTO wish (source, times) VALUES (?, 1) ON CONFLICT (source) DO UPDATE SET times = wish.times + 1", source)
		return err
	})
	if err != nil {
		return fmt.Errorf("wish for %s: %w", source, err)
	}
	return nil
}

// Wishes counts how often each source was wanted to be looked at.
func (q *Queue) Wishes(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	err := q.db.Read(ctx, func(tx *database.Tx) error {
		rows, err := tx.Query("SELECT source, times FROM wish")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var source string
			var times int64
			if err := rows.Scan(&source, &times); err != nil {
				return err
			}
			out[source] = times
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("wishes: %w", err)
	}
	return out, nil
}
