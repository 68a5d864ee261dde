package config

// Login is how technicians log in.
type Login struct {
	Local bool // with a password kept here
	OIDC  OIDC
}

// OIDC is single sign-on; without an issuer it is not used.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret Secret
	NameClaim    string
	RoleClaim    string
	Roles        map[string][]string // role → values of the role claim that give it
}

func readLogin(t *table) Login {
	l := Login{Local: t.flag("local", true)}
	t.sub("oidc", func(t *table) { l.OIDC = readOIDC(t) })
	if !l.Local && l.OIDC.Issuer == "" {
		t.wrong("local", "leaves nobody a way in without single sign-on; set login.oidc, or take the line out")
	}
	return l
}

func readOIDC(t *table) OIDC {
	o := OIDC{
		Issuer:       t.text("issuer", "", tokenURL),
		ClientID:     t.text("client_id", "", line),
		ClientSecret: t.secret("client_secret"),
		NameClaim:    t.text("name_claim", "preferred_username", notEmpty, line),
		RoleClaim:    t.text("role_claim", "groups", notEmpty, line),
		Roles:        map[string][]string{},
	}
	t.sub("roles", func(t *table) {
		roles := []string{"viewer", "technician", "lead", "auditor", "admin"}
		for _, role := range roles {
			groups := list(t, role, nil, func(s string) (string, error) { return s, notEmpty(s) })
			if len(groups) > 0 {
				o.Roles[role] = groups
			}
		}
	})
	o.missing(t)
	return o
}

// missing notes what single sign-on can't be without.
func (o OIDC) missing(t *table) {
	switch {
	case o.Issuer == "" && (o.ClientID != "" || !o.ClientSecret.Empty() || len(o.Roles) > 0):
		t.wrong("issuer", `missing; write the provider's address, for instance issuer = "https://id.example.org"`)
	case o.Issuer != "" && o.ClientID == "":
		t.wrong("client_id", "missing; write the id under which inviter is registered at the provider")
	}
}
