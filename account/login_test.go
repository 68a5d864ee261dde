package account_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"inviter/account"
	"inviter/ticket"
)

func TestLogIn(t *testing.T) {
	t.Parallel()
	a, c := open(t)
	ctx := t.Context()
	add(t, a, "Ada", ticket.RoleTechnician, secret)
	add(t, a, "link only", ticket.RoleTechnician, "")
	get(a.IntakeToken(ctx, "bridge"))(t)
	c.pass(time.Hour)
	for _, k := range []struct {
		name, password string
		want           error
	}{
		{"Ada", secret, nil},
		{"aDA", secret, nil},
		{"Ada", "wrong password", account.ErrLogIn},
		{"Ada", "", account.ErrLogIn},
		{"Ada", strings.Repeat("x", 1<<20), account.ErrLogIn},
		{"nobody", secret, account.ErrLogIn},
		{"", "", account.ErrLogIn},
		{"a/b", secret, account.ErrLogIn},
		{strings.Repeat("x", 1<<20), secret, account.ErrLogIn},
		{"link only", "", account.ErrLogIn},
		{"link only", secret, account.ErrLogIn},
		{"bridge", "", account.ErrLogIn},
	} {
		token, err := a.LogIn(ctx, k.name, k.password)
		wants(t, "log in "+k.name[:min(len(k.name), 20)], err, k.want)
		if (token == "") == (err == nil) {
			t.Errorf("token %q with %v", token, err)
		}
		if err == nil {
			if got := get(a.BySession(ctx, token))(t); got != (ticket.Technician{Name: "Ada", Role: ticket.RoleTechnician}) {
				t.Errorf("session of %+v", got)
			}
		}
	}
	list := get(a.List(ctx))(t)
	if !list[0].LastSignIn.Equal(noon.Add(time.Hour)) || !list[2].LastSignIn.IsZero() {
		t.Errorf("last sign-in: %+v", list)
	}
}

func TestSessionExpiry(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct {
		uses []time.Duration // pauses before each use, all good
		last time.Duration   // the pause before the one that is refused
	}{
		"never used":        {nil, account.SessionIdle},
		"used, then idle":   {[]time.Duration{time.Hour, 11 * time.Hour}, account.SessionIdle},
		"used all the time": {[]time.Duration{11 * time.Hour, 11 * time.Hour, 11 * time.Hour, 11 * time.Hour, 11 * time.Hour, 11 * time.Hour, 11 * time.Hour, 11 * time.Hour, 11 * time.Hour, 11 * time.Hour, 11 * time.Hour, 11 * time.Hour, 11 * time.Hour, 11 * time.Hour, 11 * time.Hour}, 3 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, c := open(t)
			add(t, a, "ada", ticket.RoleTechnician, secret)
			token := get(a.LogIn(t.Context(), "ada", secret))(t)
			for _, d := range k.uses {
				c.pass(d)
				get(a.BySession(t.Context(), token))(t)
			}
			c.pass(k.last - time.Millisecond)
			if s := get(a.Sessions(t.Context(), "ada"))(t); len(s) != 1 {
				t.Errorf("%d sessions right before the end", len(s))
			}
			c.pass(time.Millisecond)
			_, err := a.BySession(t.Context(), token)
			wants(t, "session at its end", err, account.ErrSession)
			if s := get(a.Sessions(t.Context(), "ada"))(t); len(s) != 0 {
				t.Errorf("ended, but listed: %+v", s)
			}
		})
	}
}

func TestLogOut(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	ctx := t.Context()
	add(t, a, "ada", ticket.RoleTechnician, secret)
	one, two := get(a.LogIn(ctx, "ada", secret))(t), get(a.LogIn(ctx, "ada", secret))(t)
	api := get(a.Token(ctx, "ada"))(t)
	for _, token := range []string{one, one, "", "unknown", strings.Repeat("x", 1000), api} {
		must(t, a.LogOut(ctx, token))
	}
	_, err := a.BySession(ctx, one)
	wants(t, "logged out", err, account.ErrSession)
	get(a.BySession(ctx, two))(t)
	get(a.ByToken(ctx, api))(t) // not LogOut's to end
}

func TestSessionsAreListedRevokedAndBounded(t *testing.T) {
	t.Parallel()
	a, c := open(t)
	ctx := t.Context()
	add(t, a, "ada", ticket.RoleTechnician, "")
	add(t, a, "grace", ticket.RoleTechnician, "")
	logIn := func(name string) string { return get(a.UseLink(ctx, get(a.LogInLink(ctx, name))(t)))(t) }
	first := logIn("ada")
	c.pass(time.Hour)
	second := logIn("ada")
	get(a.BySession(ctx, first))(t)
	list := get(a.Sessions(ctx, "Ada"))(t)
	if len(list) != 2 || !list[1].Began.Equal(noon) || !list[1].Used.Equal(noon.Add(time.Hour)) || !list[1].Expires.Equal(noon.Add(account.SessionLife)) {
		t.Fatalf("sessions %+v", list)
	}
	must(t, a.Revoke(ctx, "grace", list[1].ID)) // not hers
	get(a.BySession(ctx, first))(t)
	must(t, a.Revoke(ctx, "ada", list[1].ID))
	must(t, a.Revoke(ctx, "ada", list[1].ID))
	_, err := a.BySession(ctx, first)
	wants(t, "revoked", err, account.ErrSession)
	get(a.BySession(ctx, second))(t)
	wants(t, "revoke of nobody", a.Revoke(ctx, "nobody", 1), account.ErrUnknown)
	_, err = a.Sessions(ctx, "nobody")
	wants(t, "sessions of nobody", err, account.ErrUnknown)

	other := logIn("grace")
	for range 100 {
		logIn("ada")
	}
	if n := len(get(a.Sessions(ctx, "ada"))(t)); n != 100 {
		t.Errorf("%d sessions", n)
	}
	_, err = a.BySession(ctx, second)
	wants(t, "the oldest", err, account.ErrSession)
	get(a.BySession(ctx, other))(t)
}

func TestLinks(t *testing.T) {
	t.Parallel()
	a, c := open(t)
	ctx := t.Context()
	add(t, a, "ada", ticket.RoleTechnician, "")
	get(a.IntakeToken(ctx, "bridge"))(t)

	old := get(a.LogInLink(ctx, "ada"))(t)
	link := get(a.LogInLink(ctx, "ADA"))(t)
	_, err := a.UseLink(ctx, old)
	wants(t, "replaced", err, account.ErrLink)
	_, err = a.BySession(ctx, link)
	wants(t, "link as a session", err, account.ErrSession)
	_, err = a.ByToken(ctx, link)
	wants(t, "link as a token", err, account.ErrToken)

	c.pass(account.LinkLife - time.Millisecond)
	session := get(a.UseLink(ctx, link))(t)
	get(a.BySession(ctx, session))(t)
	_, err = a.UseLink(ctx, link)
	wants(t, "used", err, account.ErrLink)
	_, err = a.UseLink(ctx, session)
	wants(t, "session as a link", err, account.ErrLink)

	link = get(a.LogInLink(ctx, "ada"))(t)
	c.pass(account.LinkLife)
	for _, s := range []string{link, "", "unknown", strings.Repeat("x", 1000)} {
		_, err = a.UseLink(ctx, s)
		wants(t, "link", err, account.ErrLink)
	}
	_, err = a.LogInLink(ctx, "nobody")
	wants(t, "link for nobody", err, account.ErrUnknown)
	_, err = a.LogInLink(ctx, "bridge")
	wants(t, "link for a bridge", err, account.ErrIntakeOnly)
}

func TestLinkIsUsedOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	here, _, _ := openIn(t, dir)
	there, _, _ := openIn(t, dir)
	add(t, here, "ada", ticket.RoleTechnician, "")
	link := get(here.LogInLink(t.Context(), "ada"))(t)
	errs := make([]error, 20)
	var all sync.WaitGroup
	for i := range errs {
		a := here
		if i%2 == 0 {
			a = there
		}
		all.Go(func() { _, errs[i] = a.UseLink(t.Context(), link) })
	}
	all.Wait()
	in := 0
	for _, err := range errs {
		switch {
		case err == nil:
			in++
		case !errors.Is(err, account.ErrLink):
			t.Errorf("use: %v", err)
		}
	}
	if in != 1 {
		t.Errorf("%d got in with one link", in)
	}
}
