package web_test

import (
	"context"
	"errors"

	"inviter/account"
	"inviter/ticket"
	"inviter/web"
)

// roster is the accounts as the pages want them; cmd has the same, and more.
type roster struct{ *account.Accounts }

func (r roster) People(ctx context.Context) ([]web.Person, error) {
	list, err := r.List(ctx)
	var people []web.Person
	for _, a := range list {
		people = append(people, web.Person{Name: a.Name, Role: a.Role, Password: a.Password, Created: a.Created, Disabled: a.Disabled, LastSignIn: a.LastSignIn})
	}
	return people, err
}

func (r roster) Person(ctx context.Context, name string) (web.Person, error) {
	people, err := r.People(ctx)
	if err != nil {
		return web.Person{}, err
	}
	for _, p := range people {
		if p.Name != name {
			continue
		}
		sessions, err := r.Sessions(ctx, name)
		if err != nil {
			return p, err
		}
		for _, s := range sessions {
			p.Sessions = append(p.Sessions, web.Key{ID: s.ID, Made: s.Began, Used: s.Used, Ends: s.Expires})
		}
		tokens, err := r.Tokens(ctx, name)
		for _, t := range tokens {
			p.Tokens = append(p.Tokens, web.Key{ID: t.ID, IntakeOnly: t.IntakeOnly, Made: t.Created, Used: t.Used})
		}
		return p, err
	}
	return web.Person{}, &ticket.Refusal{Code: ticket.CodeUnknown}
}

// no is an account's refusal as the pages know it.
func no(err error) error {
	var r account.Refusal
	if errors.As(err, &r) {
		return &ticket.Refusal{Code: ticket.CodeUnknown, Detail: r.Error()}
	}
	return err
}

func (r roster) Add(ctx context.Context, name string, role ticket.Role) error {
	return no(r.Accounts.Add(ctx, name, role, ""))
}

func (r roster) SetRole(ctx context.Context, name string, role ticket.Role, _ string) error {
	return no(r.Accounts.SetRole(ctx, name, role))
}

func (r roster) Disable(ctx context.Context, name, _ string) error {
	return no(r.Accounts.Disable(ctx, name))
}

func (r roster) Enable(ctx context.Context, name string) error {
	return no(r.Accounts.Enable(ctx, name))
}

func (r roster) LogInLink(ctx context.Context, name string) (string, error) {
	secret, err := r.Accounts.LogInLink(ctx, name)
	return secret, no(err)
}

func (r roster) Token(ctx context.Context, name string) (string, error) {
	token, err := r.Accounts.Token(ctx, name)
	return token, no(err)
}

func (r roster) SetPassword(ctx context.Context, name, password string) error {
	return no(r.Accounts.SetPassword(ctx, name, password))
}

func (r roster) Revoke(ctx context.Context, name string, id int64) error {
	return no(r.Accounts.Revoke(ctx, name, id))
}
