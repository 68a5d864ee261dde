package watch

import (
	"context"
	"log/slog"
	"time"

	"inviter/carrier"
	"inviter/config"
	"inviter/mailbox"
	"inviter/share"
	"inviter/ticket"
)

// Means are what every source is opened with.
type Means struct {
	Ledger ticket.Ledger
	Safe   Safe // nil where there is no store yet
	// Answers lets users hear of their tickets where they dropped them.
	Answers share.Answers
	Clock   func() time.Time
	Log     *slog.Logger
}

// Safe keeps secrets that sources are given on the way. Change replaces the one
// called name, for one caller at a time in whatever program; it is durable when
// Change returns nil.
type Safe interface {
	Change(ctx context.Context, name string, change func(was string) (string, error)) error
}

// Finding is one line of a check: what was tried, and how that went.
type Finding struct {
	What   string
	Detail string // what was found, where all is well
	Err    error  // what is wrong, and what to do; nil where all is well
}

// kinds are all kinds of sources there are. A new one is a folder of its own,
// its table in the configuration, and a line here.
func kinds() []func(config.Config, Means) []Source {
	return []func(config.Config, Means) []Source{mailboxes, shares}
}

// Open makes the configured sources ready. Nothing is connected or read yet, so
// that a server which is away is no error.
func Open(c config.Config, m Means) []Source {
	m.Ledger = failingLedger(m.Ledger)
	var sources []Source
	for _, open := range kinds() {
		sources = append(sources, open(c, m)...)
	}
	return sources
}

// Names lists the names of sources in their order.
func Names(sources []Source) []string {
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = s.Name()
	}
	return names
}

func mailboxes(c config.Config, m Means) []Source {
	var sources []Source
	for _, b := range c.Mailboxes {
		box := mailbox.Open(mailbox.Options{
			Name:      b.Name,
			Address:   mailbox.Address{Host: b.Host, Port: b.Port, TLS: b.TLS, User: b.User, Folder: b.Folder},
			Password:  b.Password.Now,
			Tokens:    tokens(b, m),
			First:     b.First,
			Processed: b.Processed,
			Refused:   b.Refused,
			CAFile:    b.CAFile,
			Senders:   mailbox.Senders{Allow: c.Senders.Allow, Doubtful: c.Senders.Doubtful, AuthservID: b.AuthservID},
			Codes:     c.Tickets.Codes,
			Limits:    carrier.Limits(c.Limits),
			Clock:     m.Clock,
			Log:       m.Log,
		}, m.Ledger)
		sources = append(sources, Source{Source: box, Poll: b.Poll, check: func(ctx context.Context) []Finding {
			return findings(box.Check(ctx), func(f mailbox.Finding) Finding { return Finding(f) })
		}})
	}
	return sources
}

// tokens are what a mailbox logs in by instead of a password; nil for none.
func tokens(b config.Mailbox, m Means) *mailbox.Tokens {
	o := b.OAuth2
	if o.TokenURL == "" {
		return nil
	}
	g := mailbox.Grant{URL: o.TokenURL, Client: o.ClientID, Secret: o.ClientSecret.Now, Refresh: o.RefreshToken.Now, Scopes: o.Scopes}
	if m.Safe != nil {
		g.Keep = func(ctx context.Context, change func(string) (string, error)) error {
			return m.Safe.Change(ctx, "mailbox:"+b.Name, change)
		}
	}
	return mailbox.NewTokens(g, m.Clock)
}

func shares(c config.Config, m Means) []Source {
	var sources []Source
	for _, s := range c.Shares {
		place := share.Open(share.Options{
			Name:     s.Name,
			Path:     s.Path,
			Server:   server(s),
			Settle:   s.Settle,
			GiveUp:   s.GiveUp,
			Mode:     s.Mode,
			User:     s.User,
			Receipts: s.Receipts,
			Codes:    c.Tickets.Codes,
			Limits:   carrier.Limits(c.Limits),
			Answers:  m.Answers,
			Clock:    m.Clock,
			Log:      m.Log,
		}, m.Ledger)
		sources = append(sources, Source{Source: place, Poll: s.Poll, check: func(ctx context.Context) []Finding {
			return findings(place.Check(ctx), func(s share.Step) Finding { return Finding{What: s.Name, Err: s.Err} })
		}})
	}
	return sources
}

// server is where a share lies that is no folder of this machine.
func server(s config.Share) share.Server {
	at := s.Server
	return share.Server{Host: at.Host, Port: at.Port, Share: at.Share, Folder: at.Folder, Domain: at.Domain, User: at.User,
		Password: s.Password.Now}
}

func findings[T any](found []T, as func(T) Finding) []Finding {
	all := make([]Finding, len(found))
	for i, f := range found {
		all[i] = as(f)
	}
	return all
}
