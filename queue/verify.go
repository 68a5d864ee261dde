package queue

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

	"inviter/database"
	"inviter/ticket"
)

// Verify reads everything and tells, in words for people, what is not as it
// must be: a damaged file, a row of the log that was changed, added or taken
// out, a state that no verb leads to. Nothing: all is well. It holds nobody up.
func (q *Queue) Verify(ctx context.Context) ([]string, error) { return Verify(ctx, q.db) }

// Verify is Queue.Verify for a database whose key isn't at hand.
func Verify(ctx context.Context, db *database.DB) ([]string, error) {
	found, err := db.Check(ctx)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	broken, err := verifyLog(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("verify the log: %w", err)
	}
	wrong, err := verifyStates(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("verify states: %w", err)
	}
	return append(append(found, broken...), wrong...), nil
}

// atOnce is how many events one read transaction looks at.
const atOnce = 5000

// verifyLog walks the whole chain. A link that doesn't fit is told, and the
// walk goes on from what is there.
func verifyLog(ctx context.Context, db *database.DB) ([]string, error) {
	var c chain
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		err := db.Read(ctx, func(tx *database.Tx) error {
			if err := c.begin(tx); err != nil {
				return err
			}
			rows, err := tx.Query("SELECT "+eventColumns+" WHERE seq > ? ORDER BY seq LIMIT ?", c.seq, atOnce)
			if err != nil {
				return err
			}
			before := c.seq
			if err := eachEvent(rows, c.follow); err != nil {
				return err
			}
			if done = c.seq == before; done {
				return c.end(tx)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return c.found, nil
}

// chain is how far the log has been walked.
type chain struct {
	seq   int64
	hash  [sha256.Size]byte
	found []string
}

// mostFound bounds what is told of a log that is broken all over.
const mostFound = 20

func (c *chain) follow(seq int64, e ticket.Event, before []byte) error {
	switch {
	case len(c.found) >= mostFound:
	case seq != c.seq+1:
		c.found = append(c.found, fmt.Sprintf("log: events %d to %d are missing", c.seq+1, seq-1))
	case !bytes.Equal(before, c.hash[:]):
		c.found = append(c.found, fmt.Sprintf("log: event %d, or what it says of the one before, was changed", c.seq))
	}
	copy(c.hash[:], before)
	c.seq, c.hash = seq, link(c.hash, seq, e)
	return nil
}

// begin goes to where the log begins, which a purge may have moved on.
func (c *chain) begin(tx *database.Tx) error {
	start, err := logStart(tx)
	if err == nil && start.seq > c.seq {
		c.seq, c.hash = start.seq, start.hash
	}
	return err
}

// end compares the walk's end with what the counters say it must be.
func (c *chain) end(tx *database.Tx) error {
	var events int64
	var hash []byte
	if err := tx.Row("SELECT events, tip FROM meta WHERE one = 1").Scan(&events, &hash); err != nil {
		return err
	}
	switch {
	case events != c.seq:
		c.found = append(c.found, fmt.Sprintf("log: ends with event %d, but %d were written", c.seq, events))
	case !bytes.Equal(hash, c.hash[:]):
		c.found = append(c.found, fmt.Sprintf("log: the last event, %d, was changed", c.seq))
	}
	return nil
}

// invariants are statements that find a row only where something is wrong.
// Each row's one column is the ticket's number.
func invariants() []struct{ says, query string } {
	return []struct{ says, query string }{
		{"ticket %d is claimed, but its claim is not open",
			`SELECT t.id FROM ticket t WHERE t.state = 'claimed' AND NOT EXISTS
			(SELECT 1 FROM claim c WHERE c.ticket = t.id AND c.number = t.claim AND c.ended_at IS NULL)`},
		{"ticket %d is not claimed, but has an open claim",
			`SELECT t.id FROM ticket t JOIN claim c ON c.ticket = t.id WHERE c.ended_at IS NULL AND t.state <> 'claimed'`},
		{"ticket %d has a claim number above its last",
			`SELECT t.id FROM ticket t JOIN claim c ON c.ticket = t.id WHERE c.number > t.claims`},
		{"ticket %d has ended, but its file was not wiped",
			`SELECT t.id FROM ticket t JOIN payload p ON p.ticket = t.id WHERE t.ended_at IS NOT NULL`},
		{"ticket %d is open, but its file is gone",
			`SELECT t.id FROM ticket t WHERE t.ended_at IS NULL AND t.kind = 'file'
			AND NOT EXISTS (SELECT 1 FROM payload p WHERE p.ticket = t.id)`},
		{"ticket %d never arrived from anywhere",
			`SELECT t.id FROM ticket t WHERE NOT EXISTS (SELECT 1 FROM arrival a WHERE a.ticket = t.id)`},
		{"ticket %d is not in the log",
			`SELECT t.id FROM ticket t WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.ticket = t.id)`},
		{"ticket %d was superseded by one that is not there",
			`SELECT t.id FROM ticket t LEFT JOIN ticket n ON n.id = t.superseded_by
			WHERE t.superseded_by IS NOT NULL AND n.id IS NULL`},
		{"ticket %d has a number or revision that was not given yet",
			`SELECT t.id FROM ticket t JOIN meta m ON m.one = 1 WHERE t.id > m.tickets OR t.revision > m.revision`},
	}
}

func verifyStates(ctx context.Context, db *database.DB) ([]string, error) {
	var found []string
	err := db.Read(ctx, func(tx *database.Tx) error {
		for _, i := range invariants() {
			rows, err := tx.Query(i.query+" LIMIT ?", mostFound)
			if err != nil {
				return err
			}
			wrong, err := numbersIn(rows)
			if err != nil {
				return err
			}
			for _, id := range wrong {
				found = append(found, fmt.Sprintf(i.says, id))
			}
		}
		return miscounted(tx, &found)
	})
	return found, err
}

// miscounted compares the counters of ended tickets with the tickets.
func miscounted(tx *database.Tx, found *[]string) error {
	want, err := counts(tx, 0)
	if err != nil {
		return err
	}
	for _, s := range ticket.States() {
		var n int
		if err := tx.Row("SELECT count(*) FROM ticket WHERE state = ?", string(s)).Scan(&n); err != nil {
			return err
		}
		if n != want[s] {
			*found = append(*found, fmt.Sprintf("%d tickets are %s, but %d were counted", n, s, want[s]))
		}
	}
	return nil
}
