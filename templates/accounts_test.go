package templates_test

import (
	"time"

	"inviter/templates"
)

// accountsPage is the list of accounts in every shape.
func accountsPage(shell templates.Shell, foreign string) templates.AccountsPage {
	shell.Self, shell.Admin = "/accounts/ada", true
	return templates.AccountsPage{
		Shell: shell, Made: foreign, Link: "https://help.example.org/login/link/" + foreign, Roles: []string{"viewer", "technician", "lead", "auditor", "admin"},
		People: []templates.PersonLine{
			{Name: foreign, Path: "/accounts/x", Role: "technician", Password: true, Created: ago(time.Hour), LastSignIn: ago(time.Minute)},
			{Name: "grace", Path: "/accounts/grace", Role: "intake", Created: ago(time.Hour), Disabled: now},
		},
	}
}

type account struct{ templates.AccountPage }

// accountPage is somebody else's account, as an admin sees it.
func accountPage(shell templates.Shell, foreign string) account {
	shell.Self, shell.Admin = "/accounts/ada", true
	return account{templates.AccountPage{
		Shell: shell, Admin: true, Passwords: true, Roles: []string{"viewer", "technician", "lead", "auditor", "admin"}, Link: foreign, Token: foreign, Wrong: "bad-password",
		Person:   templates.PersonLine{Name: foreign, Path: "/accounts/x", Role: "lead", LastSignIn: ago(time.Hour)},
		Sessions: []templates.KeyLine{{Path: "/accounts/x", ID: 1, Made: ago(time.Hour), Used: ago(time.Minute), Ends: in(time.Hour)}},
		Tokens:   []templates.KeyLine{{Path: "/accounts/x", ID: 2, Made: ago(time.Hour)}, {Path: "/accounts/x", ID: 3, IntakeOnly: true, Made: ago(time.Hour), Used: now}},
	}}
}

// closed is a disabled one.
func (a account) closed() account {
	a.Person.Disabled, a.Person.Role, a.Person.LastSignIn, a.Sessions, a.Tokens = now, "intake", time.Time{}, nil, nil
	return a
}

// yours is the reader's own.
func (a account) yours(password bool) account {
	a.You, a.Admin, a.Person.Password = true, false, password
	return a
}
