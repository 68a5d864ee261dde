package program

import (
	"net/mail"
	"strings"

	"inviter/config"
	"inviter/ticket"
)

// outgoing is which notices the configuration wants written.
func outgoing(c config.Config) ticket.Outgoing {
	var o ticket.Outgoing
	if c.SMTP.URL != "" {
		o.Mail = kinds(c.SMTP.Send)
		o.Domain = domain(c.SMTP.From)
	}
	for _, w := range c.Webhooks {
		o.Hooks = append(o.Hooks, ticket.Hook{Name: w.Name(), Kinds: kinds(w.Events)})
	}
	return o
}

func kinds(words []string) []ticket.NoticeKind {
	list := make([]ticket.NoticeKind, len(words))
	for i, w := range words {
		list[i] = ticket.NoticeKind(w)
	}
	return list
}

// domain is what follows the @ of who sends our mails.
func domain(from string) string {
	a, err := mail.ParseAddress(from)
	if err != nil {
		return "inviter.invalid"
	}
	return a.Address[strings.LastIndex(a.Address, "@")+1:]
}
