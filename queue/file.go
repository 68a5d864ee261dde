package queue

import (
	"context"
	"errors"
	"fmt"

	"inviter/database"
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
		if errors.Is(err, errFileLost) {
			return &ticket.Refusal{Code: ticket.CodeUnknown, Detail: "the file of this ticket is gone: " +
				"the database was brought back from a backup, which holds no files; ask the user to send the invitation once more"}
		}
		return err
	})
	if err != nil {
		return nil, about(id, err)
	}
	return file, nil
}

// errFileLost: the half of the file's key that no backup holds isn't there.
var errFileLost = errors.New("the file can't be opened any more")

func (b *book) file(id ticket.ID, s *seal) ([]byte, error) {
	var p sealed
	err := b.tx.Row("SELECT wrapped, body FROM payload WHERE ticket = ?", int64(id)).Scan(&p.wrapped, &p.body)
	if err == nil {
		p.half, err = b.tx.Aside(int64(id))
	}
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	file, err := s.open(ofTicket(id), p)
	if err != nil && p.half == (database.Aside{}) {
		return nil, fmt.Errorf("%w: %w", errFileLost, err)
	}
	return file, err
}
