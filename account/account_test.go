package account_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/account"
	"inviter/database/databasetest"
	"inviter/ticket"
)

func TestAddAndList(t *testing.T) {
	t.Parallel()
	a, c := open(t)
	ctx := t.Context()
	if empty := get(a.Empty(ctx))(t); !empty {
		t.Error("a new list isn't empty")
	}
	add(t, a, "Grace", ticket.RoleLead, secret)
	c.pass(time.Minute)
	add(t, a, "ada", ticket.RoleTechnician, "")
	for _, k := range []struct {
		name     string
		role     ticket.Role
		password string
		want     error
	}{
		{"ADA", ticket.RoleViewer, "", account.ErrExists},
		{"a/b", ticket.RoleViewer, "", account.ErrName},
		{"bob", "boss", "", account.ErrRole},
		{"bob", "", "", account.ErrRole},
		{"bob", account.Intake, "", account.ErrRole},
		{"bob", ticket.RoleViewer, "short", account.ErrPassword},
	} {
		wants(t, "add "+k.name, a.Add(ctx, k.name, k.role, k.password), k.want)
	}
	list := get(a.List(ctx))(t)
	if len(list) != 2 || list[0].Name != "ada" || list[1].Name != "Grace" {
		t.Fatalf("list %+v", list)
	}
	want := account.Account{Name: "Grace", Role: ticket.RoleLead, Password: true, Created: noon}
	if list[1] != want {
		t.Errorf("got %+v, want %+v", list[1], want)
	}
	if list[0].Password || !list[0].Created.Equal(noon.Add(time.Minute)) {
		t.Errorf("got %+v", list[0])
	}
	if empty := get(a.Empty(ctx))(t); empty {
		t.Error("a list with accounts is empty")
	}
}

func TestEveryRoleIsTaken(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	for _, role := range account.Roles() {
		add(t, a, "the "+string(role), role, "")
		token := get(a.Token(t.Context(), "the "+string(role)))(t)
		if got := get(a.ByToken(t.Context(), token))(t); got.Role != role {
			t.Errorf("role %q came back as %q", role, got.Role)
		}
	}
}

func TestAddOfOneNameAtTheSameTime(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	names := []string{"ada", "Ada", "ADA", "aDa", "adA", "aDA", "AdA", "ADa"}
	errs := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { errs[i] = a.Add(t.Context(), name, ticket.RoleViewer, "") })
	}
	all.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else {
			wants(t, "add", err, account.ErrExists)
		}
	}
	if made != 1 {
		t.Errorf("%d accounts were made", made)
	}
}

func TestDisableEndsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	a, c := open(t)
	ctx := t.Context()
	add(t, a, "ada", ticket.RoleTechnician, secret)
	add(t, a, "grace", ticket.RoleLead, secret)
	session := get(a.LogIn(ctx, "ada", secret))(t)
	link := get(a.LogInLink(ctx, "ada"))(t)
	token := get(a.Token(ctx, "ada"))(t)
	intake := get(a.IntakeToken(ctx, "ada"))(t)
	other := get(a.Token(ctx, "grace"))(t)

	c.pass(time.Hour)
	must(t, a.Disable(ctx, "ADA"))
	_, err := a.BySession(ctx, session)
	wants(t, "session", err, account.ErrSession)
	_, err = a.UseLink(ctx, link)
	wants(t, "link", err, account.ErrLink)
	_, err = a.ByToken(ctx, token)
	wants(t, "token", err, account.ErrToken)
	_, err = a.ByIntakeToken(ctx, intake)
	wants(t, "intake token", err, account.ErrToken)
	_, err = a.LogIn(ctx, "ada", secret)
	wants(t, "log in", err, account.ErrLogIn)
	_, err = a.LogInLink(ctx, "ada")
	wants(t, "new link", err, account.ErrDisabled)
	_, err = a.Token(ctx, "ada")
	wants(t, "new token", err, account.ErrDisabled)
	_, err = a.IntakeToken(ctx, "ada")
	wants(t, "new intake token", err, account.ErrDisabled)
	wants(t, "new password", a.SetPassword(ctx, "ada", secret), account.ErrDisabled)
	wants(t, "the name again", a.Add(ctx, "Ada", ticket.RoleViewer, ""), account.ErrExists)
	get(a.ByToken(ctx, other))(t)
	if left := get(a.Tokens(ctx, "ada"))(t); len(left) != 0 {
		t.Errorf("tokens are left: %+v", left)
	}

	c.pass(time.Hour)
	must(t, a.Disable(ctx, "ada"))
	if got := get(a.List(ctx))(t)[0].Disabled; !got.Equal(noon.Add(time.Hour)) {
		t.Errorf("disabled at %v, want when it was disabled first", got)
	}
	wants(t, "disable nobody", a.Disable(ctx, "nobody"), account.ErrUnknown)
	wants(t, "disable a bad name", a.Disable(ctx, "a/b"), account.ErrUnknown)
}

// Another process disables: this one notices at the next use.
func TestDisableFromAnotherProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	here, _, _ := openIn(t, dir)
	there, _, _ := openIn(t, dir)
	add(t, here, "ada", ticket.RoleTechnician, secret)
	session := get(here.LogIn(t.Context(), "ada", secret))(t)
	get(here.BySession(t.Context(), session))(t)
	must(t, there.Disable(t.Context(), "ada"))
	_, err := here.BySession(t.Context(), session)
	wants(t, "session", err, account.ErrSession)
}

func TestSetPassword(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	ctx := t.Context()
	add(t, a, "ada", ticket.RoleTechnician, secret)
	session := get(a.LogIn(ctx, "ada", secret))(t)
	link := get(a.LogInLink(ctx, "ada"))(t)
	token := get(a.Token(ctx, "ada"))(t)
	wants(t, "short", a.SetPassword(ctx, "ada", "short"), account.ErrPassword)
	wants(t, "unknown", a.SetPassword(ctx, "nobody", "new password"), account.ErrUnknown)
	get(a.BySession(ctx, session))(t)

	must(t, a.SetPassword(ctx, "ada", "new password"))
	_, err := a.BySession(ctx, session)
	wants(t, "session", err, account.ErrSession)
	_, err = a.UseLink(ctx, link)
	wants(t, "link", err, account.ErrLink)
	_, err = a.LogIn(ctx, "ada", secret)
	wants(t, "old password", err, account.ErrLogIn)
	get(a.LogIn(ctx, "ada", "new password"))(t)
	get(a.ByToken(ctx, token))(t)
}

// Whoever reads the database finds nothing that lets him in.
func TestNoSecretIsStored(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, _, db := openIn(t, dir)
	ctx := t.Context()
	add(t, a, "ada", ticket.RoleTechnician, secret)
	secrets := []string{secret, get(a.LogIn(ctx, "ada", secret))(t), get(a.LogInLink(ctx, "ada"))(t),
		get(a.Token(ctx, "ada"))(t), get(a.IntakeToken(ctx, "ada"))(t)}
	must(t, db.Close())
	for name, b := range databasetest.Kept(t, dir) {
		for _, s := range secrets {
			if strings.Contains(string(b), strings.TrimPrefix(s, account.TokenPrefix)) {
				t.Errorf("%s holds %q", name, s)
			}
		}
	}
}

func TestFaultsAreNoRefusals(t *testing.T) {
	t.Parallel()
	a, _, db := openIn(t, t.TempDir())
	add(t, a, "ada", ticket.RoleTechnician, secret)
	must(t, db.Close())
	ctx := context.Background()
	_, login := a.LogIn(ctx, "ada", secret)
	_, unknown := a.LogIn(ctx, "nobody", secret)
	_, session := a.BySession(ctx, "x")
	_, token := a.ByToken(ctx, "x")
	_, link := a.UseLink(ctx, "x")
	for i, err := range []error{login, unknown, session, token, link, a.Disable(ctx, "ada")} {
		var refusal account.Refusal
		if err == nil || errors.As(err, &refusal) {
			t.Errorf("%d: %v, want a fault", i, err)
		}
	}
}

func TestEndLogInsLeavesTokens(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	ctx := t.Context()
	add(t, a, "ada", ticket.RoleTechnician, secret)
	session, link := get(a.LogIn(ctx, "ada", secret))(t), get(a.LogInLink(ctx, "ada"))(t)
	token, intake := get(a.Token(ctx, "ada"))(t), get(a.IntakeToken(ctx, "bridge"))(t)
	if n := get(a.EndLogIns(ctx))(t); n != 2 {
		t.Errorf("%d ended", n)
	}
	_, err := a.BySession(ctx, session)
	wants(t, "the session", err, account.ErrSession)
	_, err = a.UseLink(ctx, link)
	wants(t, "the link", err, account.ErrLink)
	get(a.ByToken(ctx, token))(t)
	get(a.ByIntakeToken(ctx, intake))(t)
	get(a.LogIn(ctx, "ada", secret))(t)
}
