package queue

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"inviter/database"
	"inviter/ticket"
)

// MakeLink makes a support link that lives so long, from a second to the
// longest life of an invitation. The note is for its user to read.
//
// Called with a context of Marked it makes one link, however often: the answer
// to a request that is sent again must not be stored, for it holds the secret.
func (q *Queue) MakeLink(ctx context.Context, by ticket.Technician, life time.Duration, note string) (ticket.Link, error) {
	switch {
	case !by.MayClaim():
		return ticket.Link{}, &ticket.Refusal{Code: ticket.CodeForbidden}
	case life < shortestLink || life > q.rules.MaxLifetime:
		return ticket.Link{}, &ticket.Refusal{Code: ticket.CodeBadRequest, Detail: fmt.Sprintf("lifetime: from %v to %v", shortestLink, q.rules.MaxLifetime)}
	case len(note) > MaxNote || !utf8.ValidString(note):
		return ticket.Link{}, &ticket.Refusal{Code: ticket.CodeBadRequest, Detail: "note"}
	}
	var once Once
	if m := markingOf(ctx); m != nil {
		once = m.Once
	}
	var made linkRow
	err := q.write(ctx, func(b *book) (err error) {
		if once.Key != "" {
			if made, err = b.madeBefore(by.Name, once); err == nil || !unknown(err) {
				return err
			}
		}
		if err := b.roomForLink(by.Name); err != nil {
			return err
		}
		l := ticket.Link{Owner: by.Name, Note: note, Made: b.now, Expires: b.now.Add(life)}
		if made, err = b.insertLink(l, once, q.seal); err != nil {
			return err
		}
		return b.noteLink(made.Link, ticket.EventLinkMade, by.Name)
	})
	if err != nil {
		return ticket.Link{}, aboutLink(made.ID, err)
	}
	return q.seal.shown(made), nil
}

// madeBefore is the link that the same request made already; refused as
// unknown if there is none.
func (b *book) madeBefore(owner string, o Once) (linkRow, error) {
	if _, err := b.tx.Exec("UPDATE link SET once = '' WHERE owner = ? AND once = ? AND made_at <= ?",
		owner, o.Key, ms(b.now.Add(-remembered))); err != nil {
		return linkRow{}, err
	}
	var print []byte
	err := b.tx.Row("SELECT print FROM link WHERE owner = ? AND once = ?", owner, o.Key).Scan(&print)
	if errors.Is(err, sql.ErrNoRows) {
		return linkRow{}, &ticket.Refusal{Code: ticket.CodeUnknown}
	}
	if err != nil {
		return linkRow{}, err
	}
	if string(print) != string(o.Print[:]) {
		return linkRow{}, &ticket.Refusal{Code: ticket.CodeBadRequest, Detail: "this Idempotency-Key was used for another request"}
	}
	return scanLink(b.tx.Row("SELECT "+linkColumns+" WHERE owner = ? AND once = ?", owner, o.Key))
}

func (b *book) roomForLink(owner string) error {
	var n int
	err := b.tx.Row("SELECT count(*) FROM link WHERE owner = ? AND closed_at IS NULL AND expires_at > ?", owner, ms(b.now)).Scan(&n)
	if err == nil && n >= mostLinks {
		return &ticket.Refusal{Code: ticket.CodeTooMany, Detail: fmt.Sprintf("at most %d links at a time; close one first", mostLinks)}
	}
	return err
}

// Links lists a technician's links, the latest first, with what to pass on.
// Those that ended more than a day ago are left out.
func (q *Queue) Links(ctx context.Context, owner string) (list []ticket.Link, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		since := ms(q.now().Add(-digitsKept))
		rows, err := tx.Query("SELECT "+linkColumns+` WHERE owner = ? AND expires_at > ? AND (closed_at IS NULL OR closed_at > ?)
			ORDER BY id DESC LIMIT ?`, owner, since, since, 4*mostLinks)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			l, err := scanLink(rows)
			if err != nil {
				return err
			}
			list = append(list, q.seal.shown(l))
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("links: %w", err)
	}
	return list, nil
}

// LinkRevision grows whenever something happens to a link.
func (q *Queue) LinkRevision(ctx context.Context) (n int64, err error) {
	err = q.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Row("SELECT COALESCE(max(revision), 0) FROM link").Scan(&n)
	})
	return n, err
}

// LinkBySecret is the link whose address ends in secret. Whatever names none is
// refused as invalid, always the same.
func (q *Queue) LinkBySecret(ctx context.Context, secret string) (ticket.Link, error) {
	if len(secret) != secrets().EncodedLen(secretSize) {
		return ticket.Link{}, &ticket.Refusal{Code: ticket.CodeInvalid}
	}
	hash := sha256.Sum256([]byte(strings.ToLower(secret)))
	return q.findLink(ctx, "hash", hash[:])
}

// LinkByCode is the link with these six digits, which may have ended within the
// last day; refused as invalid where there is none.
func (q *Queue) LinkByCode(ctx context.Context, code string) (ticket.Link, error) {
	return q.findLink(ctx, "digits", q.seal.digitsHash(code))
}

func (q *Queue) findLink(ctx context.Context, column string, value []byte) (ticket.Link, error) {
	var l linkRow
	err := q.db.Read(ctx, func(tx *database.Tx) (err error) {
		l, err = scanLink(tx.Row("SELECT "+linkColumns+" WHERE "+column+" = ?", value))
		return err
	})
	switch {
	case unknown(err):
		return ticket.Link{}, &ticket.Refusal{Code: ticket.CodeInvalid}
	case err != nil:
		return ticket.Link{}, fmt.Errorf("links: %w", err)
	}
	return q.seal.shown(l), nil
}

func unknown(err error) bool {
	var no *ticket.Refusal
	return errors.As(err, &no) && no.Code == ticket.CodeUnknown
}

// aboutLink adds the link's number to a fault.
func aboutLink(id ticket.LinkID, err error) error {
	var no *ticket.Refusal
	if errors.As(err, &no) {
		return err
	}
	return fmt.Errorf("link %d: %w", id, err)
}
