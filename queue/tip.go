package queue

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"

	"inviter/database"
	"inviter/ticket"
)

// tip is where the queue's counters stand: the one row of table meta.
type tip struct {
	revision int64
	tickets  int64
	events   int64
	hash     [sha256.Size]byte // of the last event
	ended    map[ticket.State]int
}

// next is a revision that no change has had before.
func (t *tip) next() int64 {
	t.revision++
	return t.revision
}

// open reads the tip, once: where the work before it in the same commit left it.
func (b *book) open() error {
	if b.opened {
		return nil
	}
	if before, ok := b.tx.Ending().(tip); ok {
		b.tip = before
		b.tip.ended = maps.Clone(before.ended)
		b.opened = true
		return nil
	}
	var hash []byte
	err := b.tx.Row("SELECT revision, tickets, events, tip FROM meta WHERE one = 1").
		Scan(&b.tip.revision, &b.tip.tickets, &b.tip.events, &hash)
	if err != nil {
		return fmt.Errorf("read counters: %w", err)
	}
	copy(b.tip.hash[:], hash)
	b.tip.ended = map[ticket.State]int{}
	b.opened = true
	return nil
}

// close leaves the tip to be written with the commit.
func (b *book) close() {
	if b.opened {
		b.tx.Leave(b.tip)
	}
}

// End writes the tip back (database.Ending).
func (t tip) End(tx *database.Tx) error {
	err := tx.Do(`UPDATE meta SET revision = ?, tickets = ?, events = ?, tip = ?,
		closed = closed + ?, withdrawn = withdrawn + ?, expired = expired + ?,
		superseded = superseded + ?, refused = refused + ? WHERE one = 1`,
		t.revision, t.tickets, t.events, t.hash[:],
		t.ended[ticket.Closed], t.ended[ticket.Withdrawn], t.ended[ticket.Expired],
		t.ended[ticket.Superseded], t.ended[ticket.Refused])
	if err != nil {
		return fmt.Errorf("write counters: %w", err)
	}
	return nil
}

// append adds one row to the log. It carries the hash of the row before, so
// that no byte of the past can be changed unnoticed.
func (b *book) append(e ticket.Event) error {
	if err := b.open(); err != nil {
		return err
	}
	b.tip.events++
	err := b.tx.Do(`INSERT INTO event (seq, ticket, at, kind, person, claim, other, note, before)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		b.tip.events, int64(e.Ticket), ms(e.At), string(e.Kind), e.By, e.Claim, e.Other, e.Note, b.tip.hash[:])
	if err != nil {
		return fmt.Errorf("append to the log: %w", err)
	}
	b.tip.hash = link(b.tip.hash, b.tip.events, e)
	b.events = append(b.events, e)
	return nil
}

// link is the hash of event number seq, which follows one with hash before.
// Every field goes in with its length, so that none can move into the next.
func link(before [sha256.Size]byte, seq int64, e ticket.Event) [sha256.Size]byte {
	buf := make([]byte, 0, 256)
	buf = append(buf, before[:]...)
	for _, n := range []int64{seq, int64(e.Ticket), ms(e.At), int64(e.Claim)} {
		buf = binary.BigEndian.AppendUint64(buf, uint64(n))
	}
	for _, s := range []string{string(e.Kind), e.By, e.Other, e.Note} {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(s)))
		buf = append(buf, s...)
	}
	return sha256.Sum256(buf)
}
