package main

import (
	"log/slog"

	"inviter/cmd/internal/program"
	"inviter/config"
	"inviter/notify"
	"inviter/templates"
)

// newSender is what empties the outbox, as configured. watched names the
// sources that other systems hear of.
func newSender(c config.Config, store *program.Store, watched []string, log *slog.Logger) (*notify.Sender, error) {
	pages, err := templates.New(c.Web.TimeZone, c.Language)
	if err != nil {
		return nil, err
	}
	o := notify.Options{
		Outbox: store.Queue, Alarms: store.Queue, Alone: store.Alone("outbox"),
		Hooks: map[string]notify.Hook{}, Watch: watched,
		Pages: pages, PublicURL: c.Web.PublicURL, Desk: c.Web.Name, Phone: c.Web.Phone, Language: c.Language, From: c.SMTP.From, Log: log,
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
