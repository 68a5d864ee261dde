package account

// Refusal is an expected no of this package, worded for people. Compare with
// errors.Is; every other error is a fault.
type Refusal string

// Error is the refusal in words.
func (r Refusal) Error() string { return string(r) }

// Refusals that operators see, who name an account.
const (
	ErrUnknown  Refusal = "no account has this name"
	ErrExists   Refusal = "an account has this name already (names differ in more than upper and lower case)"
	ErrDisabled Refusal = "the account is disabled"
	ErrName     Refusal = "a name has 1 to 64 printable characters, none of them a slash, no blank at either end, and isn't \"user\""
	ErrRole     Refusal = "a role is one of viewer, technician, lead, auditor, admin"
	ErrPassword Refusal = "a password has at least 8 characters, at most 1024 bytes, and no control characters"
	ErrTooMany  Refusal = "the account has as many tokens as it may have; revoke one first"
)

// Refusals of a person whom a single sign-on provider sent.
const (
	ErrTaken  Refusal = "somebody else's account here has this name; an admin disables that one, or has the provider send another name"
	ErrNoRole Refusal = "nothing that the provider says of this person gives a role here, and no account was made beforehand"
)

// Refusals of a bearer. They tell nothing about which accounts there are.
const (
	ErrLogIn      Refusal = "name or password is wrong"
	ErrLink       Refusal = "this log-in link was used already, was replaced by a newer one, or is out of date"
	ErrSession    Refusal = "not logged in, or no longer"
	ErrToken      Refusal = "the token is not known, or was revoked"
	ErrIntakeOnly Refusal = "this token may only hand in invitations"
	ErrBusy       Refusal = "too many people are logging in at this moment; try again"
)
