package account

import (
	"database/sql"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// row is what the verbs need of an account.
type row struct {
	id       int64
	name     string
	role     ticket.Role
	password string
	disabled bool
}

func (r row) technician() ticket.Technician { return ticket.Technician{Name: r.name, Role: r.role} }

func insertAccount(tx *database.Tx, shown, folded string, role ticket.Role, password string, now int64) error {
	n, err := tx.Exec(`
		INSERT INTO account (name, folded, role, password, created) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (folded) DO NOTHING`, shown, folded, string(role), password, now)
	if err == nil && n == 0 {
		return ErrExists
	}
	return err
}

// accountByName finds an account whatever the case of its name. It refuses
// with ErrUnknown, also a name that no account could have.
func accountByName(tx *database.Tx, name string) (row, error) {
	_, folded, err := cleanName(name)
	if err != nil {
		return row{}, ErrUnknown
	}
	var r row
	err = tx.Row(`SELECT id, name, role, password, disabled IS NOT NULL FROM account WHERE folded = ?`, folded).
		Scan(&r.id, &r.name, &r.role, &r.password, &r.disabled)
	if none(err) {
		return row{}, ErrUnknown
	}
	return r, err
}

// personByName finds an account that may log in. It refuses with ErrUnknown,
// ErrDisabled, ErrIntakeOnly.
func personByName(tx *database.Tx, name string) (row, error) {
	r, err := accountByName(tx, name)
	switch {
	case err != nil:
		return row{}, err
	case r.disabled:
		return row{}, ErrDisabled
	case r.role == Intake:
		return row{}, ErrIntakeOnly
	}
	return r, nil
}

func selectAccounts(tx *database.Tx) ([]Account, error) {
	rows, err := tx.Query(`
		SELECT name, role, password <> '', created, disabled, last_sign_in FROM account ORDER BY folded`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Account
	for rows.Next() {
		var a Account
		var created int64
		var disabled, last sql.NullInt64
		if err := rows.Scan(&a.Name, &a.Role, &a.Password, &created, &disabled, &last); err != nil {
			return nil, err
		}
		a.Created, a.Disabled, a.LastSignIn = instant(created), maybe(disabled), maybe(last)
		list = append(list, a)
	}
	return list, rows.Err()
}

func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func maybe(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return instant(ms.Int64)
}
