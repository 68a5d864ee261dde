package main

import (
	"inviter/cmd/internal/program"
	"inviter/config"
	"inviter/notify"
	"inviter/web"
)

// newSender is what empties the outbox, as configured. It has pages, sources and
// log in common with the site.
func newSender(c config.Config, store *program.Store, site web.Options) (*notify.Sender, error) {
	o := notify.Options{
		Outbox: store.Queue, Alarms: store.Queue, Alone: store.Alone("outbox"),
		Hooks: map[string]notify.Hook{}, Watch: site.Expected,
		Pages: site.Pages, PublicURL: c.Web.PublicURL, Desk: c.Web.Name, Phone: c.Web.Phone, Language: c.Language, From: c.SMTP.From, Log: site.Log,
	}
	if c.SMTP.URL != "" {
		o.Post = relay(c.SMTP)
	}
	for _, w := range c.Webhooks {
		h := notify.Hook{URL: w.URL}
		if !w.Secret.Empty() {
			h.Secret = w.Secret.Now
		}
		o.Hooks[w.Name()] = h
	}
	return notify.New(o)
}

func relay(c config.SMTP) notify.Relay {
	return notify.Relay{Host: c.Host, TLS: c.TLS, StartTLS: c.StartTLS, CAFile: c.CAFile, User: c.User, Password: c.Password.Now}
}
