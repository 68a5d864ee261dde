package web

import (
	"context"
	"net/url"
	"time"

	"inviter/ticket"
)

// Accounts is what the pages about accounts need. Its refusals are
// *ticket.Refusal with one of the codes below, or unknown.
type Accounts interface {
	Roster
	Hiring
	Keys
}

// Refusals about accounts.
const (
	CodeNameTaken   ticket.RefusalCode = "name-taken"
	CodeBadName     ticket.RefusalCode = "bad-name"
	CodeBadPassword ticket.RefusalCode = "bad-password"
	CodeDisabled    ticket.RefusalCode = "account-disabled"
	CodeManyTokens  ticket.RefusalCode = "many-tokens"
)

// Roster reads the accounts.
type Roster interface {
	// People are all accounts, in the order of their names.
	People(ctx context.Context) ([]Person, error)
	// Person is one account with what lets it in; refused with unknown.
	Person(ctx context.Context, name string) (Person, error)
}

// Hiring changes who may do what. by is who does it.
type Hiring interface {
	Add(ctx context.Context, name string, role ticket.Role) error
	// SetRole counts from the account's next request on. Who may hold no
	// tickets any more holds none from then on; so it is with Disable.
	SetRole(ctx context.Context, name string, role ticket.Role, by string) error
	Disable(ctx context.Context, name, by string) error
	Enable(ctx context.Context, name string) error
}

// Keys make and end what lets an account in.
type Keys interface {
	// LogInLink is the secret of a link that logs name in, once.
	LogInLink(ctx context.Context, name string) (secret string, err error)
	Token(ctx context.Context, name string) (token string, err error)
	SetPassword(ctx context.Context, name, password string) error
	// Revoke ends one session or token; one that is gone already is no refusal.
	Revoke(ctx context.Context, name string, id int64) error
}

// Person is one account. Sessions and Tokens are there only where one is asked for.
type Person struct {
	Name                          string
	Role                          ticket.Role // "intake" for a script that only hands in
	Password                      bool        // has one
	Created, Disabled, LastSignIn time.Time   // zero for never
	Sessions                      []Key
	Tokens                        []Key
}

// Key is one session or token that lets somebody in.
type Key struct {
	ID         int64
	IntakeOnly bool
	Made, Used time.Time // Used is zero for never
	Ends       time.Time // of a session, if it goes on being used
}

// SignOn lets people in whom a single sign-on provider vouches for.
type SignOn interface {
	// Begin is where to send a browser, and what it has to keep for Finish.
	Begin(ctx context.Context) (address, keep string, err error)
	// Finish lets in who came back; with guests also who has no role here. Its
	// refusals are NoEntry.
	Finish(ctx context.Context, keep string, answer url.Values, guests bool) (Entry, error)
	// Guest is who holds a guest's token; false for any other token.
	Guest(ctx context.Context, token string) (name, address string, found bool, err error)
}

// Entry is a token of one of two kinds: a session of an account, or a guest's,
// who may ask for help and nothing else.
type Entry struct{ Session, Guest string }

// NoEntry is why somebody whom a provider sent is not let in.
type NoEntry string

// Reasons of NoEntry; the log-in page has a text for each.
const (
	EntryAway     NoEntry = "sso-away"     // the provider can't be asked now
	EntryRefused  NoEntry = "sso-refused"  // the provider said no, or nothing that counts
	EntryNoRole   NoEntry = "sso-no-role"  // nothing gives the person a role here
	EntryTaken    NoEntry = "sso-taken"    // another person's account has this name
	EntryBadName  NoEntry = "sso-bad-name" // no account can have this name
	EntryDisabled NoEntry = "sso-disabled"
)

// Error is the reason's code.
func (n NoEntry) Error() string { return string(n) }
