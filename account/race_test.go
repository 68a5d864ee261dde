package account

import (
	"errors"
	"testing"
	"time"

	"inviter/database"
	"inviter/database/databasetest"
	"inviter/ticket"
)

// While a password is being hashed, an account may be disabled or get another
// password; then what was right at the beginning lets nobody in.
func TestLogInLooksAgainAfterHashing(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct {
		meanwhile func(a *Accounts) error
		want      error
	}{
		"nothing":      {func(*Accounts) error { return nil }, nil},
		"new password": {func(a *Accounts) error { return a.SetPassword(t.Context(), "ada", "another one") }, ErrLogIn},
		"disabled":     {func(a *Accounts) error { return a.Disable(t.Context(), "ada") }, ErrLogIn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := database.Open(t.Context(), databasetest.Options(t.TempDir()))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			a := New(db, time.Now)
			if err := a.Add(t.Context(), "ada", ticket.RoleTechnician, "the first one"); err != nil {
				t.Fatal(err)
			}
			var known row
			err = db.Read(t.Context(), func(tx *database.Tx) (err error) {
				known, err = personByName(tx, "ada")
				return err
			})
			if err = errors.Join(err, k.meanwhile(a)); err != nil {
				t.Fatal(err)
			}
			err = db.Write(t.Context(), func(tx *database.Tx) error {
				_, err := unchanged(tx, known)
				return err
			})
			if !errors.Is(err, k.want) {
				t.Errorf("got %v, want %v", err, k.want)
			}
		})
	}
}
