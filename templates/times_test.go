package templates_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"inviter/templates"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	en, de := language(t, "en"), language(t, "de")
	for _, c := range []struct {
		d      time.Duration
		en, de string
	}{
		{-time.Hour, "just now", "gerade eben"},
		{59 * time.Second, "just now", "gerade eben"},
		{time.Minute, "1 min", "1 min"},
		{59*time.Minute + 59*time.Second, "59 min", "59 min"},
		{time.Hour, "1 h", "1 h"},
		{5*time.Hour + 9*time.Minute, "5 h 09 min", "5 h 09 min"},
		{51 * time.Hour, "2 d 3 h", "2 T 3 h"},
	} {
		if en.Span(c.d) != c.en || de.Span(c.d) != c.de {
			t.Errorf("%v: %q, %q", c.d, en.Span(c.d), de.Span(c.d))
		}
	}
}

func TestTimesInWords(t *testing.T) {
	t.Parallel()
	en, de := language(t, "en"), language(t, "de")
	now := time.Date(2026, 11, 20, 13, 23, 0, 0, time.UTC) // 14:23 in Berlin, a Friday
	for _, c := range []struct{ got, want string }{
		{en.Left(now, now.Add(8*time.Minute)), "8 min left"},
		{de.Left(now, now.Add(8*time.Minute)), "noch 8 min"},
		{en.Left(now, now.Add(30*time.Second)), "under a minute"},
		{en.Left(now, now), "time is up"},
		{de.Left(now, now.Add(-time.Hour)), "Zeit ist um"},
		{en.Clock(now, now.Add(8*time.Minute)), "14:31"},
		{en.Clock(now, now.Add(10*time.Hour)), "Sat 00:23"},
		{de.Clock(now, now.Add(-24*time.Hour)), "Do 14:23"},
		{en.Clock(now, now.Add(-30*24*time.Hour)), "21 Oct, 15:23"},
		{de.Clock(now, now.Add(-30*24*time.Hour)), "21. Okt., 15:23"},
		{en.Date(now), "Friday 20 November 2026"},
		{de.Date(now), "Freitag, 20. November 2026"},
		{en.Ago(now, now.Add(-12*time.Second)), "12 s ago"},
		{en.Ago(now, now.Add(3*time.Second)), "0 s ago"},
		{de.Ago(now, now.Add(-3*time.Minute)), "vor 3 min"},
		{en.Until(now, now.Add(40*time.Second)), "in 40 s"},
		{en.Until(now, now.Add(3*time.Minute)), "in 3 min"},
		{en.Until(now, now.Add(-time.Second)), "at once"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// TestLife holds the bar to the designer's ruler.
func TestLife(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	for left, share := range map[time.Duration]float64{
		-time.Hour: 0, 0: 0, 15 * time.Minute: 13, time.Hour: 32.3, 3 * time.Hour: 53.7, 6 * time.Hour: 68.6, 12 * time.Hour: 84.2,
		24 * time.Hour: 100, 90 * time.Hour: 100,
	} {
		got, err := strconv.ParseFloat(strings.TrimSuffix(templates.Life(now, now.Add(left)), "%"), 64)
		if err != nil || math.Abs(got-share) > 0.1 {
			t.Errorf("%v is %v%% long, want %v", left, got, share)
		}
	}
}

// TestUrgency: a row turns urgent with a quarter of its life left, and more so
// for the last ten minutes.
func TestUrgency(t *testing.T) {
	t.Parallel()
	end := time.Unix(1_700_000_000, 0)
	for _, c := range []struct {
		left time.Duration
		want string
	}{{3 * time.Hour, ""}, {90*time.Minute + 1, ""}, {90 * time.Minute, "soon"}, {10*time.Minute + 1, "soon"}, {10 * time.Minute, "last"}, {-time.Hour, "last"}} {
		r := templates.Row{Now: end.Add(-c.left), Expires: end, Soon: end.Add(-90 * time.Minute)}
		if got := r.Urgency(); got != c.want {
			t.Errorf("%v left is %q, want %q", c.left, got, c.want)
		}
	}
}

// TestRowKnowsWhenItLooksDifferent steps through a life millisecond by
// millisecond around each promised instant: before it the row is the same.
func TestRowKnowsWhenItLooksDifferent(t *testing.T) {
	t.Parallel()
	l := language(t, "en")
	start := time.Date(2026, 11, 20, 13, 0, 7, 0, time.UTC)
	row := templates.Row{
		ID: 1, State: "claimed", Since: start.Add(-3 * time.Second), Expires: start.Add(42*time.Minute + 11*time.Second), NewUntil: start.Add(time.Minute),
		Holder: &templates.Holder{Name: "ada", Since: start.Add(-20 * time.Second), Lease: start.Add(5 * time.Minute)},
	}
	row.Soon = row.Expires.Add(-20 * time.Minute)
	shape := regexp.MustCompile(`(x2?)="[0-9.]+%"`) // the bar may lag a minute behind its words
	show := func(now time.Time) string {
		r := row
		r.Now = now
		var b strings.Builder
		if err := l.Render(&b, r); err != nil {
			t.Fatal(err)
		}
		return shape.ReplaceAllString(b.String(), "$1")
	}
	changes := 0
	for now := start; now.Before(row.Expires.Add(2 * time.Minute)); {
		r := row
		r.Now = now
		until := r.Until()
		if !until.After(now) || until.Sub(now) > time.Minute {
			t.Fatalf("at %v good until %v", now, until)
		}
		if show(now) != show(until.Add(-time.Millisecond)) {
			t.Errorf("from %v it changes before %v", now, until)
		}
		changes++
		now = until
	}
	if changes < 80 || changes > 200 {
		t.Errorf("%d changes in 44 minutes", changes)
	}
}

func TestForeignTextIsShownNotObeyed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"Jane", "<bdi>Jane</bdi>"},
		{"<script>", "<bdi>&lt;script&gt;</bdi>"},
		{"a\u202egnp.exe", "<bdi>a\ufffdgnp.exe</bdi>"},
		{"a\u2066b\u2069", "<bdi>a\ufffdb\ufffd</bdi>"},
		{"nul\x00 bell\x07 del\x7f c1\u0085", "<bdi>nul\ufffd bell\ufffd del\ufffd c1\ufffd</bdi>"},
		{"علياء", "<bdi>علياء</bdi>"},
		{"bad\xffutf8", "<bdi>bad\ufffdutf8</bdi>"},
	} {
		if got := string(templates.Bdi(c.in)); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.in, got, c.want)
		}
	}
}
