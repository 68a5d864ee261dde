package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// past is which ended tickets a reader looks for, as the address says it.
type past struct {
	query    string
	from, to string // as they were given
	pick     Past
}

// pastOf reads ?q&from&to&after&limit: words, and dates or moments as reports
// have them.
func (s *Site) pastOf(q url.Values, l *templates.Language) (past, error) {
	p := past{query: queryOf(q), from: q.Get("from"), to: q.Get("to")}
	var err error
	if p.pick.Limit, err = limitOf(q); err != nil {
		return p, err
	}
	if p.from != "" {
		if p.pick.Since, err = s.moment(p.from, 0); err != nil {
			return p, badRequest("from")
		}
	}
	if p.to != "" {
		if p.pick.Until, err = s.moment(p.to, 1); err != nil {
			return p, badRequest("to")
		}
	}
	p.pick.After = q.Get("after")
	if p.query != "" {
		p.pick.Match = matcher(p.query, l)
	}
	return p, nil
}

// matcher finds every word of the query in a ticket's own words, or in ours for
// how it ended.
func matcher(query string, l *templates.Language) func(string, ticket.State, ticket.End) bool {
	sought := strings.Fields(strings.ToLower(query))
	return func(words string, state ticket.State, outcome ticket.End) bool {
		ours := strings.ToLower(l.Text("state." + string(state)))
		if outcome != "" {
			ours = strings.ToLower(l.Text("outcome." + string(outcome)))
		}
		for _, word := range sought {
			if !strings.Contains(words, word) && !strings.Contains(ours, word) {
				return false
			}
		}
		return true
	}
}

// more is the address of the next page, that begins after a place.
func (p past) more(after string) string {
	q := url.Values{"after": {after}, "limit": {strconv.Itoa(p.pick.Limit)}}
	for key, value := range map[string]string{"q": p.query, "from": p.from, "to": p.to} {
		if value != "" {
			q.Set(key, value)
		}
	}
	return "/history?" + q.Encode()
}

// historyPage is GET /history.
func (s *Site) historyPage(w http.ResponseWriter, r *http.Request, c caller) error {
	past, err := s.pastOf(r.URL.Query(), c.lang)
	if err != nil {
		return err
	}
	found, err := s.Queue.Ended(r.Context(), past.pick)
	if err != nil {
		return err
	}
	p := templates.HistoryPage{
		Query: past.query, First: day(past.pick.Since.In(s.Zone), past.from), Last: day(past.pick.Until.Add(-time.Nanosecond).In(s.Zone), past.to),
		Sought: past.query != "" || past.from != "" || past.to != "",
	}
	if p.Shell, err = s.shell(r.Context(), c, "history", c.lang.Text("page.history")); err != nil {
		return err
	}
	for _, t := range found.Tickets {
		p.Ended = append(p.Ended, s.ended(t))
	}
	if found.Next != "" {
		p.More, p.Further = past.more(found.Next), len(found.Tickets) < past.pick.Limit
	}
	s.page(w, c, http.StatusOK, p)
	return nil
}

// day is what a date field shows, "" where no date was given.
func day(t time.Time, given string) string {
	if given == "" {
		return ""
	}
	return t.Format(time.DateOnly)
}

func (s *Site) ended(t ticket.Ticket) templates.Ended {
	e := templates.Ended{
		Now: s.clock(), ID: int64(t.ID), Name: t.User.Name, Address: t.User.Address, State: string(t.State),
		Outcome: string(t.Outcome), Note: t.EndNote, Came: t.WaitingSince, At: t.EndedAt, From: templates.Place{Kind: upload},
	}
	if len(t.Deliveries) > 0 {
		e.From = place(t.Deliveries[0].Source)
	}
	return e
}
