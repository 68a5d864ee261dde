package share

import (
	"inviter/carrier"
	"inviter/ticket"
)

// Reread reads a file that was refused by today's rules (ticket.Reread). Who
// dropped it is as it was told then, else what its content tells.
func (s *Share) Reread(k ticket.Kept) ticket.Delivery {
	c := s.carried(k.Raw.Name, k.Raw.Body)
	d := ticket.Delivery{Source: s.Name(), Item: k.Item, From: k.From, Received: k.Received, Note: c.Text}
	if c.Passwords > 0 {
		d.Flags = append(d.Flags, ticket.PasswordInMail)
	}
	for _, f := range c.Found {
		d.Invitations = append(d.Invitations, f.Invitation)
	}
	byContent := s.options.User == ByFile || s.options.User == ByAny
	if d.From.Key == "" && byContent && len(c.Found) == 1 { // of several each is its own user
		d.From = s.byFile(c.Found[0].Invitation)
	}
	if len(c.Refused) > 0 {
		d.Refusal = c.Refused[0].Refusal
	}
	return d
}

// carried is what is in a file. Texts that speak of meetings are left alone.
func (s *Share) carried(name string, content []byte) carrier.Content {
	c := carrier.File(name, content, s.options.Limits)
	if s.options.Codes {
		c = c.WithCodes(false)
	}
	return c
}
