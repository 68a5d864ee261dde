package account_test

import (
	"testing"
	"time"

	"inviter/account"
	"inviter/ticket"
)

func TestANewRoleCountsAtOnce(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	add(t, a, "ada", ticket.RoleTechnician, secret)
	session, token := get(a.LogIn(t.Context(), "ada", secret))(t), get(a.Token(t.Context(), "ada"))(t)
	must(t, a.SetRole(t.Context(), "ADA", ticket.RoleViewer))
	if who := get(a.BySession(t.Context(), session))(t); who.Role != ticket.RoleViewer {
		t.Errorf("the session has role %s", who.Role)
	}
	if who := get(a.ByToken(t.Context(), token))(t); who.Role != ticket.RoleViewer {
		t.Errorf("the token has role %s", who.Role)
	}
	get(a.IntakeToken(t.Context(), "bridge"))(t)
	wants(t, "no role", a.SetRole(t.Context(), "ada", "boss"), account.ErrRole)
	wants(t, "intake as a role", a.SetRole(t.Context(), "ada", account.Intake), account.ErrRole)
	wants(t, "a script", a.SetRole(t.Context(), "bridge", ticket.RoleLead), account.ErrIntakeOnly)
	wants(t, "nobody", a.SetRole(t.Context(), "eve", ticket.RoleLead), account.ErrUnknown)
	must(t, a.Disable(t.Context(), "ada"))
	wants(t, "disabled", a.SetRole(t.Context(), "ada", ticket.RoleLead), account.ErrDisabled)
}

func TestEnablingBringsNothingBackButTheAccount(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	add(t, a, "ada", ticket.RoleTechnician, secret)
	session, token := get(a.LogIn(t.Context(), "ada", secret))(t), get(a.Token(t.Context(), "ada"))(t)
	must(t, a.Disable(t.Context(), "ada"))
	must(t, a.Enable(t.Context(), "Ada"))
	must(t, a.Enable(t.Context(), "ada"))
	_, err := a.BySession(t.Context(), session)
	wants(t, "the old session", err, account.ErrSession)
	_, err = a.ByToken(t.Context(), token)
	wants(t, "the old token", err, account.ErrToken)
	get(a.LogIn(t.Context(), "ada", secret))(t)
	wants(t, "nobody", a.Enable(t.Context(), "eve"), account.ErrUnknown)
}

func vouched(name string, role ticket.Role) account.Identity {
	return account.Identity{Issuer: "https://id.example.org", Subject: "sub of " + name, Name: name, Role: role}
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	a, c := open(t)
	for range 2 { // the first time makes the account
		who := get(a.BySession(t.Context(), get(a.SignIn(t.Context(), vouched("ada", ticket.RoleTechnician)))(t)))(t)
		if who != (ticket.Technician{Name: "ada", Role: ticket.RoleTechnician}) {
			t.Fatalf("signed in %+v", who)
		}
		c.pass(time.Minute)
	}
	renamed := vouched("ada", ticket.RoleLead)
	renamed.Name = "Ada Lovelace"
	if who := get(a.BySession(t.Context(), get(a.SignIn(t.Context(), renamed))(t)))(t); who.Name != "ada" || who.Role != ticket.RoleLead {
		t.Errorf("after a change at the provider: %+v", who)
	}
	same := vouched("ada", "")
	if who := get(a.BySession(t.Context(), get(a.SignIn(t.Context(), same))(t)))(t); who.Role != ticket.RoleLead {
		t.Errorf("without a role from the provider: %+v", who)
	}
	list := get(a.List(t.Context()))(t)
	if len(list) != 1 || list[0].Password || !list[0].LastSignIn.Equal(noon.Add(2*time.Minute)) {
		t.Errorf("accounts %+v", list)
	}
	must(t, a.Disable(t.Context(), "ada"))
	_, err := a.SignIn(t.Context(), same)
	wants(t, "disabled", err, account.ErrDisabled)
}

func TestAnAccountMadeBeforehandIsHisWhoComes(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	add(t, a, "grace", ticket.RoleLead, "")
	if who := get(a.BySession(t.Context(), get(a.SignIn(t.Context(), vouched("Grace", "")))(t)))(t); who.Name != "grace" || who.Role != ticket.RoleLead {
		t.Errorf("signed in %+v", who)
	}
	other := vouched("grace", "")
	other.Subject = "somebody else"
	_, err := a.SignIn(t.Context(), other)
	wants(t, "another person of that name", err, account.ErrTaken)
	elsewhere := vouched("Grace", "")
	elsewhere.Issuer = "https://other.example.org"
	_, err = a.SignIn(t.Context(), elsewhere)
	wants(t, "the same subject of another provider", err, account.ErrTaken)
}

// TestNamesGiveNoAccountAway: at many providers people choose their names.
func TestNamesGiveNoAccountAway(t *testing.T) {
	t.Parallel()
	a, _ := open(t)
	add(t, a, "withpassword", ticket.RoleLead, secret)
	add(t, a, "withlink", ticket.RoleLead, "")
	get(a.UseLink(t.Context(), get(a.LogInLink(t.Context(), "withlink"))(t)))(t)
	add(t, a, "withtoken", ticket.RoleTechnician, "")
	get(a.Token(t.Context(), "withtoken"))(t)
	add(t, a, "admin", ticket.RoleAdmin, "")
	get(a.IntakeToken(t.Context(), "bridge"))(t)
	add(t, a, "left", ticket.RoleTechnician, "")
	must(t, a.Disable(t.Context(), "left"))
	for name, want := range map[string]account.Refusal{
		"withpassword": account.ErrTaken, "WithLink": account.ErrTaken, "withtoken": account.ErrTaken, "admin": account.ErrTaken,
		"bridge": account.ErrTaken, "left": account.ErrDisabled, "": account.ErrName, "user": account.ErrName, "a\u202eb": account.ErrName,
	} {
		_, err := a.SignIn(t.Context(), vouched(name, ticket.RoleTechnician))
		wants(t, name, err, want)
	}
	_, err := a.SignIn(t.Context(), vouched("stranger", ""))
	wants(t, "a stranger", err, account.ErrNoRole)
	if who := get(a.BySession(t.Context(), get(a.SignIn(t.Context(), vouched("admin", ticket.RoleAdmin)))(t)))(t); who.Role != ticket.RoleAdmin {
		t.Errorf("an admin by the provider's word: %+v", who)
	}
	if got := get(a.List(t.Context()))(t); len(got) != 6 {
		t.Errorf("%d accounts, want the 6 of before", len(got))
	}
}
