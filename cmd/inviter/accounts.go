package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"inviter/account"
	"inviter/account/sso"
	"inviter/config"
	"inviter/queue"
	"inviter/ticket"
	"inviter/web"
)

// roster joins accounts and queue for the pages: who may hold no tickets any
// more holds none from then on.
type roster struct {
	*account.Accounts
	queue *queue.Queue
}

// said is an account's refusal in the words of package web.
func said(err error) error {
	codes := map[account.Refusal]ticket.RefusalCode{
		account.ErrUnknown: ticket.CodeUnknown, account.ErrExists: web.CodeNameTaken, account.ErrName: web.CodeBadName,
		account.ErrPassword: web.CodeBadPassword, account.ErrDisabled: web.CodeDisabled, account.ErrTooMany: web.CodeManyTokens,
	}
	var no account.Refusal
	if !errors.As(err, &no) {
		return err
	}
	code, known := codes[no]
	if !known {
		code = ticket.CodeBadRequest
	}
	return &ticket.Refusal{Code: code, Detail: no.Error()}
}

// People are all accounts.
func (r roster) People(ctx context.Context) ([]web.Person, error) {
	list, err := r.List(ctx)
	var people []web.Person
	for _, a := range list {
		people = append(people, person(a))
	}
	return people, err
}

func person(a account.Account) web.Person {
	return web.Person{Name: a.Name, Role: a.Role, Password: a.Password, Created: a.Created, Disabled: a.Disabled, LastSignIn: a.LastSignIn}
}

// Person is one account with its sessions and tokens.
func (r roster) Person(ctx context.Context, name string) (web.Person, error) {
	a, err := r.Account(ctx, name)
	if err != nil {
		return web.Person{}, said(err)
	}
	sessions, err := r.Sessions(ctx, name)
	tokens, more := r.Tokens(ctx, name)
	if err := errors.Join(err, more); err != nil {
		return web.Person{}, said(err)
	}
	p := person(a)
	for _, s := range sessions {
		p.Sessions = append(p.Sessions, web.Key{ID: s.ID, Made: s.Began, Used: s.Used, Ends: s.Expires})
	}
	for _, t := range tokens {
		p.Tokens = append(p.Tokens, web.Key{ID: t.ID, IntakeOnly: t.IntakeOnly, Made: t.Created, Used: t.Used})
	}
	return p, nil
}

// Add makes an account that only links let in as yet.
func (r roster) Add(ctx context.Context, name string, role ticket.Role) error {
	return said(r.Accounts.Add(ctx, name, role, ""))
}

// SetRole gives another role, and takes the tickets of who may hold none by it.
func (r roster) SetRole(ctx context.Context, name string, role ticket.Role, by string) error {
	return said(r.setRole(ctx, name, role, by))
}

// Disable ends everything an account may do, and frees what it holds. Where
// the program ends between the two, the next start frees it.
func (r roster) Disable(ctx context.Context, name, by string) error {
	return said(r.disable(ctx, name, by))
}

func (r roster) setRole(ctx context.Context, name string, role ticket.Role, by string) error {
	if err := r.Accounts.SetRole(ctx, name, role); err != nil || (ticket.Technician{Role: role}).MayClaim() {
		return err
	}
	return r.dismiss(ctx, name, by)
}

func (r roster) disable(ctx context.Context, name, by string) error {
	if err := r.Accounts.Disable(ctx, name); err != nil {
		return err
	}
	return r.dismiss(ctx, name, by)
}

// dismiss frees what an account holds, whichever way its name was written.
func (r roster) dismiss(ctx context.Context, name, by string) error {
	a, err := r.Account(ctx, name)
	if err != nil {
		return err
	}
	return r.queue.Dismiss(ctx, a.Name, by)
}

// dismissAll frees what accounts hold that may hold nothing, in case the
// program ended before Disable or SetRole did.
func (r roster) dismissAll(ctx context.Context) error {
	list, err := r.List(ctx)
	for _, a := range list {
		if a.Disabled.IsZero() && (ticket.Technician{Role: a.Role}).MayClaim() {
			continue
		}
		err = errors.Join(err, r.queue.Dismiss(ctx, a.Name, ""))
	}
	return err
}

// Enable lets an account in again.
func (r roster) Enable(ctx context.Context, name string) error {
	return said(r.Accounts.Enable(ctx, name))
}

// LogInLink is the secret of a new link.
func (r roster) LogInLink(ctx context.Context, name string) (string, error) {
	secret, err := r.Accounts.LogInLink(ctx, name)
	return secret, said(err)
}

// Token is a new API token.
func (r roster) Token(ctx context.Context, name string) (string, error) {
	token, err := r.Accounts.Token(ctx, name)
	return token, said(err)
}

// SetPassword gives an account a password.
func (r roster) SetPassword(ctx context.Context, name, password string) error {
	return said(r.Accounts.SetPassword(ctx, name, password))
}

// Revoke ends a session or token.
func (r roster) Revoke(ctx context.Context, name string, id int64) error {
	return said(r.Accounts.Revoke(ctx, name, id))
}

// signOn joins a single sign-on provider and the accounts.
type signOn struct {
	provider *sso.Provider
	accounts *account.Accounts
}

// newProvider is the configured provider, nil for none.
func newProvider(c config.Config) *sso.Provider {
	o := c.Login.OIDC
	if o.Issuer == "" {
		return nil
	}
	roles := map[ticket.Role][]string{}
	for role, groups := range o.Roles {
		roles[ticket.Role(role)] = groups
	}
	return sso.New(sso.Options{
		Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), Redirect: c.Web.PublicURL + "/login/sso/back",
		NameClaim: o.NameClaim, RoleClaim: o.RoleClaim, Roles: roles, Clock: time.Now,
	})
}

// Begin is where to send a browser, and what it has to keep.
func (s signOn) Begin(ctx context.Context) (address, keep string, err error) {
	address, j, err := s.provider.Begin(ctx)
	if err != nil {
		return "", "", noEntry(err)
	}
	packed, err := json.Marshal(j)
	return address, base64.RawURLEncoding.EncodeToString(packed), err
}

// Finish opens a session for whom the provider vouches for, or welcomes him as
// a guest. What a browser made up is no journey, and leads to a refusal.
func (s signOn) Finish(ctx context.Context, keep string, answer url.Values, guests bool) (web.Entry, error) {
	var j sso.Journey
	packed, _ := base64.RawURLEncoding.DecodeString(keep)
	_ = json.Unmarshal(packed, &j)
	who, err := s.provider.Finish(ctx, j, answer)
	var in web.Entry
	if err == nil {
		in.Session, err = s.accounts.SignIn(ctx, who)
	}
	if guests && onlyGuest(who, err) {
		in.Guest, err = s.accounts.Welcome(ctx, who.Guest)
	}
	return in, noEntry(err)
}

// onlyGuest tells whether somebody whom the provider vouches for is none of the
// team: err is why no account lets him in. Of a guest no name need be free.
func onlyGuest(who account.Identity, err error) bool {
	return who.Role == "" && (errors.Is(err, account.ErrNoRole) || errors.Is(err, account.ErrName) || errors.Is(err, account.ErrTaken))
}

// Guest is who was welcomed with a token.
func (s signOn) Guest(ctx context.Context, token string) (name, address string, found bool, err error) {
	g, found, err := s.accounts.Guest(ctx, token)
	return g.Name, g.Address, found, err
}

// noEntry tells why somebody isn't let in; any other error is a fault.
func noEntry(err error) error {
	for known, why := range map[error]web.NoEntry{
		sso.ErrAway: web.EntryAway, account.ErrLogIn: web.EntryRefused, account.ErrNoRole: web.EntryNoRole,
		account.ErrTaken: web.EntryTaken, account.ErrName: web.EntryBadName, account.ErrDisabled: web.EntryDisabled,
	} {
		if errors.Is(err, known) {
			return errors.Join(why, err)
		}
	}
	return err
}
