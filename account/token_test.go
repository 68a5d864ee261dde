package account_test

import (
	"strings"
	"testing"
	"time"

	"inviter/account"
	"inviter/ticket"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	a, c := open(t)
	ctx := t.Context()
	add(t, a, "ada", ticket.RoleTechnician, secret)
	token := get(a.Token(ctx, "ADA"))(t)
	if !strings.HasPrefix(token, "inv_") || len(token) != 56 {
		t.Errorf("token %q", token)
	}
	c.pass(10 * 365 * 24 * time.Hour)
	if got := get(a.ByToken(ctx, token))(t); got != (ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}) {
		t.Errorf("token of %+v", got)
	}
	for _, s := range []string{"", "inv_", token + "x", strings.TrimPrefix(token, "inv_"), strings.ToUpper(token), strings.Repeat("x", 1000)} {
		_, err := a.ByToken(ctx, s)
		wants(t, "token "+s[:min(len(s), 70)], err, account.ErrToken)
	}
	_, err := a.BySession(ctx, token)
	wants(t, "token as a session", err, account.ErrSession)
	_, err = a.UseLink(ctx, token)
	wants(t, "token as a link", err, account.ErrLink)
	session := get(a.LogIn(ctx, "ada", secret))(t)
	_, err = a.ByToken(ctx, session)
	wants(t, "session as a token", err, account.ErrToken)
	_, err = a.Token(ctx, "nobody")
	wants(t, "token for nobody", err, account.ErrUnknown)

	list := get(a.Tokens(ctx, "ada"))(t)
	if len(list) != 1 || list[0].IntakeOnly || !list[0].Created.Equal(noon) || !list[0].Used.Equal(c.now()) {
		t.Errorf("tokens %+v", list)
	}
	c.pass(time.Minute) // a use soon after isn't worth a write
	get(a.ByToken(ctx, token))(t)
	if again := get(a.Tokens(ctx, "ada"))(t); again[0] != list[0] {
		t.Errorf("a minute later: %+v", again)
	}
	must(t, a.Revoke(ctx, "ada", list[0].ID))
	_, err = a.ByToken(ctx, token)
	wants(t, "revoked", err, account.ErrToken)
	get(a.BySession(ctx, session))(t)
}

func TestIntakeTokensMayOnlySubmit(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	ctx := t.Context()
	add(t, a, "ada", ticket.RoleAdmin, secret)
	mine := get(a.IntakeToken(ctx, "Ada"))(t)
	bridge := get(a.IntakeToken(ctx, "Chat bridge"))(t)
	again := get(a.IntakeToken(ctx, "CHAT BRIDGE"))(t)
	for token, want := range map[string]string{mine: "ada", bridge: "Chat bridge", again: "Chat bridge"} {
		if !strings.HasPrefix(token, "inv_") {
			t.Errorf("token %q", token)
		}
		if got := get(a.ByIntakeToken(ctx, token))(t); got != want {
			t.Errorf("token of %q, want %q", got, want)
		}
		_, err := a.ByToken(ctx, token)
		wants(t, "intake token as API token", err, account.ErrIntakeOnly)
		_, err = a.BySession(ctx, token)
		wants(t, "intake token as session", err, account.ErrSession)
	}
	api := get(a.Token(ctx, "ada"))(t)
	_, err := a.ByIntakeToken(ctx, api)
	wants(t, "API token as intake token", err, account.ErrToken)
	_, err = a.ByIntakeToken(ctx, "unknown")
	wants(t, "unknown", err, account.ErrToken)
	_, err = a.IntakeToken(ctx, "a/b")
	wants(t, "bad name", err, account.ErrName)
	_, err = a.Token(ctx, "chat bridge")
	wants(t, "API token for a bridge", err, account.ErrIntakeOnly)
	wants(t, "password for a bridge", a.SetPassword(ctx, "chat bridge", secret), account.ErrIntakeOnly)
	wants(t, "the bridge's name", a.Add(ctx, "chat bridge", ticket.RoleViewer, ""), account.ErrExists)

	must(t, a.Disable(ctx, "chat bridge"))
	_, err = a.ByIntakeToken(ctx, bridge)
	wants(t, "disabled", err, account.ErrToken)
	get(a.ByIntakeToken(ctx, mine))(t)
}

func TestOnlyIntakeIsEmpty(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	get(a.IntakeToken(t.Context(), "bridge"))(t)
	if empty := get(a.Empty(t.Context()))(t); !empty {
		t.Error("nobody can log in, but the list isn't empty")
	}
}

func TestTokensAreBounded(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	ctx := t.Context()
	add(t, a, "ada", ticket.RoleTechnician, "")
	for range 200 {
		get(a.Token(ctx, "ada"))(t)
	}
	_, err := a.Token(ctx, "ada")
	wants(t, "one more", err, account.ErrTooMany)
	_, err = a.IntakeToken(ctx, "ada")
	wants(t, "one more", err, account.ErrTooMany)
	must(t, a.Revoke(ctx, "ada", get(a.Tokens(ctx, "ada"))(t)[0].ID))
	get(a.Token(ctx, "ada"))(t)
}
