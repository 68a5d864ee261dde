package account

import (
	"context"
	"database/sql"
	"math"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// A session ends when it isn't used for SessionIdle, and in any case after
// SessionLife.
const (
	SessionIdle = 12 * time.Hour
	SessionLife = 7 * 24 * time.Hour
)

// maxSessions bounds the sessions of one account; beyond it the oldest ends.
const maxSessions = 100

// touchEvery is how exactly a use is noted: once in this time, so that a page
// in use doesn't write to the disk with every request.
const touchEvery = 10 * time.Minute

// Session is one log-in that is still good, as its owner sees it.
type Session struct {
	ID      int64 // names it to Revoke; tells nothing of the token
	Began   time.Time
	Used    time.Time // within touchEvery
	Expires time.Time // if it goes on being used
}

// newSession opens a session for the account that who lets in, in the same
// transaction, and returns its token.
func (a *Accounts) newSession(ctx context.Context, what string, who func(*database.Tx) (int64, error)) (string, error) {
	token := newSecret()
	hash, _ := digest(token)
	err := a.write(ctx, what, func(tx *database.Tx) error {
		account, err := who(tx)
		if err != nil {
			return err
		}
		return insertSession(tx, account, hash, a.now())
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// insertSession gives an account a session, and ends the oldest beyond the bound.
func insertSession(tx *database.Tx, account int64, hash []byte, now int64) error {
	if err := insertSecret(tx, account, kindSession, hash, now, now+SessionLife.Milliseconds()); err != nil {
		return err
	}
	if _, err := tx.Exec(`
		DELETE FROM account_secret WHERE id IN (
			SELECT id FROM account_secret WHERE account = ? AND kind = 'session'
			ORDER BY id DESC LIMIT ? OFFSET ?)`, account, math.MaxInt32, maxSessions); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE account SET last_sign_in = ? WHERE id = ?`, now, account)
	return err
}

// BySession tells whose session a token opens, with the role the account has
// now. It refuses with ErrSession: unknown, logged out, idle too long, too
// old, or the account disabled.
func (a *Accounts) BySession(ctx context.Context, token string) (ticket.Technician, error) {
	b, err := a.bearer(ctx, token, "look up session", ErrSession)
	if err != nil {
		return ticket.Technician{}, err
	}
	if b.kind != kindSession || a.now()-b.lastUsed() >= SessionIdle.Milliseconds() {
		return ticket.Technician{}, ErrSession
	}
	a.noteUse(ctx, b)
	return b.technician(), nil
}

// bearer finds who a secret lets in, or answers with refusal.
func (a *Accounts) bearer(ctx context.Context, secret, what string, refusal Refusal) (b bearer, err error) {
	hash, ok := digest(secret)
	if !ok {
		return bearer{}, refusal
	}
	err = a.ask(ctx, what, func(tx *database.Tx) error {
		var live bool
		b, live, err = bearerOf(tx, hash, a.now())
		if err == nil && !live {
			return refusal
		}
		return err
	})
	return b, err
}

// noteUse writes down that a secret is in use, coarsely. A failure is left
// alone: the next use tries again, and whoever is in shall not be thrown out
// because the disk is full.
func (a *Accounts) noteUse(ctx context.Context, b bearer) {
	now := a.now()
	if b.used.Valid && now-b.used.Int64 < touchEvery.Milliseconds() {
		return
	}
	_ = a.write(ctx, "note use", func(tx *database.Tx) error { return touch(tx, b.secret, now) })
}

// LogOut ends the session that token opens. A token that opens none is as good
// as logged out: that is no refusal.
func (a *Accounts) LogOut(ctx context.Context, token string) error {
	hash, ok := digest(token)
	if !ok {
		return nil
	}
	return a.write(ctx, "log out", func(tx *database.Tx) error {
		_, err := tx.Exec(`DELETE FROM account_secret WHERE hash = ? AND kind = 'session'`, hash)
		return err
	})
}

// Sessions lists an account's live sessions, the latest first. It refuses with
// ErrUnknown.
func (a *Accounts) Sessions(ctx context.Context, name string) ([]Session, error) {
	var list []Session
	err := a.read(ctx, "list sessions", func(tx *database.Tx) error {
		row, err := accountByName(tx, name)
		if err != nil {
			return err
		}
		list, err = selectSessions(tx, row.id, a.now())
		return err
	})
	return list, err
}

func selectSessions(tx *database.Tx, account, now int64) ([]Session, error) {
	rows, err := tx.Query(`
		SELECT id, created, used, expires FROM account_secret
		WHERE account = ? AND kind = 'session' AND expires > ? AND COALESCE(used, created) > ?
		ORDER BY id DESC`, account, now, now-SessionIdle.Milliseconds())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Session
	for rows.Next() {
		var s Session
		var created, expires int64
		var used sql.NullInt64
		if err := rows.Scan(&s.ID, &created, &used, &expires); err != nil {
			return nil, err
		}
		s.Began, s.Used, s.Expires = instant(created), instant(created), instant(expires)
		if used.Valid {
			s.Used = instant(used.Int64)
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
