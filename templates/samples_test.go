package templates_test

import (
	"time"

	"inviter/templates"
	"inviter/ticket"
)

var now = time.Date(2026, 11, 20, 13, 23, 0, 0, time.UTC)

func ago(d time.Duration) time.Time { return now.Add(-d) }
func in(d time.Duration) time.Time  { return now.Add(d) }

// samples is every page in every shape: together they execute every branch.
// foreign stands wherever a user's or a source's text can stand.
func samples(foreign string) []templates.Page {
	shell := func(here string) templates.Shell {
		return templates.Shell{Title: foreign, Here: here, Name: foreign, Keys: here == "queue", Now: now, Feeds: feeds(foreign)}
	}
	quiet := templates.Shell{Title: "quiet", Here: "sources", Name: "ada", Now: now, Feeds: templates.Feeds{Now: now, Away: feeds(foreign).Away, Sent: &templates.Unsent{Waiting: 3}, Jump: ticket.Jump{By: 3 * time.Hour, Rest: time.Minute}}}
	line := templates.Line{
		Now: now, Revision: 12, Show: "all", Query: foreign,
		Head: templates.Head{Waiting: 2, Longest: ago(time.Hour), Ending: 1, Soonest: in(8 * time.Minute)},
		Tabs: []templates.Tab{{Show: "waiting", Count: 2}, {Show: "mine"}, {Show: "all", Count: 9, Here: true}, {Show: "missed"}, {Show: "quarantine"}},
		Next: true,
	}
	empty := templates.Line{Now: now, Show: "mine", Tabs: line.Tabs}
	said := &templates.Said{Now: now, Code: "taken", Ticket: 4, Who: foreign, Since: ago(time.Second), Until: now}
	step := func(kind, other, phase string) templates.Step {
		return templates.Step{Now: now, At: ago(time.Hour), Kind: kind, By: foreign, Other: other, Phase: phase}
	}
	noted := step("claimed", "", "held")
	noted.Note, noted.After, noted.Claim = foreign, 19*time.Minute, 1
	arrived := step("submitted", foreign, "")
	arrived.Way = &templates.Place{Kind: "share", Name: foreign}
	facts := templates.Facts{
		Address: foreign, Phone: foreign, PCName: foreign, Came: came(foreign), Format: "ra2", Endpoints: []string{foreign, "10.0.0.1:1"},
		Password: true, Size: 6000, Wait: time.Hour, Connect: time.Minute, Help: time.Minute, Supersedes: 3, SupersededBy: 5,
	}
	closed := facts
	closed.Outcome, closed.EndedAt, closed.EndedBy, closed.Size, closed.Password = "solved", now, foreign, 0, false
	expired := templates.Facts{EndedAt: now}
	all := rows(foreign)
	missed := templates.Line{Now: now, Show: "missed", Tabs: line.Tabs}
	gone := []templates.Ended{{Now: now, ID: 2, State: "expired", From: templates.Place{Kind: "upload"}, Came: now, At: now}}
	shared, own := shell("queue"), line
	shared.Shared, own.Tabs = true, []templates.Tab{{Show: "mine", Own: true}}
	pages := []templates.Page{
		templates.QueuePage{Shell: shared, Line: own}, templates.Began{Now: now}, templates.Self{Self: "/accounts/x", Name: foreign}, templates.Self{Name: foreign},
		reportPage(foreign, shell("reports")),
		templates.ReportPage{Shell: quiet, First: now, Last: now, Times: []templates.Timing{{Name: "wait"}}, Everybody: true},
		templates.QueuePage{Shell: shell("queue"), Line: missed, Missed: gone},
		templates.QueuePage{Shell: shell("queue"), Line: missed},
		templates.QueuePage{Shell: shell("queue"), Line: line, More: "/?after=x", Said: said, Works: true},
		templates.QueuePage{Shell: shell("queue"), Line: empty},
		templates.LinePart{Title: foreign, Feeds: feeds(foreign), Line: line, All: true, Focus: 4, Done: 8, Said: said, Gone: []templates.Gone{{ID: 8, Said: *said}}},
		templates.LinePart{Line: empty},
		templates.TicketPage{Shell: shell("queue"), Row: all[1], Facts: facts, Said: said, Ends: []string{"solved"}},
		templates.TicketPage{
			Shell: shell("history"), Row: all[2], Facts: closed,
			Story: []templates.Stretch{{Kind: "waits", To: 0.1, Named: true}, {Kind: "holds", From: 0.2, To: 0.3, Who: foreign}, {Kind: "helps", From: 0.3, To: 0.7, Who: foreign, Named: true, Time: time.Hour}},
			Marks: []templates.Mark{{Time: now, Now: now, Anchor: "start"}, {Time: now, Now: now, Anchor: "middle"}},
			Trail: []templates.Step{arrived, noted, step("released", "other", ""), step("undone", "", ""), step("checked", "wrong", "held"), step("told", "works", ""), step("trusted", "", ""), step("distrusted", "user", ""), step("distrusted", "team", ""), step("closed", "solved", "")},
		},
		templates.TicketPage{Shell: shell("history"), Row: templates.Row{Now: now, State: "expired", Expires: now}, Facts: expired},
		templates.HistoryPage{Shell: shell("history"), More: "/history?after=x", Ended: []templates.Ended{
			{Now: now, ID: 1, Name: foreign, Address: foreign, From: templates.Place{Kind: "share", Name: foreign}, State: "closed", Outcome: "solved", Note: foreign, Came: now, At: now},
			{Now: now, ID: 2, State: "expired", From: templates.Place{Kind: "upload"}, Came: now, At: now},
		}},
		templates.HistoryPage{Shell: quiet}, templates.HistoryPage{Shell: quiet, Query: foreign, First: "2026-11-01", Last: "2026-11-20", Sought: true},
		templates.HistoryPage{Shell: quiet, Query: foreign, Sought: true, Further: true, More: "/history?after=x"},
		templates.ContactsPage{Shell: templates.Shell{Here: "contacts", Invites: true, Now: now}}, templates.ContactsPage{Shell: shell("contacts"), Contacts: []templates.Contact{
			{ID: 1, Name: foreign, Address: foreign, Call: foreign, Since: now, Used: now, Ends: now, By: foreign, Ticket: 7}, {ID: 2, Address: foreign}}},
		templates.OfferPage{Shell: shell("queue")}, templates.OfferPage{Shell: quiet, User: foreign, Computer: foreign, Call: foreign, Note: foreign, Wrong: "bad-computer"},
		templates.SourcesPage{Shell: shell("sources"), ToCheck: all[5:7], Said: said, Feeds: details(foreign), Refused: []templates.RefusedLine{
			{ID: 1, Now: now, At: now, Place: templates.Place{Kind: "share", Name: foreign}, Item: foreign, From: foreign, Code: "damaged", Message: foreign, Retry: true, Dismiss: true, Download: true},
			{ID: 2, Now: now, At: now, Place: templates.Place{Kind: "mailbox", Name: "x"}, Code: "too-large", Dismiss: true},
		}},
		templates.SourcesPage{Shell: quiet},
		templates.LoginPage{Desk: foreign, Next: foreign, Name: foreign, Wrong: "wrong", Passwords: true, Ask: true},
		templates.LoginPage{Desk: "Helpdesk", Passwords: true}, templates.LoginPage{Desk: "Helpdesk"},
		templates.LoginPage{Desk: "Helpdesk", SignOn: "/login/sso?next=%2F", Wrong: "sso-away"},
		templates.LoginPage{Desk: "Helpdesk", SignOn: "/login/sso?next=%2F", Passwords: true},
		accountsPage(shell("accounts"), foreign), templates.AccountsPage{Shell: quiet, Wrong: "bad-name", Typed: foreign},
		accountPage(shell("accounts"), foreign), accountPage(quiet, foreign).closed(), accountPage(quiet, foreign).yours(true), accountPage(quiet, foreign).yours(false),
		templates.LinkPage{Desk: foreign, Secret: foreign},
		templates.SorryPage{Code: "fault", Number: "0123abcd"},
		templates.SorryPage{Code: "not-found"},
	}
	for _, r := range all {
		pages = append(pages, r)
	}
	return append(append(pages, statuses(foreign)...), asks(foreign)...)
}

func reportPage(foreign string, shell templates.Shell) templates.Page {
	took := ticket.Spread{N: 3, P50: 40 * time.Second, P90: 210 * time.Second, Max: time.Hour}
	return templates.ReportPage{
		Shell: shell, First: ago(24 * time.Hour), Last: now, CSV: "/reports?format=csv", Quick: []templates.QuickPeriod{{Days: 1, Here: true}, {Days: 7}},
		Report: ticket.Report{
			Came: 9, Waited: 8, Dead: 1, HandBacks: 2,
			Missed:      []ticket.Lost{{ID: 1, Name: foreign, Address: foreign, Note: foreign, Source: foreign, Came: ago(time.Hour), Ended: now}, {ID: 2, Address: foreign, Came: now, Ended: now}, {ID: 3}},
			Technicians: []ticket.TechnicianLine{{Name: foreign, Claims: 2, Help: took}, {Name: "x"}},
			Sources:     []ticket.SourceLine{{Name: foreign, Came: 2, Wait: took}, {Name: "x"}},
		},
		Times: []templates.Timing{{Name: "wait", Spread: took, Mid: 0.1, Most: 0.2, All: 0.3}, {Name: "connect"}, {Name: "help"}},
		Ticks: []templates.TimeTick{{At: 0.5, Time: time.Minute}},
		Ends:  []templates.EndCount{{End: "solved", Count: 3}, {End: "open", Count: 1}},
		Bars: []templates.HourBar{
			{HourLine: ticket.HourLine{Came: 3, Missed: 1, Wait: took}, Hour: 8, At: 0.3, Top: 30, Label: 25, Mark: 12},
			{HourLine: ticket.HourLine{Came: 1}, Hour: 9}, {Hour: 10},
		},
	}
}

func feeds(foreign string) templates.Feeds {
	return templates.Feeds{Now: now, Scan: true, Jump: ticket.Jump{By: -3 * time.Hour, Rest: 40 * time.Second}, Sent: &templates.Unsent{Waiting: 2, Lost: 1, Error: foreign},
		Still: []ticket.Still{{Ticket: 7, User: ticket.User{Name: foreign}, Closed: now}, {Ticket: 8, User: ticket.User{Address: foreign}}, {Ticket: 9}},
		Away: []templates.Feed{
			{Place: templates.Place{Kind: "share", Name: foreign}, State: "failing", Since: ago(time.Hour), Last: ago(2 * time.Hour), Next: in(40 * time.Second), Error: foreign},
			{Place: templates.Place{Kind: "mailbox", Name: "new"}, State: "new"},
		},
		Well: []templates.Feed{{Place: templates.Place{Kind: "mailbox", Name: foreign}, State: "ok", Last: ago(12 * time.Second)}},
	}
}

func details(foreign string) []templates.FeedDetail {
	f := feeds(foreign)
	return []templates.FeedDetail{
		{Feed: f.Away[0], Queued: 1, Repeated: 2, Refused: 3},
		{Feed: f.Away[1]},
		{Feed: f.Well[0], Mode: foreign},
	}
}

func came(foreign string) []templates.Arrival {
	return []templates.Arrival{
		{Place: templates.Place{Kind: "mailbox", Name: foreign}, At: ago(time.Hour), From: foreign},
		{Place: templates.Place{Kind: "upload"}, At: ago(time.Minute)},
	}
}

// rows shows one ticket in every state, to a technician and to a lead.
func rows(foreign string) []templates.Row {
	base := templates.Row{
		Now: now, ID: 431, Order: "1", State: "waiting", Since: ago(112 * time.Minute), Expires: in(8 * time.Minute), Soon: ago(time.Minute), Name: foreign, Address: foreign, Note: foreign,
		From: templates.Place{Kind: "mailbox", Name: foreign}, Can: templates.Can{Claim: true},
		Tags: []templates.Tag{{Flag: "doubtful-sender"}, {Flag: "name-mismatch", Who: foreign}, {Flag: "outside-networks"}, {Flag: "with-holder", Who: foreign}},
	}
	with := func(change func(*templates.Row)) templates.Row {
		r := base
		change(&r)
		return r
	}
	open := &templates.Open{
		Claim: 2, File: "ticket-431.msrcIncident", Size: 6246, Since: ago(time.Minute), Password: true, Endpoints: []string{foreign}, Words: foreign, Message: foreign,
		Came: came(foreign), PCName: foreign, Before: &templates.Before{Who: foreign, Reason: "no-answer", Note: foreign, At: ago(time.Hour)},
		UndoUntil: in(8 * time.Second), Others: []string{foreign}, Reasons: []string{"other"}, Ends: []string{"solved"},
	}
	told := func(verdict string, endpoints ...string) func(r *templates.Row) {
		return func(r *templates.Row) {
			o := *open
			r.State, r.Holder, r.Open = "claimed", &templates.Holder{Name: "ada", You: true, Since: ago(time.Minute)}, &o
			r.Tell(&templates.Check{Verdict: verdict, Endpoints: endpoints})
		}
	}
	code := *open
	code.Product, code.Password = "AnyDesk", false
	offer, easy, known := *open, *open, *open
	offer.Kind, offer.Call = "offer", foreign
	easy.Kind, easy.Call = "easyconnect", foreign
	known.Kind, known.Password = "easyconnect", false
	unreached := offer
	unreached.Call = ""
	fileless := func(o *templates.Open) templates.Row {
		return with(func(r *templates.Row) {
			r.State, r.Holder, r.Open = "claimed", &templates.Holder{Name: "ada", You: true, Since: ago(time.Minute)}, o
			r.Tags = []templates.Tag{{Flag: o.Kind}}
		})
	}
	connected := &templates.Open{Claim: 1, File: "f", Fetched: ago(time.Minute), Connected: ago(time.Minute), Since: ago(time.Hour)}
	connected.Before = &templates.Before{Who: "bob", Reason: "other", At: now}
	plain := *connected
	plain.Before = nil
	return []templates.Row{
		base,
		with(func(r *templates.Row) {
			r.State, r.Holder, r.Can = "claimed", &templates.Holder{Name: foreign, Since: ago(time.Minute)}, templates.Can{TakeOver: true, Close: true}
			r.Said = &templates.Said{Now: now, Code: "taken", Ticket: 1, Who: foreign}
		}),
		with(func(r *templates.Row) {
			r.State, r.Holder, r.Open = "claimed", &templates.Holder{Name: "ada", You: true, Since: ago(time.Minute)}, open
		}),
		with(func(r *templates.Row) {
			r.State, r.Holder, r.Open = "claimed", &templates.Holder{Name: "ada", You: true, Since: ago(time.Minute)}, &code
		}),
		with(func(r *templates.Row) {
			r.State, r.Holder, r.Open = "claimed", &templates.Holder{Name: "ada", You: true, Connected: ago(time.Minute)}, connected
		}),
		with(func(r *templates.Row) {
			r.State, r.Holder, r.Open = "claimed", &templates.Holder{Name: "ada", You: true, Connected: ago(time.Minute)}, &plain
		}),
		with(told("right", foreign, "10.0.0.1:1")), with(told("wrong")), with(told("unverifiable", foreign)),
		with(func(r *templates.Row) { r.State, r.Can = "quarantined", templates.Can{Decide: true} }),
		with(func(r *templates.Row) {
			r.State, r.Can = "quarantined", templates.Can{}
			r.Name, r.Address = "", foreign
		}),
		with(func(r *templates.Row) { r.Can = templates.Can{Claim: true, Ask: true}; r.NewUntil = in(time.Minute) }),
		with(func(r *templates.Row) {
			r.Can, r.Name, r.Address, r.Note = templates.Can{}, "", "", ""
			r.Expires, r.From = in(30*time.Minute), templates.Place{Kind: "upload"}
			r.Also = []templates.Place{{Kind: "share", Name: foreign}, {Kind: "upload"}}
		}),
		with(func(r *templates.Row) {
			r.State, r.Holder = "claimed", &templates.Holder{Name: foreign, Since: ago(time.Hour), Connected: ago(time.Minute)}
		}),
		with(func(r *templates.Row) {
			r.State, r.Holder, r.Expires = "claimed", &templates.Holder{Name: foreign, Since: ago(time.Hour), Silent: ago(time.Minute)}, in(9*time.Hour)
		}),
		fileless(&offer), fileless(&unreached), fileless(&easy), fileless(&known),
	}
}
