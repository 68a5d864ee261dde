package invitation

import "time"

// Seen is when an invitation reached us.
type Seen struct {
	Received time.Time     // when the source's server took it
	Skew     time.Duration // how far the user's clock is behind ours, where the carrier tells
}

// Rule bounds lifetimes.
type Rule struct {
	Default time.Duration // where the file names none; 0 means 6 h, as Windows itself has it
	Max     time.Duration // longer ones are shortened; 0 means 24 h
}

// Lifetime is when an invitation starts and ends, as it counts for us. The end
// is an upper bound: the user's PC may have ended it long before.
type Lifetime struct {
	Start, Expires time.Time
	Warnings       []Warning
}

// ahead is how much a user's clock may be before ours without a word.
const ahead = 10 * time.Minute

// Lifetime corrects the user's clock by what the carrier tells of it, and caps.
// No invitation lives longer after its receipt than its file says.
func (inv Invitation) Lifetime(seen Seen, rule Rule) Lifetime {
	var l Lifetime
	length, capped := inv.length(rule)
	if capped {
		l.Warnings = append(l.Warnings, LifetimeCapped)
	}
	received := seen.Received.UTC()
	l.Start = received
	if !inv.Start.IsZero() {
		if inv.Start.After(received.Add(ahead)) {
			l.Warnings = append(l.Warnings, ClockAhead)
		}
		if corrected := inv.Start.Add(seen.Skew); corrected.Before(received) {
			l.Start = corrected.UTC()
		}
	}
	l.Expires = l.Start.Add(length)
	if !l.Expires.After(received) {
		l.Warnings = append(l.Warnings, Expired)
	}
	return l
}

// length is DtLength as it counts: rule's default where it is missing, and never over its maximum.
func (inv Invitation) length(rule Rule) (time.Duration, bool) {
	longest := rule.Max
	if longest <= 0 {
		longest = 24 * time.Hour
	}
	switch {
	case inv.Minutes <= 0 && rule.Default > 0:
		return min(rule.Default, longest), false
	case inv.Minutes <= 0:
		return min(6*time.Hour, longest), false
	case inv.Minutes > int64(longest/time.Minute):
		return longest, true
	}
	return time.Duration(inv.Minutes) * time.Minute, false
}
