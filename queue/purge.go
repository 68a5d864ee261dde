package queue

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"inviter/database"
	"inviter/invitation"
	"inviter/ticket"
)

// How a purge works.
const (
	purgeRest  = time.Hour // between two purges
	purgeSlice = 100       // tickets or events a commit
)

// purge removes what ended longer ago than is kept: tickets with their claims
// and deliveries, refusals, and the log's beginning as far as it tells of no
// ticket that is left. Of an invitation only its key stays, a hash, so that it
// never becomes a ticket again.
func (q *Queue) purge(ctx context.Context) error {
	if q.keep == 0 {
		return nil
	}
	before := q.now().Add(-q.keep)
	for _, part := range []func(*book, time.Time) (int, error){(*book).purgeTickets, (*book).purgeRefusals, (*book).purgeLinks, (*book).purgeNotices, (*book).purgeLog} {
		for n := 1; n > 0; {
			err := q.writeBulk(ctx, func(b *book) (err error) {
				n, err = part(b, before)
				return err
			})
			if err != nil {
				return fmt.Errorf("purge: %w", err)
			}
		}
	}
	return nil
}

func (b *book) purgeTickets(before time.Time) (int, error) {
	rows, err := b.tx.Query("SELECT id FROM ticket WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at, id LIMIT ?", ms(before), purgeSlice)
	if err != nil {
		return 0, err
	}
	old, err := numbersIn(rows)
	if err != nil {
		return 0, err
	}
	for n, id := range old {
		if err := b.purgeTicket(id); err != nil {
			return 0, about(id, err)
		}
		if b.tx.GiveWay() {
			return n + 1, nil
		}
	}
	return len(old), nil
}

func (b *book) purgeTicket(id ticket.ID) error {
	if err := b.open(); err != nil {
		return err
	}
	var state string
	if err := b.tx.Row("SELECT state FROM ticket WHERE id = ?", int64(id)).Scan(&state); err != nil {
		return err
	}
	b.tip.ended[ticket.State(state)]--
	for _, s := range []string{
		"INSERT INTO purged (inv_key, ticket) SELECT inv_key, id FROM ticket WHERE id = ? AND inv_key IS NOT NULL",
		"DELETE FROM status WHERE ticket = ?",
		"DELETE FROM trace WHERE ticket = ?",
		"DELETE FROM reply WHERE ticket = ?",
		"DELETE FROM outbox WHERE ticket = ?",
		"DELETE FROM claim WHERE ticket = ?",
		"DELETE FROM arrival WHERE ticket = ?",
		"DELETE FROM ticket WHERE id = ?",
	} {
		if _, err := b.tx.Exec(s, int64(id)); err != nil {
			return err
		}
	}
	return nil
}

func (b *book) purgeRefusals(before time.Time) (int, error) {
	rows, err := b.tx.Query("SELECT id FROM refusal WHERE at < ? ORDER BY at, id LIMIT ?", ms(before), purgeSlice)
	if err != nil {
		return 0, err
	}
	old, err := numbersIn(rows)
	if err != nil {
		return 0, err
	}
	for _, id := range old {
		if err := b.dropRefusal(int64(id)); err != nil {
			return 0, err
		}
	}
	return len(old), nil
}

// purgeLinks leaves the latest one: no number is given twice.
func (b *book) purgeLinks(before time.Time) (int, error) {
	n, err := b.tx.Exec(`DELETE FROM link WHERE id IN
		(SELECT id FROM link WHERE expires_at < ? AND id < (SELECT max(id) FROM link) ORDER BY id LIMIT ?)`, ms(before), purgeSlice)
	return int(n), err
}

// purgeNotices takes away those that are about no ticket. The others go with theirs.
func (b *book) purgeNotices(before time.Time) (int, error) {
	n, err := b.tx.Exec(`DELETE FROM outbox WHERE id IN
		(SELECT id FROM outbox WHERE ticket IS NULL AND state <> 'pending' AND at < ? ORDER BY at LIMIT ?)`, ms(before), purgeSlice)
	return int(n), err
}

// purgeLog takes away the log's first events up to one whose ticket is still
// there, or that is not old enough.
func (b *book) purgeLog(before time.Time) (int, error) {
	from, err := logStart(b.tx)
	if err != nil {
		return 0, err
	}
	rows, err := b.tx.Query("SELECT "+eventColumns+" WHERE seq > ? ORDER BY seq LIMIT ?", from.seq, purgeSlice)
	if err != nil {
		return 0, err
	}
	var events []ticket.Event
	var seqs []int64
	err = eachEvent(rows, func(seq int64, e ticket.Event, _ []byte) error {
		events, seqs = append(events, e), append(seqs, seq)
		return nil
	})
	if err != nil {
		return 0, err
	}
	n := 0
	for ; n < len(events) && seqs[n] == from.seq+1 && events[n].At.Before(before); n++ {
		if left, err := b.known(events[n].Ticket); err != nil || left {
			if err != nil {
				return 0, err
			}
			break
		}
		from.hash = link(from.hash, seqs[n], events[n])
		from.seq = seqs[n]
	}
	if n == 0 {
		return 0, nil
	}
	if _, err := b.tx.Exec("UPDATE log_start SET seq = ?, hash = ? WHERE one = 1", from.seq, from.hash[:]); err != nil {
		return 0, err
	}
	_, err = b.tx.Exec("DELETE FROM event WHERE seq <= ?", from.seq)
	return n, err
}

func (b *book) known(id ticket.ID) (bool, error) {
	var n int
	err := b.tx.Row("SELECT count(*) FROM ticket WHERE id = ?", int64(id)).Scan(&n)
	return n > 0, err
}

// logStart is where the walk along the chain begins.
func logStart(tx *database.Tx) (c chain, err error) {
	var hash []byte
	err = tx.Row("SELECT seq, hash FROM log_start WHERE one = 1").Scan(&c.seq, &hash)
	if err != nil {
		return c, fmt.Errorf("read the log's beginning: %w", err)
	}
	if len(hash) != sha256.Size {
		return c, errors.New("the log's beginning is damaged")
	}
	copy(c.hash[:], hash)
	return c, nil
}

// purgedAs is the number that a purged invitation's ticket had, 0 if there was none.
func (b *book) purgedAs(k invitation.Key) (id ticket.ID, err error) {
	err = b.tx.Row("SELECT ticket FROM purged WHERE inv_key = ?", k[:]).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}
