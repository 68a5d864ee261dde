package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"text/tabwriter"
	"time"

	"inviter/account"
	"inviter/cmd/internal/program"
	"inviter/config"
	"inviter/ticket"
)

// technicianCommand are the commands about accounts. They work on the data
// folder itself, beside a running server too.
type technicianCommand struct {
	Add     addCommand     `cmd:"" help:"Make an account. Without a password file it prints a one-time log-in link."`
	List    listCommand    `cmd:"" help:"List the accounts."`
	Role    roleCommand    `cmd:"" help:"Give an account another role."`
	Disable disableCommand `cmd:"" help:"Disable an account; its log-ins, tokens and claims end at once."`
	Enable  enableCommand  `cmd:"" help:"Let a disabled account in again."`
	Link    linkCommand    `cmd:"" help:"Print a new one-time log-in link, alone on standard output."`
	Token   tokenCommand   `cmd:"" help:"Print a new API token once, alone on standard output."`
}

// accounts opens the store for one command about accounts.
func accounts(ctx context.Context, w *program.World, do func(config.Config, *account.Accounts) error) error {
	return staffed(ctx, w, func(c config.Config, r roster) error { return do(c, r.Accounts) })
}

// staffed is accounts for what also changes who holds tickets.
func staffed(ctx context.Context, w *program.World, do func(config.Config, roster) error) error {
	c, err := w.Config()
	if err != nil {
		return err
	}
	store, err := program.OpenStore(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(do(c, roster{store.Accounts, store.Queue}), store.Close())
}

type addCommand struct {
	Name         string `arg:"" help:"Name to log in with."`
	Role         string `help:"One of viewer, technician, lead, auditor, admin." enum:"viewer,technician,lead,auditor,admin" default:"technician"`
	PasswordFile string `help:"File that holds the password; its last line end does not count." placeholder:"FILE"`
	JSON         bool   `name:"json" help:"Print one JSON object."`
}

// added is what add tells of a new account.
type added struct {
	Name string      `json:"name"`
	Role ticket.Role `json:"role"`
	Link *string     `json:"link"` // null where a password was given
}

// Run makes an account. Its link goes to standard output, alone.
func (a addCommand) Run(ctx context.Context, w *program.World) error {
	password := ""
	if a.PasswordFile != "" {
		secret, err := config.ReadSecret(a.PasswordFile)
		if err != nil {
			return program.Misuse("--password-file: " + err.Error())
		}
		password = secret.Reveal()
	}
	return accounts(ctx, w, func(c config.Config, all *account.Accounts) error {
		if err := all.Add(ctx, a.Name, ticket.Role(a.Role), password); err != nil {
			return advised(a.Name, err)
		}
		made := added{Name: a.Name, Role: ticket.Role(a.Role)}
		if password == "" {
			link, err := logInLink(ctx, c, all, a.Name)
			if err != nil {
				return err
			}
			made.Link = &link
		}
		return a.tell(w, made)
	})
}

func (a addCommand) tell(w *program.World, made added) error {
	if a.JSON {
		return json.NewEncoder(w.Out).Encode(made)
	}
	fmt.Fprintf(w.Err, "%s is a %s now.\n", made.Name, made.Role)
	if made.Link == nil {
		return nil
	}
	return tellLink(w, *made.Link)
}

// logInLink makes the address that logs a person in, once.
func logInLink(ctx context.Context, c config.Config, all *account.Accounts, name string) (string, error) {
	secret, err := all.LogInLink(ctx, name)
	if err != nil {
		return "", advised(name, err)
	}
	return c.Web.PublicURL + "/login/link/" + secret, nil
}

func tellLink(w *program.World, link string) error {
	fmt.Fprintf(w.Err, "This link logs in, once, within %d hours:\n", account.LinkLife/time.Hour)
	_, err := fmt.Fprintln(w.Out, link)
	return err
}

type linkCommand struct {
	Name string `arg:"" help:"Name of the account."`
}

// Run prints a link for who has lost the first one.
func (l linkCommand) Run(ctx context.Context, w *program.World) error {
	return accounts(ctx, w, func(c config.Config, all *account.Accounts) error {
		link, err := logInLink(ctx, c, all, l.Name)
		if err != nil {
			return err
		}
		return tellLink(w, link)
	})
}

type tokenCommand struct {
	Name string `arg:"" help:"Name of the account."`
}

// Run prints a token with which programs act as the account.
func (t tokenCommand) Run(ctx context.Context, w *program.World) error {
	return printToken(ctx, w, t.Name, (*account.Accounts).Token)
}

type intakeCommand struct {
	Name string `arg:"" help:"Name of the script or bridge, which the tickets will show."`
}

// Run prints a token that may only submit invitations.
func (i intakeCommand) Run(ctx context.Context, w *program.World) error {
	return printToken(ctx, w, i.Name, (*account.Accounts).IntakeToken)
}

func printToken(ctx context.Context, w *program.World, name string,
	make func(*account.Accounts, context.Context, string) (string, error)) error {
	return accounts(ctx, w, func(_ config.Config, all *account.Accounts) error {
		token, err := make(all, ctx, name)
		if err != nil {
			return advised(name, err)
		}
		_, err = fmt.Fprintln(w.Out, token)
		return err
	})
}

// advised adds to a refusal whom it is about, and what to do.
func advised(name string, err error) error {
	advice := map[account.Refusal]string{
		account.ErrUnknown:  "see inviter technician list",
		account.ErrExists:   "take another name, or print a new link with inviter technician link " + name,
		account.ErrDisabled: "make another account",
	}
	var refusal account.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	if do, ok := advice[refusal]; ok {
		return fmt.Errorf("%s: %w; %s", name, err, do)
	}
	return fmt.Errorf("%s: %w", name, err)
}

type listCommand struct {
	JSON bool `name:"json" help:"Print one JSON object a line."`
}

// listed is one account's line.
type listed struct {
	Name       string      `json:"name"`
	Role       ticket.Role `json:"role"`
	Disabled   bool        `json:"disabled"`
	Password   bool        `json:"password"` // has one; else only links and tokens let in
	Created    time.Time   `json:"created_at"`
	LastSignIn *time.Time  `json:"last_sign_in"`
}

// Run lists the accounts in the order of their names.
func (l listCommand) Run(ctx context.Context, w *program.World) error {
	return accounts(ctx, w, func(_ config.Config, all *account.Accounts) error {
		list, err := all.List(ctx)
		if err != nil {
			return err
		}
		if l.JSON {
			return l.lines(w, list)
		}
		t := tabwriter.NewWriter(w.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "NAME\tROLE\tSTATE\tLAST SIGN-IN")
		for _, a := range list {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", a.Name, a.Role, state(a), lastSignIn(a))
		}
		return t.Flush()
	})
}

func (l listCommand) lines(w *program.World, list []account.Account) error {
	encoder := json.NewEncoder(w.Out)
	for _, a := range list {
		line := listed{Name: a.Name, Role: a.Role, Disabled: !a.Disabled.IsZero(), Password: a.Password, Created: a.Created.UTC()}
		if !a.LastSignIn.IsZero() {
			at := a.LastSignIn.UTC()
			line.LastSignIn = &at
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func state(a account.Account) string {
	if a.Disabled.IsZero() {
		return "enabled"
	}
	return "disabled"
}

func lastSignIn(a account.Account) string {
	if a.LastSignIn.IsZero() {
		return "never"
	}
	return a.LastSignIn.Local().Format("2006-01-02 15:04")
}
