package account

import (
	"context"
	"database/sql"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// maxTokens bounds the API and intake tokens of one account.
const maxTokens = 200

// Token is one token of an account, as its owner sees it. The token itself was
// shown once, when it was made.
type Token struct {
	ID         int64 // names it to Revoke
	IntakeOnly bool
	Created    time.Time
	Used       time.Time // within touchEvery; zero if never
}

// Token makes an API token with which programs act as name. It is good until
// it is revoked or the account disabled, and can't be shown again.
//
// It refuses with ErrUnknown, ErrDisabled, ErrIntakeOnly, ErrTooMany.
func (a *Accounts) Token(ctx context.Context, name string) (string, error) {
	return a.newToken(ctx, kindAPI, func(tx *database.Tx) (row, error) { return personByName(tx, name) })
}

// IntakeToken makes a token that may only submit invitations, in name's name:
// an account's, or that of a script or bridge, for which an account of role
// Intake is made that can do nothing else.
//
// It refuses with ErrName, ErrDisabled, ErrTooMany.
func (a *Accounts) IntakeToken(ctx context.Context, name string) (string, error) {
	shown, folded, err := cleanName(name)
	if err != nil {
		return "", err
	}
	return a.newToken(ctx, kindIntake, func(tx *database.Tx) (row, error) {
		if err := insertAccount(tx, shown, folded, Intake, "", a.now()); err != nil && err != ErrExists {
			return row{}, err
		}
		return accountByName(tx, shown)
	})
}

// newToken makes a token for the account that whose finds, in one transaction.
func (a *Accounts) newToken(ctx context.Context, k kind, whose func(*database.Tx) (row, error)) (string, error) {
	token := TokenPrefix + newSecret()
	hash, _ := digest(token)
	err := a.write(ctx, "make token", func(tx *database.Tx) error {
		row, err := whose(tx)
		if err != nil {
			return err
		}
		if row.disabled {
			return ErrDisabled
		}
		return insertToken(tx, row.id, k, hash, a.now())
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

func insertToken(tx *database.Tx, account int64, k kind, hash []byte, now int64) error {
	var n int
	err := tx.Row(`SELECT COUNT(*) FROM account_secret WHERE account = ? AND kind IN ('api', 'intake')`, account).Scan(&n)
	if err != nil {
		return err
	}
	if n >= maxTokens {
		return ErrTooMany
	}
	return insertSecret(tx, account, k, hash, now, 0)
}

// ByToken tells who acts with an API token, with the role the account has now.
// It refuses with ErrToken, and with ErrIntakeOnly for a good token that may
// only submit: ByIntakeToken takes it.
func (a *Accounts) ByToken(ctx context.Context, token string) (ticket.Technician, error) {
	b, err := a.byToken(ctx, token)
	if err != nil {
		return ticket.Technician{}, err
	}
	if b.kind == kindIntake {
		return ticket.Technician{}, ErrIntakeOnly
	}
	return b.technician(), nil
}

// ByIntakeToken names the account an intake token belongs to. It refuses with
// ErrToken, API tokens too.
func (a *Accounts) ByIntakeToken(ctx context.Context, token string) (name string, err error) {
	b, err := a.byToken(ctx, token)
	if err != nil {
		return "", err
	}
	if b.kind != kindIntake {
		return "", ErrToken
	}
	return b.name, nil
}

func (a *Accounts) byToken(ctx context.Context, token string) (bearer, error) {
	b, err := a.bearer(ctx, token, "look up token", ErrToken)
	if err != nil {
		return bearer{}, err
	}
	if b.kind != kindAPI && b.kind != kindIntake {
		return bearer{}, ErrToken
	}
	a.noteUse(ctx, b)
	return b, nil
}

// Tokens lists an account's tokens, the latest first. It refuses with ErrUnknown.
func (a *Accounts) Tokens(ctx context.Context, name string) ([]Token, error) {
	var list []Token
	err := a.read(ctx, "list tokens", func(tx *database.Tx) error {
		row, err := accountByName(tx, name)
		if err != nil {
			return err
		}
		list, err = selectTokens(tx, row.id)
		return err
	})
	return list, err
}

func selectTokens(tx *database.Tx, account int64) ([]Token, error) {
	rows, err := tx.Query(`
		SELECT id, kind, created, used FROM account_secret
		WHERE account = ? AND kind IN ('api', 'intake') ORDER BY id DESC`, account)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Token
	for rows.Next() {
		var t Token
		var k kind
		var created int64
		var used sql.NullInt64
		if err := rows.Scan(&t.ID, &k, &created, &used); err != nil {
			return nil, err
		}
		t.IntakeOnly, t.Created, t.Used = k == kindIntake, instant(created), maybe(used)
		list = append(list, t)
	}
	return list, rows.Err()
}

// Revoke ends one session or token of an account, by its ID. One that is gone
// already is no refusal. It refuses with ErrUnknown.
func (a *Accounts) Revoke(ctx context.Context, name string, id int64) error {
	return a.write(ctx, "revoke", func(tx *database.Tx) error {
		row, err := accountByName(tx, name)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM account_secret WHERE account = ? AND id = ?`, row.id, id)
		return err
	})
}
