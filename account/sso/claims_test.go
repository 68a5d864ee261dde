package sso

import (
	"errors"
	"testing"

	"inviter/account"
	"inviter/ticket"
)

func TestReadingWhatAProviderSays(t *testing.T) {
	t.Parallel()
	roles := map[ticket.Role][]string{ticket.RoleAdmin: {"root"}, ticket.RoleTechnician: {"desk", "support"}, ticket.RoleAuditor: {"audit"}}
	for name, c := range map[string]struct {
		claim string
		said  claims
		want  ticket.Role
	}{
		"several groups":    {"groups", claims{"groups": []any{"x", "audit", "desk"}}, ticket.RoleTechnician},
		"one group":         {"groups", claims{"groups": "root"}, ticket.RoleAdmin},
		"none of ours":      {"groups", claims{"groups": []any{"desk2", "Desk", 7.0, nil}}, ""},
		"no such claim":     {"groups", claims{}, ""},
		"a number":          {"groups", claims{"groups": 1.0}, ""},
		"within an object":  {"realm_access.roles", claims{"realm_access": map[string]any{"roles": []any{"support"}}}, ticket.RoleTechnician},
		"a dot in the name": {"https://id.example.org/roles", claims{"https://id.example.org/roles": []any{"audit"}}, ticket.RoleAuditor},
	} {
		p := New(Options{NameClaim: "preferred_username", RoleClaim: c.claim, Roles: roles})
		got, err := p.identity(c.said)
		if got.Role != c.want || (c.want == "") != errors.Is(err, account.ErrNoRole) {
			t.Errorf("%s: %q, %v", name, got.Role, err)
		}
	}
}

func TestNamesOfPeople(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		claim string
		said  claims
		want  string
	}{
		"as configured":          {"nickname", claims{"nickname": "ada", "email": "a@example.org", "sub": "1"}, "ada"},
		"else the address":       {"nickname", claims{"email": "a@example.org", "email_verified": true, "sub": "1"}, "a@example.org"},
		"else the subject":       {"nickname", claims{"sub": "1"}, "1"},
		"an unproven address":    {"email", claims{"email": "a@example.org", "email_verified": false, "sub": "1"}, "1"},
		"a proven address":       {"email", claims{"email": "a@example.org", "email_verified": "true", "sub": "1"}, "a@example.org"},
		"an address, no verdict": {"email", claims{"email": "a@example.org", "sub": "1"}, "1"},
		"not a text":             {"nickname", claims{"nickname": []any{"ada"}, "sub": "1"}, "1"},
	} {
		if got := New(Options{NameClaim: c.claim}).name(c.said); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
