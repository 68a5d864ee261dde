package account

import (
	"context"

	"inviter/database"
	"inviter/ticket"
)

// Identity is a person as a single sign-on provider vouches for him. Issuer and
// Subject name him for ever (OpenID Connect Core 1.0, section 2); Name may
// change and counts only when he first comes.
type Identity struct {
	Issuer, Subject string
	Name            string
	Guest           Guest       // the same person, to people
	Role            ticket.Role // what the provider's groups give him; "" leaves the account's own
}

// SignIn opens a session for a person whom a provider vouches for, and returns
// its token. Who comes for the first time gets an account of his name, or the
// one that was made for him beforehand: enabled, without a password and never
// used. No other account is ever given to him because of its name, for at many
// providers people choose their names themselves; an admin's only where the
// provider's groups make him one.
//
// It refuses with ErrName, ErrTaken, ErrNoRole, ErrRole, ErrDisabled.
func (a *Accounts) SignIn(ctx context.Context, who Identity) (token string, err error) {
	return a.newSession(ctx, "sign in", func(tx *database.Tx) (int64, error) {
		row, err := personOf(tx, who)
		if none(err) {
			row, err = a.welcome(tx, who)
		}
		switch {
		case err != nil:
			return 0, err
		case row.disabled:
			return 0, ErrDisabled
		case who.Role == "" || who.Role == row.role:
			return row.id, nil
		}
		return row.id, updateRole(tx, row.id, who.Role)
	})
}

// personOf finds the account that an identity has; none where it has none yet.
func personOf(tx *database.Tx, who Identity) (row, error) {
	var r row
	err := tx.Row(`
		SELECT a.id, a.name, a.role, a.disabled IS NOT NULL FROM account_identity i JOIN account a ON a.id = i.account
		WHERE i.issuer = ? AND i.subject = ?`, who.Issuer, who.Subject).Scan(&r.id, &r.name, &r.role, &r.disabled)
	return r, err
}

// welcome gives an identity the account that it will have from now on.
func (a *Accounts) welcome(tx *database.Tx, who Identity) (row, error) {
	shown, folded, err := cleanName(who.Name)
	if err != nil {
		return row{}, err
	}
	known, err := accountByName(tx, shown)
	switch {
	case err == ErrUnknown && who.Role == "":
		return row{}, ErrNoRole
	case err == ErrUnknown:
		if err := insertAccount(tx, shown, folded, who.Role, "", a.now()); err != nil {
			return row{}, err
		}
		known, err = accountByName(tx, shown)
	case err == nil:
		err = untouched(tx, known, who)
	}
	if err != nil {
		return row{}, err
	}
	_, err = tx.Exec(`INSERT INTO account_identity (issuer, subject, account) VALUES (?, ?, ?)`, who.Issuer, who.Subject, known.id)
	return known, err
}

// untouched refuses an account that somebody has or may have come in with.
func untouched(tx *database.Tx, r row, who Identity) error {
	switch {
	case r.disabled:
		return ErrDisabled
	case r.password != "", r.role == Intake, r.role == ticket.RoleAdmin && who.Role != ticket.RoleAdmin:
		return ErrTaken
	}
	var used bool
	err := tx.Row(`
		SELECT last_sign_in IS NOT NULL
			OR EXISTS (SELECT 1 FROM account_identity WHERE account = a.id)
			OR EXISTS (SELECT 1 FROM account_secret WHERE account = a.id AND kind = 'api')
		FROM account a WHERE id = ?`, r.id).Scan(&used)
	if err == nil && used {
		return ErrTaken
	}
	return err
}
