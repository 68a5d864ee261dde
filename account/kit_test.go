package account_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"inviter/account"
	"inviter/database"
	"inviter/database/databasetest"
	"inviter/ticket"
)

const secret = "correct horse battery"

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// clock is a clock that only moves when told.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// open gives accounts on a database of their own, at noon.
func open(t *testing.T) (*account.Accounts, *clock) {
	t.Helper()
	a, c, _ := openIn(t, t.TempDir())
	return a, c
}

func openIn(t *testing.T, dir string) (*account.Accounts, *clock, *database.DB) {
	t.Helper()
	db, err := database.Open(t.Context(), databasetest.Options(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &clock{t: noon}
	return account.New(db, c.now), c, db
}

func add(t *testing.T, a *account.Accounts, name string, role ticket.Role, password string) {
	t.Helper()
	must(t, a.Add(t.Context(), name, role, password))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get passes a value on and ends the test on an error.
func get[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wants(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
