package sso

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"inviter/account"
	"inviter/ticket"
)

// claims are what the provider says of a person.
type claims map[string]any

// verify takes what the provider signed, and adds what its page about the
// person says where that is missing in it.
func (p *Provider) verify(ctx context.Context, e *endpoints, token *oauth2.Token, nonce string) (claims, error) {
	raw, _ := token.Extra("id_token").(string)
	signed, err := e.provider.VerifierContext(ctx, &oidc.Config{ClientID: p.o.ClientID, Now: p.o.Clock}).Verify(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", account.ErrLogIn, err)
	}
	said := claims{}
	if err := signed.Claims(&said); err != nil {
		return nil, fmt.Errorf("%w: %w", account.ErrLogIn, err)
	}
	// OpenID Connect Core 1.0, section 3.1.3.7, steps 4, 5 and 11.
	party := said.text("azp")
	if signed.Nonce != nonce || party != "" && party != p.o.ClientID || party == "" && len(signed.Audience) > 1 {
		return nil, fmt.Errorf("%w: the provider's answer is not for us", account.ErrLogIn)
	}
	if said.text(p.o.NameClaim) != "" && said.at(p.o.RoleClaim) != nil {
		return said, nil
	}
	return said, p.complete(ctx, e, token, said)
}

// complete adds the claims of the userinfo endpoint (section 5.3); those that
// were signed go before.
func (p *Provider) complete(ctx context.Context, e *endpoints, token *oauth2.Token, said claims) error {
	if e.provider.UserInfoEndpoint() == "" {
		return nil
	}
	more, err := e.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	added := claims{}
	if more.Subject != said.text("sub") || more.Claims(&added) != nil {
		return fmt.Errorf("%w: the provider speaks of two persons", account.ErrLogIn)
	}
	for name, value := range added {
		if _, signed := said[name]; !signed {
			said[name] = value
		}
	}
	return nil
}

// identity reads the claims as the configuration says. Who is in no group of
// ours is still somebody.
func (p *Provider) identity(said claims) (account.Identity, error) {
	who := account.Identity{Issuer: said.text("iss"), Subject: said.text("sub"), Name: p.name(said)}
	who.Guest = account.Guest{Name: cmp.Or(said.text("name"), who.Name)}
	if said.proven() {
		who.Guest.Address = said.text("email")
	}
	if len(p.o.Roles) == 0 {
		return who, nil
	}
	groups := said.list(p.o.RoleClaim)
	for _, role := range []ticket.Role{ticket.RoleAdmin, ticket.RoleLead, ticket.RoleTechnician, ticket.RoleAuditor, ticket.RoleViewer} {
		if slices.ContainsFunc(p.o.Roles[role], func(group string) bool { return slices.Contains(groups, group) }) {
			who.Role = role
			return who, nil
		}
	}
	return who, account.ErrNoRole
}

// name takes an email address only where the provider says that it is proven:
// at some, people write whatever address they like.
func (p *Provider) name(said claims) string {
	name := said.text(p.o.NameClaim)
	if name == "" || p.o.NameClaim == "email" && !said.proven() {
		name = ""
		if said.proven() {
			name = said.text("email")
		}
	}
	if name == "" {
		name = said.text("sub")
	}
	return name
}

// proven tells whether the email address may be believed. Some providers leave
// a no out, and some write a text.
func (c claims) proven() bool { return c["email_verified"] == true || c["email_verified"] == "true" }

// text is a claim that is a text, "" for any other.
func (c claims) text(name string) string {
	text, _ := c.at(name).(string)
	return text
}

// list is a claim of one text or several.
func (c claims) list(name string) []string {
	var all []string
	switch v := c.at(name).(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			if text, ok := one.(string); ok {
				all = append(all, text)
			}
		}
	}
	return all
}

// at finds a claim by its name, or within objects by names joined with dots.
func (c claims) at(name string) any {
	if v, ok := c[name]; ok {
		return v
	}
	first, rest, within := strings.Cut(name, ".")
	if inner, ok := c[first].(map[string]any); ok && within {
		return claims(inner).at(rest)
	}
	return nil
}
