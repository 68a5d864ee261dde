package account

import (
	"context"
	"slices"

	"inviter/database"
	"inviter/ticket"
)

// SetRole gives an account another role. Whoever is in keeps the session and
// has the new role from the next request on.
//
// It refuses with ErrUnknown, ErrDisabled, ErrIntakeOnly, ErrRole.
func (a *Accounts) SetRole(ctx context.Context, name string, role ticket.Role) error {
	if !slices.Contains(Roles(), role) {
		return ErrRole
	}
	return a.write(ctx, "set role", func(tx *database.Tx) error {
		row, err := personByName(tx, name)
		if err != nil {
			return err
		}
		return updateRole(tx, row.id, role)
	})
}

func updateRole(tx *database.Tx, account int64, role ticket.Role) error {
	_, err := tx.Exec(`UPDATE account SET role = ? WHERE id = ?`, string(role), account)
	return err
}

// Enable lets a disabled account in again, by its old password or by a new
// link; sessions and tokens that Disable ended stay ended. Enabling twice
// changes nothing. It refuses with ErrUnknown.
func (a *Accounts) Enable(ctx context.Context, name string) error {
	return a.write(ctx, "enable account", func(tx *database.Tx) error {
		row, err := accountByName(tx, name)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE account SET disabled = NULL WHERE id = ?`, row.id)
		return err
	})
}
