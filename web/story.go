package web

import (
	"time"
	"unicode/utf8"

	"inviter/templates"
	"inviter/ticket"
)

// A stretch is named where its name has room, as a share of the line.
const (
	nameable  = 0.04
	perLetter = 0.007
)

// story draws a ticket's time on one line: from its arrival to the end it would
// have had, or had.
func story(t ticket.Ticket, history []ticket.Event, now time.Time) ([]templates.Stretch, []templates.Mark) {
	from, to := t.WaitingSince, t.Expires
	end := t.EndedAt
	if end.IsZero() {
		end = now
	}
	if end.After(to) {
		to = end
	}
	whole := to.Sub(from)
	if whole <= 0 {
		return nil, nil
	}
	at := func(m time.Time) float64 { return max(0, min(1, float64(m.Sub(from))/float64(whole))) }
	var list []templates.Stretch
	add := func(kind, who string, a, b time.Time) {
		s := templates.Stretch{Kind: kind, Who: who, From: at(a), To: at(b), Time: b.Sub(a)}
		if s.To > s.From {
			s.Named = s.To-s.From >= max(nameable, perLetter*float64(utf8.RuneCountInString(who))) && !named(list, s)
			list = append(list, s)
		}
	}
	kind, who, since := "waits", "", from
	for _, e := range history {
		next, by, turn := turnOf(e)
		if !turn {
			continue
		}
		add(kind, who, since, e.At)
		kind, since = next, e.At
		if by != "" || next == "waits" {
			who = by
		}
	}
	if t.EndedAt.IsZero() {
		add(kind, who, since, now)
	}
	return list, marks(from, to, now)
}

// named keeps the same name from standing twice in a row.
func named(list []templates.Stretch, s templates.Stretch) bool {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Named {
			return list[i].Kind == s.Kind && list[i].Who == s.Who
		}
	}
	return false
}

// turnOf is what an event leads into; turn is false where nothing changes hands.
func turnOf(e ticket.Event) (kind, who string, turn bool) {
	switch e.Kind {
	case ticket.EventClaimed, ticket.EventTakenOver:
		return "holds", e.By, true
	case ticket.EventTransferred:
		return "holds", e.Other, true
	case ticket.EventConnected:
		return "helps", e.By, true
	case ticket.EventReleased, ticket.EventUndone, ticket.EventLapsed, ticket.EventDismissed, ticket.EventDisowned:
		return "waits", "", true
	case ticket.EventClosed, ticket.EventWithdrawn, ticket.EventExpired, ticket.EventSuperseded, ticket.EventRefused:
		return "", "", true
	}
	return "", "", false
}

// marks are round clock times under the line, and its two ends.
func marks(from, to, now time.Time) []templates.Mark {
	whole := to.Sub(from)
	list := []templates.Mark{{At: 0, Time: from, Now: now, Anchor: "start"}}
	step := whole
	for _, s := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour} {
		if whole/s <= 5 {
			step = s
			break
		}
	}
	for m := from.Truncate(step).Add(step); m.Before(to); m = m.Add(step) {
		at := float64(m.Sub(from)) / float64(whole)
		if at > 0.1 && at < 0.9 {
			list = append(list, templates.Mark{At: at, Time: m, Now: now, Anchor: "middle"})
		}
		if len(list) > 8 {
			break
		}
	}
	return append(list, templates.Mark{At: 1, Time: to, Now: now, Anchor: "end"})
}
