package account_test

import (
	"log/slog"
	"testing"
	"time"

	"inviter/account"
	"inviter/database"
	"inviter/ticket"
)

// BenchmarkBearer is what knowing the caller costs every request.
func BenchmarkBearer(b *testing.B) {
	db, err := database.Open(b.Context(), database.Options{Dir: b.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	a := account.New(db, time.Now)
	if err := a.Add(b.Context(), "ada", ticket.RoleTechnician, ""); err != nil {
		b.Fatal(err)
	}
	token, err := a.Token(b.Context(), "ada")
	if err != nil {
		b.Fatal(err)
	}
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := a.ByToken(b.Context(), token); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkLogIn is one password, the dearest thing a stranger can ask for.
func BenchmarkLogIn(b *testing.B) {
	db, err := database.Open(b.Context(), database.Options{Dir: b.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	a := account.New(db, time.Now)
	for b.Loop() {
		if _, err := a.LogIn(b.Context(), "nobody", "a wrong password"); err == nil {
			b.Fatal("nobody got in")
		}
	}
}
