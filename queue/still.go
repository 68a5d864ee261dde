package queue

import (
	"context"
	"fmt"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// How long, and of how many at most, it is said that users still need help.
const (
	stillFor  = 24 * time.Hour
	mostStill = 20
)

// StillNeeding lists users who said after a close that they still need help,
// the latest first: until they are in line again, or were since, or a day is over.
func (q *Queue) StillNeeding(ctx context.Context) (list []ticket.Still, err error) {
	since := ms(q.now().Add(-stillFor))
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		rows, err := tx.Query(`SELECT t.id, t.user_name, t.user_address, t.ended_at FROM ticket t
			WHERE t.ended_at > ? AND t.flags LIKE ?
			AND NOT EXISTS (SELECT 1 FROM ticket n WHERE n.state IN ('waiting', 'claimed') AND n.user_key = t.user_key AND n.user_key <> '')
			AND NOT EXISTS (SELECT 1 FROM ticket n WHERE n.ended_at > t.ended_at AND n.user_key = t.user_key)
			ORDER BY t.ended_at DESC, t.id LIMIT ?`, since, "%"+string(ticket.StillNeedsHelp)+"%", mostStill)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var ended int64
			var s ticket.Still
			if err := rows.Scan(&s.Ticket, &s.User.Name, &s.User.Address, &ended); err != nil {
				return err
			}
			s.Closed = at(ended)
			list = append(list, s)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("who still needs help: %w", err)
	}
	return list, nil
}
