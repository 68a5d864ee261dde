package templates

import (
	"fmt"
	"html/template"
	"strconv"
	"time"
)

// span is a duration in the words of the rows: "just now", "8 min",
// "1 h 52 min", "2 d 3 h". Whole units only, rounded down.
func (l *Language) span(d time.Duration) string {
	minutes := int(d / time.Minute)
	switch {
	case minutes < 1:
		return l.Text("time.now")
	case minutes < 60:
		return l.Text("time.min", "m", strconv.Itoa(minutes))
	case minutes < 60*24 && minutes%60 == 0:
		return l.Text("time.h", "h", strconv.Itoa(minutes/60))
	case minutes < 60*24:
		return l.Text("time.hmin", "h", strconv.Itoa(minutes/60), "m", fmt.Sprintf("%02d", minutes%60))
	}
	return l.Text("time.dh", "d", strconv.Itoa(minutes/60/24), "h", strconv.Itoa(minutes/60%24))
}

// took is a duration where seconds count: "40 s", "3 min 30 s", then as span.
func (l *Language) took(d time.Duration) string {
	seconds := int(d.Round(time.Second) / time.Second)
	switch {
	case seconds < 60:
		return l.Text("time.s", "s", strconv.Itoa(seconds))
	case seconds < 600 && seconds%60 != 0:
		return l.Text("time.mins", "m", strconv.Itoa(seconds/60), "s", strconv.Itoa(seconds%60))
	}
	return l.span(d)
}

// ago is how long something is past, for the sources strip: seconds count there.
func (l *Language) ago(now, t time.Time) string {
	d := now.Sub(t)
	if d < time.Minute {
		return l.Text("time.agos", "s", strconv.Itoa(max(0, int(d/time.Second))))
	}
	return l.Text("time.ago", "time", l.span(d))
}

// until is how far off something is: "in 40 s", "in 3 min".
func (l *Language) until(now, t time.Time) string {
	d := t.Sub(now)
	switch {
	case d <= 0:
		return l.Text("time.atonce")
	case d < time.Minute:
		return l.Text("time.ins", "s", strconv.Itoa(int(d/time.Second)))
	}
	return l.Text("time.in", "time", l.span(d))
}

// left is what remains until the end, in words.
func (l *Language) left(now, end time.Time) string {
	d := end.Sub(now)
	switch {
	case d <= 0:
		return l.Text("left.over")
	case d < time.Minute:
		return l.Text("left.lastminute")
	}
	return l.Text("left.time", "time", l.span(d))
}

// clock is the time of day; another day is named too.
func (l *Language) clock(now, t time.Time) string {
	now, t = now.In(l.zone), t.In(l.zone)
	days := dayNumber(t) - dayNumber(now)
	switch {
	case days == 0:
		return t.Format("15:04")
	case days > -7 && days < 7:
		return l.Text("time.dayclock", "day", l.Text("day.short."+strconv.Itoa(int(t.Weekday()))), "clock", t.Format("15:04"))
	}
	return l.Text("time.dateclock", "date", l.short(t), "clock", t.Format("15:04"))
}

// short is a date without its year: "12 Nov".
func (l *Language) short(t time.Time) string {
	t = t.In(l.zone)
	return l.Text("time.date", "day", strconv.Itoa(t.Day()), "month", l.Text("month.short."+strconv.Itoa(int(t.Month()))))
}

// date is a whole date in words: "Friday 20 November 2026".
func (l *Language) date(t time.Time) string {
	t = t.In(l.zone)
	return l.Text("time.fulldate",
		"weekday", l.Text("day."+strconv.Itoa(int(t.Weekday()))), "day", strconv.Itoa(t.Day()),
		"month", l.Text("month."+strconv.Itoa(int(t.Month()))), "year", strconv.Itoa(t.Year()))
}

// since is a running time: the words now, and the moment for the script to count from.
func (l *Language) since(now, t time.Time) template.HTML {
	return template.HTML(`<span data-since="` + strconv.FormatInt(t.UnixMilli(), 10) + `">` + template.HTMLEscapeString(l.span(now.Sub(t))) + `</span>`)
}

// at is a clock time with the machine's form beside it.
func (l *Language) at(now, t time.Time) template.HTML {
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `">` + template.HTMLEscapeString(l.clock(now, t)) + `</time>`)
}

// zoneName is the zone's name for people: "Berlin", "UTC".
func (l *Language) zoneName(now time.Time) string { return placeOf(l.zone, now) }

// iana is the zone's name for the script, "" where only this host knows it.
func (l *Language) iana() string {
	if name := l.zone.String(); name != "Local" {
		return name
	}
	return ""
}

// dayNumber counts days on the calendar of t's own zone.
func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}
