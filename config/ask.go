package config

// Ask is the page on which users hand in invitations themselves.
type Ask struct {
	Enabled bool
	Code    Secret // which strangers don't know; empty asks for none
	SignIn  bool   // lets in whom the single sign-on provider knows
}

func readAsk(t *table) Ask {
	return Ask{Enabled: t.flag("enabled", true), Code: t.secret("code"), SignIn: t.flag("sign_in", false)}
}
