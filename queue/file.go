package queue

import (
	"context"
	"fmt"

	"inviter/ticket"
)

// File hands the invitation file to the holder of the claim, byte for byte,
// and notes in the log that it did, to whom, and from where he asked. Nobody
// gets the file without that note.
func (q *Queue) File(ctx context.Context, id ticket.ID, by ticket.Technician, claim int, from string) ([]byte, error) {
	var file []byte
	err := q.write(ctx, func(b *book) error {
		_, err := b.change(id, func(c *ticket.Case) error {
			err := c.Fetch(by, claim)
			for i, e := range c.Events {
				if e.Kind == ticket.EventFetched {
					c.Events[i].Other = from
				}
			}
			return err
		})
		if err != nil {
			return err
		}
		file, err = b.file(id, q.seal)
		return err
	})
	if err != nil {
		return nil, about(id, err)
	}
	return file, nil
}

func (b *book) file(id ticket.ID, s *seal) ([]byte, error) {
	var wrapped, body []byte
	if err := b.tx.Row("SELECT wrapped, body FROM payload WHERE ticket = ?", int64(id)).Scan(&wrapped, &body); err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	return s.open(id, wrapped, body)
}
