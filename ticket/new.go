package ticket

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"inviter/invitation"
)

// New is the ticket that one invitation of a delivery becomes. Its place in
// line counts from when the source's server took it, so that a watcher's pause
// costs nobody his place; a server's clock ahead of ours gains nothing.
func New(d Delivery, inv invitation.Invitation, rules Rules, now time.Time) *Ticket {
	d.Received = d.received(now)
	life := inv.Lifetime(
		invitation.Seen{Received: d.Received, Skew: d.Skew},
		invitation.Rule{Default: rules.Lifetime, Max: rules.MaxLifetime})
	t := &Ticket{
		State: Waiting, Kind: File, Format: inv.Format, Key: inv.Key,
		User: d.From, ClaimedName: inv.User, Note: d.Note, Flags: flags(d, inv, life, rules),
		PasswordRequired: inv.PasswordRequired, Endpoints: inv.Endpoints, Size: len(inv.File),
		Start: life.Start, WaitingSince: d.Received, QueuedAt: now, Expires: life.Expires,
		Deliveries: []Arrival{d.arrival()},
	}
	if !inv.Format.File() {
		t.Kind = Code
	}
	if d.Quarantine {
		t.State = Quarantined
	}
	return t
}

// received is never in the future, and now where the source can't tell.
func (d Delivery) received(now time.Time) time.Time {
	if d.Received.IsZero() || d.Received.After(now) {
		return now
	}
	return d.Received
}

func flags(d Delivery, inv invitation.Invitation, life invitation.Lifetime, rules Rules) []Flag {
	out := slices.Clone(d.Flags)
	for _, w := range slices.Concat(inv.Warnings, life.Warnings) {
		switch w {
		case invitation.NoExpiry, invitation.NoPassword, invitation.LifetimeCapped, invitation.ClockAhead:
			out = append(out, Flag(w))
		}
	}
	if !sameName(d.From, inv.User) {
		out = append(out, NameMismatch)
	}
	if outside(inv.Endpoints, rules.Networks) {
		out = append(out, OutsideNetworks)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sameName tells whether the name in the file may be this user's. It errs on
// the side of yes: a mark that stands everywhere is read by nobody. The account
// is often made of parts of the name ("jdoe", "doej", "jane.doe").
func sameName(u User, claimed string) bool {
	_, account, ok := strings.Cut(claimed, `\`)
	if !ok {
		account = claimed
	}
	account = letters(account)
	local, _, _ := strings.Cut(u.Address, "@")
	if account == "" || letters(u.Name+local) == "" {
		return true // nothing to compare
	}
	for _, part := range strings.FieldsFunc(u.Name+" "+local, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if part = letters(part); len([]rune(part)) >= 3 && strings.Contains(account, part) {
			return true
		}
	}
	return account == letters(u.Name) || account == letters(local) ||
		len([]rune(account)) >= 3 && strings.Contains(letters(local), account)
}

// letters is a name's letters and digits in lower case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
