package account

import (
	"context"
	"errors"
	"time"

	"inviter/database"
)

// LinkLife is how long a log-in link stays good.
const LinkLife = 24 * time.Hour

// LogIn opens a session for who knows name and password, and returns its
// token, which only the caller ever sees.
//
// It refuses with ErrLogIn, whether the name is unknown, the account disabled
// or without a password, or the password wrong; each takes the work of one
// hash. It refuses with ErrBusy when too many try at once.
func (a *Accounts) LogIn(ctx context.Context, name, password string) (token string, err error) {
	var known row
	err = a.read(ctx, "log in", func(tx *database.Tx) (err error) {
		known, err = personByName(tx, name)
		return err
	})
	var refusal Refusal
	if err != nil && !errors.As(err, &refusal) {
		return "", err
	}
	right, err := a.hasher.check(ctx, password, known.password)
	if err != nil {
		return "", fault("log in", err)
	}
	if !right {
		return "", ErrLogIn
	}
	return a.newSession(ctx, "log in", func(tx *database.Tx) (int64, error) {
		return unchanged(tx, known)
	})
}

// unchanged makes sure that an account wasn't disabled, nor its password
// changed, while the password was being hashed.
func unchanged(tx *database.Tx, known row) (id int64, err error) {
	now, err := personByName(tx, known.name)
	var refusal Refusal
	if errors.As(err, &refusal) || err == nil && now.password != known.password {
		return 0, ErrLogIn
	}
	return now.id, err
}

// LogInLink makes a secret that logs name in once, within LinkLife. An older
// link of the account that wasn't used ends.
//
// It refuses with ErrUnknown, ErrDisabled, ErrIntakeOnly.
func (a *Accounts) LogInLink(ctx context.Context, name string) (secret string, err error) {
	fresh := newSecret()
	hash, _ := digest(fresh)
	err = a.write(ctx, "make log-in link", func(tx *database.Tx) error {
		row, err := personByName(tx, name)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM account_secret WHERE account = ? AND kind = 'link'`, row.id); err != nil {
			return err
		}
		now := a.now()
		return insertSecret(tx, row.id, kindLink, hash, now, now+LinkLife.Milliseconds())
	})
	if err != nil {
		return "", err
	}
	return fresh, nil
}

// UseLink takes a link's secret and opens a session, once: of several who use
// it at the same time one gets in. It refuses with ErrLink.
func (a *Accounts) UseLink(ctx context.Context, secret string) (token string, err error) {
	hash, ok := digest(secret)
	if !ok {
		return "", ErrLink
	}
	return a.newSession(ctx, "use log-in link", func(tx *database.Tx) (int64, error) {
		b, ok, err := bearerOf(tx, hash, a.now())
		if err != nil {
			return 0, err
		}
		if !ok || b.kind != kindLink {
			return 0, ErrLink
		}
		return b.id, deleteSecret(tx, b.secret)
	})
}
