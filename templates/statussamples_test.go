package templates_test

import (
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// statuses is the user's page in every moment of a ticket's life.
func statuses(foreign string) []templates.Page {
	base := templates.StatusPage{
		Desk: foreign, Phone: "4400", Secret: "abc", Now: now, Number: 437, Kind: "file", State: "waiting", Came: ago(time.Hour), Expires: in(time.Hour), Words: "tango panda",
		Can: templates.StatusCan{Withdraw: true, Fresh: true, Disown: true},
		Steps: []templates.StatusStep{
			{At: ago(time.Hour), Key: "status.step.submitted", Place: "status.way.mailbox"},
			{At: ago(time.Minute), Key: "status.step.claimed", Who: foreign},
		},
	}
	var list []templates.Page
	add := func(state string, change func(*templates.StatusPage)) {
		p := base
		p.State, p.Since = state, ago(time.Minute)
		change(&p)
		list = append(list, p)
	}
	none := func(p *templates.StatusPage) { p.Can, p.Steps, p.Phone = templates.StatusCan{}, nil, "" }
	add("waiting", func(p *templates.StatusPage) { p.Place, p.From, p.To = 2, 10*time.Minute, 25*time.Minute })
	add("waiting", func(p *templates.StatusPage) { p.Place, p.Said, p.Expires = 1, "status.said.none", in(9*time.Minute) })
	add("waiting", none)
	add("waiting", func(p *templates.StatusPage) { p.Code = true })
	add("waiting", func(p *templates.StatusPage) { p.Kind = "offer" })
	add("claimed", func(p *templates.StatusPage) { p.Kind, p.Who = "offer", foreign })
	add("closed", func(p *templates.StatusPage) {
		p.Who, p.Outcome, p.Known, p.KnownUntil = foreign, "solved", now, in(time.Hour)
		p.Can = templates.StatusCan{Again: true}
		for _, end := range []string{"trusted", "distrusted.user", "distrusted.team"} {
			p.Steps = append(p.Steps, templates.StatusStep{At: now, Key: "status.step." + end})
		}
	})
	add("claimed", func(p *templates.StatusPage) { p.Who, p.Expires = foreign, in(46*time.Minute) })
	add("connected", func(p *templates.StatusPage) { p.Who = foreign; none(p) })
	add("quarantined", none)
	add("disowned", none)
	for _, end := range ticket.Ends() {
		add("closed", func(p *templates.StatusPage) {
			p.Who, p.Outcome, p.Can = foreign, string(end), templates.StatusCan{Tell: true, Fresh: true}
		})
	}
	add("closed", func(p *templates.StatusPage) { p.Who, p.Outcome, p.Told = foreign, "solved", ticket.StillHelp })
	add("withdrawn", none)
	add("expired", none)
	add("superseded", func(p *templates.StatusPage) { p.By = 440; none(p) })
	add("refused", none)
	list = append(list, supports(foreign)...)
	return append(list, templates.InvalidPage{Desk: foreign, Phone: "4400", Ask: true}, templates.InvalidPage{Desk: foreign})
}

// supports are support links at each moment, on both sides.
func supports(foreign string) []templates.Page {
	base := templates.SupportPage{Desk: foreign, Phone: "4400", Now: now, Secret: "abc", Who: foreign, Note: foreign, Made: ago(time.Hour), Expires: in(time.Hour), Closed: now}
	var list []templates.Page
	add := func(state string, change func(*templates.SupportPage)) {
		p := base
		p.State = state
		change(&p)
		list = append(list, p)
	}
	as := func(p *templates.SupportPage) {}
	brought := func(p *templates.SupportPage) { p.Ticket, p.Status = 43, "/t/abc" }
	add("offered", as)
	add("offered", func(p *templates.SupportPage) { p.Note, p.Said = "", "support.said.cookies" })
	add("ready", as)
	add("ready", func(p *templates.SupportPage) { p.Ask = true })
	add("ready", func(p *templates.SupportPage) { p.Note, p.Asked = "", true })
	add("ready", func(p *templates.SupportPage) {
		brought(p)
		p.Holder, p.Words, p.Password = foreign, "tango panda", true
	})
	add("ready", func(p *templates.SupportPage) {
		brought(p)
		p.Holder, p.Words, p.Phone, p.Said = foreign, "tango panda", "", "support.said.known"
	})
	add("ready", brought)
	add("ready", func(p *templates.SupportPage) { brought(p); p.Ended = true })
	for _, end := range []string{"expired", "closed"} {
		add(end, as)
		add(end, brought)
		add(end, func(p *templates.SupportPage) { brought(p); p.Ended = true })
	}
	list = append(list, templates.SupportPage{State: "invalid", Desk: foreign, Now: now, Ask: true}, templates.CodePage{Desk: foreign, Phone: "4400"}, templates.CodePage{Wrong: "digits"}, templates.CodePage{Wrong: "too-many"})
	line := templates.LinkLine{ID: 7, Now: now, State: "open", Code: "384 216", URL: "https://help.example.org/s/abc", Note: foreign, Made: ago(time.Hour), Expires: in(time.Hour), Bound: ago(time.Minute), Closed: now}
	bound, asked, expired, closed := line, line, line, line
	bound.State, bound.Ticket, bound.Ends = "bound", 43, []string{"solved"}
	asked.State, asked.Asked, asked.Note = "bound", now, ""
	expired.State, closed.State = "expired", "closed"
	shell := templates.Shell{Title: foreign, Here: "links", Name: foreign, Invites: true, Now: now}
	return append(list, templates.LinksPage{Shell: shell, Links: []templates.LinkLine{line, bound, asked, expired, closed}},
		templates.LinksPage{Shell: templates.Shell{Invites: true, Now: now}, Said: "links.said.bad-request", Count: "x", Unit: "s", Note: foreign},
		templates.LinksPage{Shell: shell, Unit: "m"})
}
