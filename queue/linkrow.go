package queue

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"inviter/ticket"
)

// linkRow is a support link as it is stored.
type linkRow struct {
	ticket.Link
	salt []byte
}

// linkColumns are those that scanLink reads.
const linkColumns = `id, owner, note, salt, made_at, expires_at, computer, bound_at, asked_at, handed_at, closed_at, closed_by, COALESCE(ticket, 0) FROM link`

func scanLink(from interface{ Scan(...any) error }) (l linkRow, err error) {
	var made, expires int64
	var computer []byte
	var bound, asked, handed, closed sql.NullInt64
	err = from.Scan(&l.ID, &l.Owner, &l.Note, &l.salt, &made, &expires, &computer, &bound, &asked, &handed, &closed, &l.ClosedBy, &l.Ticket)
	if errors.Is(err, sql.ErrNoRows) {
		return l, &ticket.Refusal{Code: ticket.CodeUnknown}
	}
	if err != nil {
		return l, fmt.Errorf("read link: %w", err)
	}
	l.Made, l.Expires = at(made), at(expires)
	copy(l.Computer[:], computer)
	l.Bound, l.Asked, l.Handed, l.Closed = moment(bound), moment(asked), moment(handed), moment(closed)
	return l, nil
}

// saveLink stores what a verb changed.
func (b *book) saveLink(l ticket.Link) error {
	var computer []byte
	if l.Computer != (ticket.Computer{}) {
		computer = l.Computer[:]
	}
	if err := b.open(); err != nil {
		return err
	}
	_, err := b.tx.Exec(`UPDATE link SET computer = ?, bound_at = ?, asked_at = ?, handed_at = ?, closed_at = ?, closed_by = ?, ticket = ?, revision = ? WHERE id = ?`,
		keyValue(string(computer)), maybe(l.Bound), maybe(l.Asked), maybe(l.Handed), maybe(l.Closed), l.ClosedBy, some(int64(l.Ticket)), b.tip.next(), int64(l.ID))
	return err
}

// shown is a link with what its technician passes on.
func (s *seal) shown(l linkRow) ticket.Link {
	l.Secret, l.Code = s.linkNames(l.salt)
	return l.Link
}

// linkNames derives a link's secret and digits.
func (s *seal) linkNames(salt []byte) (secret, code string) {
	secret = strings.ToLower(secrets().EncodeToString(s.derived("link", 0, salt)[:secretSize]))
	n := binary.BigEndian.Uint64(s.derived("link digits", 0, salt))
	return secret, fmt.Sprintf("%06d", n%1_000_000)
}

// digitsHash is how six digits are stored. Without the key file's key it tells
// nothing: a million hashes are soon made.
func (s *seal) digitsHash(code string) []byte {
	h := hmac.New(sha256.New, s.names)
	h.Write([]byte("stored digits\x00" + code))
	return h.Sum(nil)
}

// Bounds of support links.
const (
	shortestLink = time.Second
	mostLinks    = 50             // of one technician, not ended yet
	digitsKept   = 24 * time.Hour // after a link's time, so that who types them late is told so
	digitTries   = 100
)

// insertLink gives a new link its names and stores it.
func (b *book) insertLink(l ticket.Link, o Once, s *seal) (linkRow, error) {
	if err := b.open(); err != nil {
		return linkRow{}, err
	}
	if _, err := b.tx.Exec("UPDATE link SET digits = NULL WHERE digits IS NOT NULL AND expires_at < ?", ms(b.now.Add(-digitsKept))); err != nil {
		return linkRow{}, err
	}
	row := linkRow{Link: l, salt: make([]byte, saltSize)}
	for range digitTries {
		_, _ = rand.Read(row.salt) // never fails
		secret, code := s.linkNames(row.salt)
		hash, digits := sha256.Sum256([]byte(secret)), s.digitsHash(code)
		var n int
		if err := b.tx.Row("SELECT count(*) FROM link WHERE digits = ?", digits).Scan(&n); err != nil {
			return row, err
		}
		if n > 0 {
			continue
		}
		err := b.tx.Row(`INSERT INTO link (owner, note, salt, hash, digits, made_at, expires_at, closed_by, once, print, revision)
			VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?) RETURNING id`,
			l.Owner, l.Note, row.salt, hash[:], digits, ms(l.Made), ms(l.Expires), o.Key, o.Print[:], b.tip.next()).Scan(&row.ID)
		return row, err
	}
	return row, &ticket.Refusal{Code: ticket.CodeUnavailable, Detail: "no six digits are free"}
}
