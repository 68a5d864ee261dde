package ticket

import (
	"slices"
	"time"
)

// What an estimate needs, and when it says nothing.
const (
	fewest      = 6             // claims to draw from
	fewWindows  = 4             // below that the gaps between claims are drawn from
	longestWait = 4 * time.Hour // a longer one helps nobody to plan
)

// Estimate is how long the one at a place in line will wait, as a range, drawn
// from when tickets were claimed lately, the oldest first: the middle half of
// how long that many claims took. ok is false where there are too few, where
// nobody has claimed for longer than the range says, and where the range is no
// help. Ends are rounded outwards, to minutes below ten and to five above.
func Estimate(place int, claims []time.Time, now time.Time) (from, to time.Duration, ok bool) {
	if place < 1 || len(claims) < fewest {
		return 0, 0, false
	}
	took := windows(place, claims)
	times := 1
	if len(took) < fewWindows {
		took, times = windows(1, claims), place
	}
	slices.Sort(took)
	from, to = took[len(took)/4]*time.Duration(times), took[len(took)*3/4]*time.Duration(times)
	quiet := now.Sub(claims[len(claims)-1])
	if to > longestWait || quiet > max(to, 10*time.Minute) {
		return 0, 0, false
	}
	from, to = from.Truncate(grain(from)), upTo(to)
	if to <= from {
		to = from + grain(from)
	}
	return from, to, true
}

// windows are how long each n claims in a row took.
func windows(n int, claims []time.Time) []time.Duration {
	var list []time.Duration
	for i := n; i < len(claims); i++ {
		list = append(list, claims[i].Sub(claims[i-n]))
	}
	return list
}

func grain(d time.Duration) time.Duration {
	if d < 10*time.Minute {
		return time.Minute
	}
	return 5 * time.Minute
}

func upTo(d time.Duration) time.Duration {
	if t := d.Truncate(grain(d)); t < d {
		return t + grain(d)
	}
	return d
}

// Standing is where a ticket stands in line, and what an estimate needs.
type Standing struct {
	Place  int         // the first is 1; 0 where it doesn't wait, or very far behind
	Claims []time.Time // of the last hours, the oldest first
}
