package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule is when to look at a source: a cron expression of five fields, in
// UTC, or "@every 1m". It is the only place that knows the cron library, which
// panics on some texts and takes others that never come due.
type Schedule struct {
	text   string
	at     cron.Schedule
	period time.Duration
}

// ParseSchedule reads an expression. One that never comes due is refused.
func ParseSchedule(text string) (s Schedule, err error) {
	bad := fmt.Errorf(`%q is no schedule; write "@every 1m" or five fields as cron has them, for instance "*/5 * * * *"`, text)
	defer func() {
		if recover() != nil {
			s, err = Schedule{}, bad
		}
	}()
	if strings.Contains(text, "TZ=") {
		return Schedule{}, fmt.Errorf("%q names a time zone; write the times in UTC, without one", text)
	}
	at, err := cron.ParseStandard(text)
	if err != nil {
		return Schedule{}, bad
	}
	if rest, every := strings.CutPrefix(text, "@every "); every {
		if d, err := time.ParseDuration(rest); err != nil || d <= 0 || d > longest {
			return Schedule{}, fmt.Errorf(`%q is no length of time to wait; write for instance "@every 30s"`, text)
		}
	}
	s = Schedule{text: text, at: at}
	if s.period = s.longestGap(); s.period <= 0 {
		return Schedule{}, fmt.Errorf("%q never comes due; write days that exist", text)
	}
	return s, nil
}

// Next is when it comes due after a time; zero for the zero Schedule.
func (s Schedule) Next(after time.Time) time.Time {
	if s.at == nil {
		return time.Time{}
	}
	return s.at.Next(after.UTC())
}

// Period is the longest time from one due instant to the next.
func (s Schedule) Period() time.Duration { return s.period }

// String is the expression as it was written.
func (s Schedule) String() string { return s.text }

// Bounds of the search for the longest gap: a week shows every pattern of hours
// and weekdays, three instants those of months, and a count ends the rest.
const (
	gapSpan  = 8 * day
	gapLeast = 3
	gapMost  = 20_000
)

// longestGap looks at a stretch of instants from a fixed day on; 0 if there are none.
func (s Schedule) longestGap() time.Duration {
	if every, ok := s.at.(cron.ConstantDelaySchedule); ok {
		return every.Delay
	}
	start := time.Date(2023, 12, 31, 23, 59, 0, 0, time.UTC)
	last := s.Next(start)
	var gap time.Duration
	for n := 0; n < gapMost && (n < gapLeast || last.Sub(start) < gapSpan); n++ {
		next := s.Next(last)
		if next.IsZero() {
			break
		}
		gap, last = max(gap, next.Sub(last)), next
	}
	return gap
}
