package templates

import "time"

// AccountsPage lists the accounts, for admins.
type AccountsPage struct {
	Shell  Shell
	People []PersonLine
	Roles  []string // what an account can be given
	Made   string   // whom an account was just made for
	Link   string   // that one's log-in link, shown once
	Typed  string   // the name that was refused
	Wrong  string   // why
}

func (AccountsPage) template() string { return "accounts" }

// PersonLine is one account.
type PersonLine struct {
	Name, Path                    string
	Role                          string
	Password                      bool
	Created, Disabled, LastSignIn time.Time // zero for never
}

// AccountPage is one account with what lets it in, for its owner and admins.
type AccountPage struct {
	Shell     Shell
	Person    PersonLine
	You       bool // the reader's own
	Admin     bool // the reader manages accounts
	Passwords bool // people may log in by password
	Roles     []string
	Sessions  []KeyLine
	Tokens    []KeyLine
	Link      string // a new log-in link, shown once
	Token     string // a new token, shown once
	Wrong     string // why nothing was changed
}

func (AccountPage) template() string { return "account" }

// KeyLine is one session or token.
type KeyLine struct {
	Path       string // of its account
	ID         int64
	IntakeOnly bool
	Made, Used time.Time
	Ends       time.Time
}
