package account

import (
	"context"
	"time"

	"inviter/database"
)

// Guest is somebody whom the single sign-on provider knows and who has no
// account here: a user who asks for help, and may do nothing else.
type Guest struct {
	Name    string
	Address string // of mail; "" unless the provider says that it is proven
}

// GuestLife is how long a guest may ask before the provider is asked again.
const GuestLife = 12 * time.Hour

// Welcome keeps a guest and returns the token that Guest knows him by.
func (a *Accounts) Welcome(ctx context.Context, g Guest) (token string, err error) {
	token = newSecret()
	hash, _ := digest(token)
	now := a.now()
	err = a.write(ctx, "welcome", func(tx *database.Tx) error {
		if _, err := tx.Exec(`DELETE FROM guest WHERE ends_at <= ?`, now); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO guest (hash, name, address, ends_at) VALUES (?, ?, ?, ?)`, hash, g.Name, g.Address, now+GuestLife.Milliseconds())
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// Guest is who a token was given to; false for any other, and after GuestLife.
func (a *Accounts) Guest(ctx context.Context, token string) (g Guest, found bool, err error) {
	hash, ok := digest(token)
	if !ok {
		return Guest{}, false, nil
	}
	err = a.read(ctx, "guest", func(tx *database.Tx) error {
		return tx.Row(`SELECT name, address FROM guest WHERE hash = ? AND ends_at > ?`, hash, a.now()).Scan(&g.Name, &g.Address)
	})
	if none(err) {
		return Guest{}, false, nil
	}
	return g, err == nil, err
}
