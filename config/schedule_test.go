package config_test

import (
	"strings"
	"testing"
	"time"

	"inviter/config"
)

func TestSchedulePeriod(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"@every 1m":             time.Minute,
		"@every 5s":             5 * time.Second,
		"@every 1h30m":          90 * time.Minute,
		"@every 300ms":          time.Second, // the library counts in whole seconds
		"@hourly":               time.Hour,
		"* * * * *":             time.Minute,
		"*/5 * * * *":           5 * time.Minute,
		"0,10 * * * *":          50 * time.Minute,
		"* 8-17 * * 1-5":        time.Duration(48+14)*time.Hour + time.Minute,
		"0 6 * * *":             24 * time.Hour,
		"0 0 1 * *":             31 * 24 * time.Hour,
		"0 0 29 2 *":            4 * 366 * 24 * time.Hour,
		"  */5   *  *  *   *  ": 5 * time.Minute,
	} {
		s, err := config.ParseSchedule(text)
		if err != nil || s.String() != text {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := s.Period(); got != want && text != "0 0 29 2 *" || got > want {
			t.Errorf("%q: period %v, want %v", text, got, want)
		}
	}
}

func TestScheduleNextIsUTC(t *testing.T) {
	t.Parallel()
	s, err := config.ParseSchedule("30 2 * * *")
	if err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	// The night in which Berlin's clocks skip from two to three.
	before := time.Date(2024, 3, 31, 0, 0, 0, 0, berlin)
	if got, want := s.Next(before), time.Date(2024, 3, 31, 2, 30, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("next %v, want %v", got, want)
	}
	if !(config.Schedule{}).Next(before).IsZero() {
		t.Error("the zero schedule comes due")
	}
}

func TestSchedulesThatAreNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                       "is no schedule",
		"often":                                  "is no schedule",
		"* * * *":                                "is no schedule",
		"* * * * * *":                            "is no schedule",
		"60 * * * *":                             "is no schedule",
		"*/0 * * * *":                            "is no schedule",
		"@every":                                 "is no schedule",
		"@every soon":                            "is no schedule",
		"@every 0s":                              `is no length of time to wait`,
		"@every -5s":                             `is no length of time to wait`,
		"@every 2000000h":                        `is no length of time to wait`,
		"@fortnightly":                           "is no schedule",
		"TZ=UTC":                                 "names a time zone",
		"CRON_TZ=":                               "names a time zone",
		"TZ=Europe/Berlin 0 6 * * *":             "names a time zone",
		"0 0 30 2 *":                             "never comes due",
		strings.Repeat("*,", 9999) + "* * * * x": "is no schedule",
	} {
		if _, err := config.ParseSchedule(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func FuzzSchedule(f *testing.F) {
	for _, seed := range []string{"@every 1m", "*/5 8-17 1,15 jan-MAR mon", "TZ=UTC", "0 0 30 2 *", "@"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := config.ParseSchedule(text)
		if err != nil {
			return
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		if next := s.Next(now); !next.After(now) || s.Period() <= 0 {
			t.Errorf("%q: next %v, period %v", text, next, s.Period())
		}
	})
}
