package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"inviter/account"
	"inviter/carrier"
	"inviter/cmd/internal/program"
	"inviter/config"
	"inviter/database"
	"inviter/docs"
	"inviter/ticket"
	"inviter/watch"
	"inviter/web"
)

// siteOptions joins the pages to queue and accounts.
func siteOptions(c config.Config, store *program.Store, log *slog.Logger) web.Options {
	o := web.Options{
		Queue:          lines{store.Queue},
		Submit:         store.Queue.Submit,
		LogIns:         store.Accounts,
		Bearers:        store.Accounts,
		Answers:        lines{store.Queue},
		Away:           away,
		Denied:         denied,
		Accounts:       roster{store.Accounts, store.Queue},
		NoPasswords:    !c.Login.Local,
		Staff:          staff(store.Accounts),
		Scan:           store.Queue.Wish,
		Look:           func(ctx context.Context) error { return store.Queue.Wish(ctx, watch.Eyes) },
		LookEvery:      watch.EyesEvery,
		ClockJump:      store.Queue.ClockJump,
		PublicURL:      c.Web.PublicURL,
		Desk:           c.Web.Name,
		Phone:          c.Web.Phone,
		Zone:           c.Web.TimeZone,
		Language:       c.Language,
		Limits:         carrier.Limits(c.Limits),
		Codes:          c.Tickets.Codes,
		Chats:          chats(c),
		ConfirmOutside: c.Tickets.ConfirmClaimOutside,
		Ask:            asking(c),
		Rules:          program.Rules(c.Tickets),
		OpenAPI:        docs.OpenAPI,
		Clock:          time.Now,
		Log:            log,
	}
	if provider := newProvider(c); provider != nil {
		o.SignOn = signOn{provider, store.Accounts}
	}
	return o
}

// asking is the page on which users hand in. Where only some may send mail,
// whoever hands in without a code is as doubtful as anybody else.
func asking(c config.Config) web.Ask {
	a := web.Ask{Off: !c.Ask.Enabled, Code: c.Ask.Code.Reveal(), SignIn: c.Ask.SignIn, Mails: c.SMTP.URL != ""}
	a.Doubtful = a.Code == "" && !a.SignIn && len(c.Senders.Allow) > 0
	a.Quarantine = a.Doubtful && c.Senders.Doubtful != "queue"
	return a
}

// chats are the chat systems whose commands are answered.
func chats(c config.Config) []web.Chat {
	var list []web.Chat
	for _, chat := range c.Chats {
		list = append(list, web.Chat{Name: chat.Name, Tokens: chat.AllTokens(), Signing: chat.Signing.Reveal(), People: chat.People})
	}
	return list
}

// away tells a database that is out of reach just now.
func away(err error) bool {
	return errors.Is(err, database.ErrUnavailable) || errors.Is(err, database.ErrBusy)
}

// denied tells an account's refusal from a fault.
func denied(err error) (denied, busy bool) {
	var refusal account.Refusal
	return errors.As(err, &refusal), errors.Is(err, account.ErrBusy)
}

// staff lists who may log in.
func staff(all *account.Accounts) func(context.Context) ([]ticket.Technician, error) {
	return func(ctx context.Context) ([]ticket.Technician, error) {
		list, err := all.List(ctx)
		if err != nil {
			return nil, err
		}
		var people []ticket.Technician
		for _, a := range list {
			if a.Disabled.IsZero() && a.Role != account.Intake {
				people = append(people, ticket.Technician{Name: a.Name, Role: a.Role})
			}
		}
		return people, nil
	}
}

// firstName is the account that the first start makes.
const firstName = "admin"

// setUp prints a log-in link as long as nobody can get in otherwise: at the
// first start it makes an account for it, later it makes a new link.
func setUp(ctx context.Context, w *program.World, c config.Config, all *account.Accounts) error {
	empty, err := all.Empty(ctx)
	if err != nil {
		return err
	}
	if empty {
		if err := all.Add(ctx, firstName, ticket.RoleAdmin, ""); err != nil {
			return advised(firstName, err)
		}
	} else if untouched, err := onlyFirst(ctx, all); err != nil || !untouched {
		return err
	}
	link, err := logInLink(ctx, c, all, firstName)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.Out, "Nobody has an account yet. This link logs in as %s, once, within %d hours:\n%s\n",
		firstName, account.LinkLife/time.Hour, link)
	return err
}

// onlyFirst tells whether the first account is the only one, and was never used.
func onlyFirst(ctx context.Context, all *account.Accounts) (bool, error) {
	list, err := all.List(ctx)
	if err != nil {
		return false, err
	}
	untouched := false
	for _, a := range list {
		switch {
		case a.Role == account.Intake:
		case a.Name == firstName && a.LastSignIn.IsZero() && !a.Password && a.Disabled.IsZero():
			untouched = true
		default:
			return false, nil
		}
	}
	return untouched, nil
}
