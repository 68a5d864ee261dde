package invitation_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"inviter/invitation"
)

func TestLifetime(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) time.Time { return start.Add(d) }
	rule := invitation.Rule{Default: 5 * time.Hour, Max: 24 * time.Hour}
	capped, ahead, expired := invitation.LifetimeCapped, invitation.ClockAhead, invitation.Expired
	type W = []invitation.Warning
	for name, c := range map[string]struct {
		dtStart  time.Time
		minutes  int64
		received time.Time
		skew     time.Duration
		rule     invitation.Rule
		from, to time.Time
		warnings W
	}{
		"plain":                      {start, 60, at(time.Minute), 0, rule, start, at(time.Hour), nil},
		"past":                       {start, 60, at(2 * time.Hour), 0, rule, start, at(time.Hour), W{expired}},
		"at its instant":             {start, 60, at(time.Hour), 0, rule, start, at(time.Hour), W{expired}},
		"no dates":                   {time.Time{}, 0, start, 0, rule, start, at(5 * time.Hour), nil},
		"no dates, no rule":          {time.Time{}, 0, start, 0, invitation.Rule{}, start, at(6 * time.Hour), nil},
		"no dates, low maximum":      {time.Time{}, 0, start, 0, invitation.Rule{Max: time.Hour}, start, at(time.Hour), nil},
		"no start":                   {time.Time{}, 90, start, 0, rule, start, at(90 * time.Minute), nil},
		"too long":                   {start, 14400, at(time.Minute), 0, rule, start, at(24 * time.Hour), W{capped}},
		"exactly the maximum":        {start, 1440, at(time.Minute), 0, rule, start, at(24 * time.Hour), nil},
		"absurd":                     {start, math.MaxInt64, at(time.Minute), 0, rule, start, at(24 * time.Hour), W{capped}},
		"user's clock behind":        {start, 60, at(3 * time.Hour), 170 * time.Minute, rule, at(170 * time.Minute), at(230 * time.Minute), nil},
		"behind, more than received": {start, 60, at(3 * time.Hour), 9 * time.Hour, rule, at(3 * time.Hour), at(4 * time.Hour), nil},
		"little ahead":               {at(5 * time.Minute), 60, start, 0, rule, start, at(time.Hour), nil},
		"ahead":                      {at(3 * time.Hour), 60, start, 0, rule, start, at(time.Hour), W{ahead}},
		"ahead, and the carrier tells": {at(175 * time.Minute), 60, start, -3 * time.Hour, rule,
			at(-5 * time.Minute), at(55 * time.Minute), W{ahead}},
		"far future": {time.Unix(1<<40, 0), 60, start, 0, rule, start, at(time.Hour), W{ahead}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := invitation.Invitation{Start: c.dtStart, Minutes: c.minutes}
			got := inv.Lifetime(invitation.Seen{Received: c.received, Skew: c.skew}, c.rule)
			want := invitation.Lifetime{Start: c.from, Expires: c.to, Warnings: c.warnings}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}
