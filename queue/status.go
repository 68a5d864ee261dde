package queue

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"inviter/database"
	"inviter/ticket"
)

const (
	saltSize   = 16
	secretSize = 16 // 128 bits
)

// Status is what the ticket's user is given: the secret of his status page and
// the check words. It is the same at every call. Refused as unknown where there
// is no such ticket, or it ended before there were status pages.
func (q *Queue) Status(ctx context.Context, id ticket.ID) (s ticket.Status, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		s, err = status(tx, id, q.seal)
		return err
	})
	if err != nil {
		return ticket.Status{}, about(id, err)
	}
	return s, nil
}

// BySecret finds the ticket that a status page is about. Whatever names none,
// made up, mistyped or purged, is refused as invalid, always the same.
func (q *Queue) BySecret(ctx context.Context, secret string) (ticket.Ticket, error) {
	invalid := &ticket.Refusal{Code: ticket.CodeInvalid}
	if len(secret) != secrets().EncodedLen(secretSize) {
		return ticket.Ticket{}, invalid
	}
	hash := sha256.Sum256([]byte(strings.ToLower(secret)))
	var id int64
	err := q.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Row("SELECT ticket FROM status WHERE hash = ?", hash[:]).Scan(&id)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return ticket.Ticket{}, invalid
	}
	if err != nil {
		return ticket.Ticket{}, fmt.Errorf("status page: %w", err)
	}
	t, err := q.Ticket(ctx, ticket.ID(id))
	var gone *ticket.Refusal
	if errors.As(err, &gone) { // purged between the two looks
		return ticket.Ticket{}, invalid
	}
	return t, err
}

// How far back an estimate looks.
const (
	lately     = 4 * time.Hour
	mostLately = 1000 // events
)

// Standing is where the ticket stands in line, and when tickets were claimed
// lately.
func (q *Queue) Standing(ctx context.Context, t ticket.Ticket) (s ticket.Standing, err error) {
	now := q.now()
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		if s.Place, err = place(tx, &t, ms(now)); err != nil || s.Place == 0 {
			return err
		}
		s.Claims, err = claimsSince(tx, now.Add(-lately))
		return err
	})
	if err != nil {
		return ticket.Standing{}, about(t.ID, err)
	}
	return s, nil
}

// claimsSince reads the log's end; the first claim of each ticket counts.
func claimsSince(tx *database.Tx, when time.Time) ([]time.Time, error) {
	rows, err := tx.Query(`SELECT at FROM (SELECT seq, at, kind, claim FROM event ORDER BY seq DESC LIMIT ?) AS latest
		WHERE kind = 'claimed' AND claim = 1 AND at > ? ORDER BY seq`, mostLately, ms(when))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []time.Time
	for rows.Next() {
		var when int64
		if err := rows.Scan(&when); err != nil {
			return nil, err
		}
		list = append(list, at(when))
	}
	return list, rows.Err()
}

// name gives a new ticket its status page.
func (b *book) name(id ticket.ID, s *seal) error {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	hash := sha256.Sum256([]byte(s.status(id, salt).Secret))
	_, err := b.tx.Exec("INSERT INTO status (ticket, salt, hash) VALUES (?, ?, ?)", int64(id), salt, hash[:])
	return err
}

// nameAll gives every open ticket a status page that has none yet.
func (q *Queue) nameAll(ctx context.Context) error {
	for {
		var lacking []ticket.ID
		err := q.db.Read(ctx, func(tx *database.Tx) error {
			rows, err := tx.Query(`SELECT id FROM ticket WHERE state IN ('waiting', 'claimed', 'quarantined')
				AND NOT EXISTS (SELECT 1 FROM status WHERE status.ticket = ticket.id) LIMIT ?`, slice)
			if err != nil {
				return err
			}
			lacking, err = numbersIn(rows)
			return err
		})
		if err != nil || len(lacking) == 0 {
			return err
		}
		err = q.writeBulk(ctx, func(b *book) error {
			for _, id := range lacking {
				if _, err := status(b.tx, id, q.seal); err == nil { // another process was quicker
					continue
				}
				if err := b.name(id, q.seal); err != nil {
					return about(id, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

func status(tx *database.Tx, id ticket.ID, s *seal) (ticket.Status, error) {
	var salt []byte
	err := tx.Row("SELECT salt FROM status WHERE ticket = ?", int64(id)).Scan(&salt)
	if errors.Is(err, sql.ErrNoRows) {
		return ticket.Status{}, &ticket.Refusal{Code: ticket.CodeUnknown}
	}
	if err != nil {
		return ticket.Status{}, err
	}
	return s.status(id, salt), nil
}

// status derives what a ticket's user is given.
func (s *seal) status(id ticket.ID, salt []byte) ticket.Status {
	words := s.derived("words", id, salt)
	return ticket.Status{
		Secret: strings.ToLower(secrets().EncodeToString(s.derived("secret", id, salt)[:secretSize])),
		Words:  ticket.CheckWords(words[0], words[1]),
	}
}

func (s *seal) derived(what string, id ticket.ID, salt []byte) []byte {
	h := hmac.New(sha256.New, s.names)
	h.Write(binary.BigEndian.AppendUint64([]byte(what+"\x00"), uint64(id)))
	h.Write(salt)
	return h.Sum(nil)
}

// secrets writes secrets so that they survive being read out and typed.
func secrets() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }
