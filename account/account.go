// Package account knows who may come in: technicians with their roles, their
// log-ins by password or one-time link, and tokens for programs.
//
// Passwords rest as argon2id; of sessions, links and tokens the database has
// only the SHA-256. Whatever lets somebody in is looked up at every use, so
// that Disable and Revoke count at once, from whichever process they come.
//
// Every refusal is a [Refusal]; any other error is a fault.
package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"inviter/database"
	"inviter/ticket"
)

// Intake is the role of an account that only owns intake tokens: it can't log
// in and sees nothing. IntakeToken makes such accounts.
const Intake ticket.Role = "intake"

// Roles lists what Add takes, the least first.
func Roles() []ticket.Role {
	return []ticket.Role{ticket.RoleViewer, ticket.RoleTechnician, ticket.RoleLead, ticket.RoleAuditor, ticket.RoleAdmin}
}

// Account is one row of the list of accounts.
type Account struct {
	Name       string
	Role       ticket.Role
	Password   bool      // has one; else only links and tokens let in
	Created    time.Time // times are UTC
	Disabled   time.Time // zero while enabled
	LastSignIn time.Time // by password or link; zero if never
}

// Accounts is the list of accounts in a database. Its methods may be called at
// the same time, also from several processes.
type Accounts struct {
	db     *database.DB
	clock  func() time.Time
	hasher *hasher
}

// New takes the accounts in db, whose migrations brought the tables.
func New(db *database.DB, clock func() time.Time) *Accounts {
	return &Accounts{db: db, clock: clock, hasher: newHasher()}
}

// Add makes an account. With an empty password only links and tokens let in,
// until SetPassword.
//
// It refuses with ErrName, ErrRole, ErrPassword, ErrBusy, and with ErrExists
// where the name is taken, by a disabled account too: names in old events keep
// their meaning.
func (a *Accounts) Add(ctx context.Context, name string, role ticket.Role, password string) error {
	shown, folded, err := cleanName(name)
	if err != nil {
		return err
	}
	if !slices.Contains(Roles(), role) {
		return ErrRole
	}
	var hash string
	if password != "" {
		if hash, err = a.hasher.make(ctx, password); err != nil {
			return err
		}
	}
	return a.write(ctx, "add account", func(tx *database.Tx) error {
		return insertAccount(tx, shown, folded, role, hash, a.now())
	})
}

// List is every account, in the order of their names.
func (a *Accounts) List(ctx context.Context) ([]Account, error) {
	var list []Account
	err := a.read(ctx, "list accounts", func(tx *database.Tx) (err error) {
		list, err = selectAccounts(tx)
		return err
	})
	return list, err
}

// Account is one account. It refuses with ErrUnknown.
func (a *Accounts) Account(ctx context.Context, name string) (Account, error) {
	list, err := a.List(ctx)
	if err != nil {
		return Account{}, err
	}
	_, folded, err := cleanName(name)
	for _, one := range list {
		if err == nil && fold(one.Name) == folded {
			return one, nil
		}
	}
	return Account{}, ErrUnknown
}

// Empty tells whether there is no account yet that could ever log in.
func (a *Accounts) Empty(ctx context.Context) (bool, error) {
	var n int
	err := a.read(ctx, "count accounts", func(tx *database.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM account WHERE role <> ?`, string(Intake)).Scan(&n)
	})
	return n == 0, err
}

// Disable ends everything an account may do, at once: sessions, links and
// tokens. Disabling twice changes nothing. It refuses with ErrUnknown.
func (a *Accounts) Disable(ctx context.Context, name string) error {
	return a.write(ctx, "disable account", func(tx *database.Tx) error {
		row, err := accountByName(tx, name)
		if err != nil || row.disabled {
			return err
		}
		if _, err := tx.Exec(`UPDATE account SET disabled = ? WHERE id = ?`, a.now(), row.id); err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM account_secret WHERE account = ?`, row.id)
		return err
	})
}

// EndLogIns ends every log-in there is, and every link to one, and tells how
// many. Tokens of programs stay. It is for a database brought back from a
// backup, in which those that ended since it was made would live again.
func (a *Accounts) EndLogIns(ctx context.Context) (n int64, err error) {
	err = a.write(ctx, "end log-ins", func(tx *database.Tx) error {
		if _, err := tx.Exec(`DELETE FROM guest`); err != nil {
			return err
		}
		n, err = tx.Exec(`DELETE FROM account_secret WHERE kind IN ('session', 'link')`)
		return err
	})
	return n, err
}

// SetPassword gives an account a new password and ends all its sessions and
// links, for whoever knew the old one may hold some. Tokens stay.
//
// It refuses with ErrUnknown, ErrDisabled, ErrIntakeOnly, ErrPassword, ErrBusy.
func (a *Accounts) SetPassword(ctx context.Context, name, password string) error {
	hash, err := a.hasher.make(ctx, password)
	if err != nil {
		return err
	}
	return a.write(ctx, "set password", func(tx *database.Tx) error {
		row, err := personByName(tx, name)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE account SET password = ? WHERE id = ?`, hash, row.id); err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM account_secret WHERE account = ? AND kind IN ('session', 'link')`, row.id)
		return err
	})
}

// now is the clock in the database's unit, Unix milliseconds.
func (a *Accounts) now() int64 { return a.clock().UnixMilli() }

// write runs fn in a transaction; what tells a fault where it happened.
func (a *Accounts) write(ctx context.Context, what string, fn func(*database.Tx) error) error {
	return fault(what, a.db.Write(ctx, fn))
}

// ask is read with one statement.
func (a *Accounts) ask(ctx context.Context, what string, fn func(*database.Tx) error) error {
	return fault(what, a.db.ReadOne(ctx, fn))
}

func (a *Accounts) read(ctx context.Context, what string, fn func(*database.Tx) error) error {
	return fault(what, a.db.Read(ctx, fn))
}

// fault gives back a refusal bare, and wraps anything else.
func fault(what string, err error) error {
	var refusal Refusal
	if err == nil || errors.As(err, &refusal) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// none tells whether a statement found no row.
func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }
