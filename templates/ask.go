package templates

import "time"

// AskPage is where users hand in an invitation, with how to make one.
type AskPage struct {
	Desk   string
	Phone  string
	Code   bool   // an access code is asked for
	SignIn bool   // or that one signs in
	Guest  string // who did, as the provider calls him; "" else
	Mails  bool   // users can be answered by mail

	// What was typed before, passwords masked.
	User, Call, Mail, Note string

	Verdict *Verdict // on what was handed in; nil at first
	Easy    bool     // what was typed is in the form without a file
	Once    string   // makes a second press of that form's button the same request
}

func (AskPage) template() string { return "ask" }

// Shut tells whether nobody can hand in before signing in.
func (p AskPage) Shut() bool { return p.SignIn && !p.Code }

// OfferPage is where a technician writes down who asks by phone.
type OfferPage struct {
	Shell                      Shell
	User, Computer, Call, Note string // typed before
	Wrong                      string // the refusal's code, "" at first
}

func (OfferPage) template() string { return "offer" }

// Verdict is what intake says of a file, in plain words.
type Verdict struct {
	Now      time.Time
	Code     string // why it can't be used; "" where it can
	Product  string // whose id it is; "" for an invitation
	Expires  time.Time
	Password bool
	Again    bool // the file has to be chosen once more
}

func (Verdict) template() string { return "ask-verdict" }

// Over tells whether an invitation is good, but past its end.
func (v Verdict) Over() bool { return v.Code == "" && !v.Now.Before(v.Expires) }
