package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"inviter/templates"
	"inviter/ticket"
)

// roles are what an account can be given, the least first.
func roles() []ticket.Role {
	return []ticket.Role{ticket.RoleViewer, ticket.RoleTechnician, ticket.RoleLead, ticket.RoleAuditor, ticket.RoleAdmin}
}

// managed is h where accounts are managed here, and nothing elsewhere.
func (s *Site) managed(h handler) handler {
	if s.Accounts != nil {
		return h
	}
	return func(http.ResponseWriter, *http.Request, caller) error { return &ticket.Refusal{Code: codeNotFound} }
}

// accountsPage is GET /accounts.
func (s *Site) accountsPage(w http.ResponseWriter, r *http.Request, c caller) error {
	return s.showAccounts(w, r, c, http.StatusOK, templates.AccountsPage{})
}

func (s *Site) showAccounts(w http.ResponseWriter, r *http.Request, c caller, status int, p templates.AccountsPage) error {
	all, err := s.Accounts.People(r.Context())
	if err != nil {
		return err
	}
	if p.Shell, err = s.shell(r.Context(), c, "accounts", c.lang.Text("page.accounts")); err != nil {
		return err
	}
	for _, role := range roles() {
		p.Roles = append(p.Roles, string(role))
	}
	for _, a := range all {
		p.People = append(p.People, personLine(a))
	}
	s.page(w, c, status, p)
	return nil
}

func personLine(a Person) templates.PersonLine {
	return templates.PersonLine{
		Name: a.Name, Path: accountPath(a.Name), Role: string(a.Role), Password: a.Password,
		Created: a.Created, Disabled: a.Disabled, LastSignIn: a.LastSignIn,
	}
}

func accountPath(name string) string { return "/accounts/" + url.PathEscape(name) }

// addAccount is POST /accounts: the new account's link is shown once, here.
func (s *Site) addAccount(w http.ResponseWriter, r *http.Request, c caller) error {
	name, role := r.PostFormValue("name"), ticket.Role(r.PostFormValue("role"))
	if !slices.Contains(roles(), role) {
		return badRequest("role")
	}
	if err := s.Accounts.Add(r.Context(), name, role); err != nil {
		return s.accountsAgain(w, r, c, name, err)
	}
	s.noteAccount("added", c, name, "role", string(role))
	secret, err := s.Accounts.LogInLink(r.Context(), name)
	if err != nil {
		return err
	}
	return s.showAccounts(w, r, c, http.StatusOK, templates.AccountsPage{Made: name, Link: s.link(secret)})
}

// accountsAgain shows the list with what is wrong with the name that was typed.
func (s *Site) accountsAgain(w http.ResponseWriter, r *http.Request, c caller, typed string, err error) error {
	n, ok := s.aboutAccount(err)
	if !ok {
		return err
	}
	return s.showAccounts(w, r, c, n.status(), templates.AccountsPage{Typed: typed, Wrong: string(n.Code)})
}

// aboutAccount tells refusals that a page about accounts has a text for.
func (s *Site) aboutAccount(err error) (no, bool) {
	n, expected := refusal(err)
	switch n.Code {
	case CodeNameTaken, CodeBadName, CodeBadPassword, CodeDisabled, CodeManyTokens:
		return n, expected
	}
	return no{}, false
}

func (s *Site) link(secret string) string { return s.PublicURL + "/login/link/" + secret }

// noteAccount writes into the log who did what to whom.
func (s *Site) noteAccount(what string, c caller, name string, more ...any) {
	s.Log.Info("account "+what, append([]any{"account", name, "by", c.Name}, more...)...)
}

// accountPage is GET /accounts/{name}.
func (s *Site) accountPage(w http.ResponseWriter, r *http.Request, c caller) error {
	return s.showAccount(w, r, c, http.StatusOK, templates.AccountPage{})
}

func (s *Site) showAccount(w http.ResponseWriter, r *http.Request, c caller, status int, p templates.AccountPage) error {
	a, err := s.Accounts.Person(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	if p.Shell, err = s.shell(r.Context(), c, "accounts", c.lang.Text("page.account", "name", a.Name)); err != nil {
		return err
	}
	p.Person, p.You, p.Admin = personLine(a), a.Name == c.Name, c.Role == ticket.RoleAdmin
	p.Passwords = !s.NoPasswords
	for _, role := range roles() {
		p.Roles = append(p.Roles, string(role))
	}
	p.Sessions, p.Tokens = keyLines(p.Person.Path, a.Sessions), keyLines(p.Person.Path, a.Tokens)
	s.page(w, c, status, p)
	return nil
}

func keyLines(path string, keys []Key) []templates.KeyLine {
	var list []templates.KeyLine
	for _, k := range keys {
		list = append(list, templates.KeyLine{Path: path, ID: k.ID, IntakeOnly: k.IntakeOnly, Made: k.Made, Used: k.Used, Ends: k.Ends})
	}
	return list
}

// onAccount makes a handler of one change to the path's account. What do
// returns is shown on the account's page; nil leads back to it.
func (s *Site) onAccount(do func(r *http.Request, c caller, name string) (*templates.AccountPage, error)) handler {
	return func(w http.ResponseWriter, r *http.Request, c caller) error {
		name := r.PathValue("name")
		shown, err := do(r, c, name)
		if n, ok := s.aboutAccount(err); ok {
			return s.showAccount(w, r, c, n.status(), templates.AccountPage{Wrong: string(n.Code)})
		}
		switch {
		case err != nil:
			return err
		case shown != nil:
			return s.showAccount(w, r, c, http.StatusOK, *shown)
		}
		s.audience.recheck() // streams of who is out end now
		http.Redirect(w, r, accountPath(name), http.StatusSeeOther)
		return nil
	}
}

func (s *Site) accountRole(r *http.Request, c caller, name string) (*templates.AccountPage, error) {
	role := ticket.Role(r.PostFormValue("role"))
	if !slices.Contains(roles(), role) {
		return nil, badRequest("role")
	}
	if name == c.Name {
		return nil, badRequest("nobody takes their own role away")
	}
	err := s.Accounts.SetRole(r.Context(), name, role, c.Name)
	if err == nil {
		s.noteAccount("changed", c, name, "role", string(role))
	}
	return nil, err
}

func (s *Site) accountDisable(r *http.Request, c caller, name string) (*templates.AccountPage, error) {
	if name == c.Name {
		return nil, badRequest("nobody shuts themselves out")
	}
	err := s.Accounts.Disable(r.Context(), name, c.Name)
	if err == nil {
		s.noteAccount("disabled", c, name)
	}
	return nil, err
}

func (s *Site) accountEnable(r *http.Request, c caller, name string) (*templates.AccountPage, error) {
	err := s.Accounts.Enable(r.Context(), name)
	if err == nil {
		s.noteAccount("enabled", c, name)
	}
	return nil, err
}

func (s *Site) accountLink(r *http.Request, c caller, name string) (*templates.AccountPage, error) {
	secret, err := s.Accounts.LogInLink(r.Context(), name)
	if err != nil {
		return nil, err
	}
	s.noteAccount("given a link", c, name)
	return &templates.AccountPage{Link: s.link(secret)}, nil
}

func (s *Site) accountToken(r *http.Request, c caller, name string) (*templates.AccountPage, error) {
	token, err := s.Accounts.Token(r.Context(), name)
	if err != nil {
		return nil, err
	}
	s.noteAccount("given a token", c, name)
	return &templates.AccountPage{Token: token}, nil
}

func (s *Site) accountRevoke(r *http.Request, c caller, name string) (*templates.AccountPage, error) {
	id, err := strconv.ParseInt(r.PostFormValue("id"), 10, 64)
	if err != nil {
		return nil, badRequest("id")
	}
	if err = s.Accounts.Revoke(r.Context(), name, id); err == nil {
		s.noteAccount("key revoked", c, name, "key", id)
	}
	return nil, err
}

// accountPassword changes one's own password. That ends all one's sessions, so
// a new one is opened at once.
func (s *Site) accountPassword(w http.ResponseWriter, r *http.Request, c caller) error {
	name, password := r.PathValue("name"), r.PostFormValue("password")
	if s.NoPasswords {
		return &ticket.Refusal{Code: ticket.CodeForbidden}
	}
	err := s.Accounts.SetPassword(r.Context(), name, password)
	if n, ok := s.aboutAccount(err); ok {
		return s.showAccount(w, r, c, n.status(), templates.AccountPage{Wrong: string(n.Code)})
	}
	if err != nil {
		return err
	}
	s.noteAccount("password set", c, name)
	token, err := s.LogIns.LogIn(r.Context(), name, password)
	if denied, _ := s.refused(err); denied {
		return errors.Join(errors.New("the password that was just set is refused"), err)
	}
	if err != nil {
		return err
	}
	s.enter(w, r, token, accountPath(name))
	return nil
}
