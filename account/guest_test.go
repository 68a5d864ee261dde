package account_test

import (
	"strings"
	"testing"
	"time"

	"inviter/account"
)

func TestGuests(t *testing.T) {
	t.Parallel()
	a, c := open(t)
	ctx := t.Context()
	jane := account.Guest{Name: "Jane Doe", Address: "jane@example.org"}
	token := get(a.Welcome(ctx, jane))(t)
	knows := func(token string, want bool) {
		t.Helper()
		got, found, err := a.Guest(ctx, token)
		if err != nil || found != want || want && got != jane {
			t.Errorf("%q: %+v, %v, %v", token, got, found, err)
		}
	}
	knows(token, true)
	for _, other := range []string{"", "guess", token + "x", strings.Repeat("x", 10_000)} {
		knows(other, false)
	}
	_, err := a.BySession(ctx, token)
	wants(t, "a guest's token as a session", err, account.ErrSession)
	if list, err := a.List(ctx); err != nil || len(list) != 0 {
		t.Errorf("a guest has an account: %v, %v", list, err)
	}
	c.pass(account.GuestLife - time.Millisecond)
	knows(token, true)
	c.pass(time.Millisecond)
	knows(token, false)
}

// Those whose time is over are cleared away by the next; a restore ends all.
func TestGuestsEnd(t *testing.T) {
	t.Parallel()
	a, _, _ := openIn(t, t.TempDir())
	token := get(a.Welcome(t.Context(), account.Guest{Name: "Jane"}))(t)
	get(a.EndLogIns(t.Context()))(t)
	if _, found, err := a.Guest(t.Context(), token); found || err != nil {
		t.Errorf("after a restore: %v, %v", found, err)
	}
}
