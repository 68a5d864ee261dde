package templates_test

import (
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// statuses is the user's page in every moment of a ticket's life.
func statuses(foreign string) []templates.Page {
	base := templates.StatusPage{
		Desk: foreign, Phone: "4400", Secret: "abc", Now: now, Number: 437, State: "waiting", Came: ago(time.Hour), Expires: in(time.Hour), Words: "tango panda",
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
	return append(list, templates.InvalidPage{Desk: foreign, Phone: "4400", Ask: true}, templates.InvalidPage{Desk: foreign})
}
