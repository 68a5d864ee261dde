package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// The tabs of the queue, in their order.
const (
	showOpen    = "open"
	showWaiting = "waiting"
	showMine    = "mine"
	showOthers  = "with-others"
	showToCheck = "to-check"
)

// view is which part of the queue a reader looks at.
type view struct {
	show  string
	query string
	after string
	limit int
}

func viewOf(r *http.Request) (view, error) {
	limit, err := limitOf(r)
	if err != nil {
		return view{}, err
	}
	q := r.URL.Query()
	v := view{show: q.Get("show"), query: strings.TrimSpace(q.Get("q")), after: q.Get("after"), limit: limit}
	if !slices.Contains([]string{showOpen, showWaiting, showMine, showOthers, showToCheck}, v.show) {
		v.show = showOpen
	}
	const longest = 200
	if len(v.query) > longest {
		v.query = strings.ToValidUTF8(v.query[:longest], "")
	}
	return v, nil
}

// states that the view's tab is about.
func (v view) states() []ticket.State {
	switch v.show {
	case showWaiting:
		return []ticket.State{ticket.Waiting}
	case showMine, showOthers:
		return []ticket.State{ticket.Claimed}
	case showToCheck:
		return []ticket.State{ticket.Quarantined}
	}
	return []ticket.State{ticket.Waiting, ticket.Claimed, ticket.Quarantined}
}

// holds tells whether the view shows t to the reader.
func (v view) holds(t ticket.Ticket, c caller) bool {
	if !slices.Contains(v.states(), t.State) {
		return false
	}
	mine := t.Claim != nil && t.Claim.Holder == c.Name
	if v.show == showMine && !mine || v.show == showOthers && mine {
		return false
	}
	return v.query == "" || matches(t, v.query)
}

// matches finds every word of the query in what a row shows.
func matches(t ticket.Ticket, query string) bool {
	hay := []string{t.ID.String(), t.User.Name, t.User.Address, t.User.Phone, t.ClaimedName, t.Note}
	for _, d := range t.Deliveries {
		hay = append(hay, d.Source)
	}
	if t.Claim != nil {
		hay = append(hay, t.Claim.Holder)
	}
	text := strings.ToLower(strings.Join(hay, "\n"))
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// address is the page that shows the view.
func (v view) address() string {
	q := url.Values{}
	if v.show != showOpen {
		q.Set("show", v.show)
	}
	if v.query != "" {
		q.Set("q", v.query)
	}
	if v.after != "" {
		q.Set("after", v.after)
	}
	if v.limit != 200 {
		q.Set("limit", strconv.Itoa(v.limit))
	}
	return (&url.URL{Path: "/", RawQuery: q.Encode()}).String()
}

// maxLooked bounds how many tickets one filtered page looks through.
const maxLooked = 20_000

// list collects the view's tickets: what the queue has of the tab's states,
// less what the filter leaves out.
func (s *Site) list(ctx context.Context, v view, c caller) (Page, error) {
	filtered := v.query != "" || v.show == showMine || v.show == showOthers
	ask := Filter{States: v.states(), After: v.after, Limit: v.limit}
	if !filtered {
		return s.Queue.List(ctx, ask)
	}
	ask.Limit = 1000
	var out Page
	for looked := 0; looked < maxLooked; looked += ask.Limit {
		page, err := s.Queue.List(ctx, ask)
		if err != nil {
			return Page{}, err
		}
		if looked == 0 {
			out.Revision = page.Revision
		}
		for _, t := range page.Tickets {
			if v.holds(t, c) {
				out.Tickets = append(out.Tickets, t)
			}
		}
		if page.Next == "" || len(out.Tickets) >= v.limit {
			out.Next = page.Next
			return out, nil
		}
		ask.After = page.Next
	}
	return out, nil
}

// queuePage is GET /.
func (s *Site) queuePage(w http.ResponseWriter, r *http.Request, c caller) error {
	v, err := viewOf(r)
	if err != nil {
		return err
	}
	line, next, err := s.line(r.Context(), v, c)
	if err != nil {
		return err
	}
	p := templates.QueuePage{Line: line}
	if p.Shell, err = s.shell(r.Context(), c, "queue", title(c, line.Head)); err != nil {
		return err
	}
	p.Shell.Keys = true
	if next != "" {
		v.after = next
		p.More = v.address()
	}
	p.Said, err = s.remind(r, c, p.Line.Rows)
	if err != nil {
		return err
	}
	s.page(w, c, http.StatusOK, p)
	return nil
}

// title counts along in the browser's tab.
func title(c caller, h templates.Head) string {
	if h.Waiting == 0 {
		return c.lang.Text("page.queue.nobody")
	}
	return c.lang.Count("page.queue", h.Waiting)
}

// line is the whole list that the view shows.
func (s *Site) line(ctx context.Context, v view, c caller) (templates.Line, string, error) {
	page, err := s.list(ctx, v, c)
	if err != nil {
		return templates.Line{}, "", err
	}
	line, err := s.head(ctx, v, c)
	if err != nil {
		return templates.Line{}, "", err
	}
	line.Revision = page.Revision
	line.Rows, err = s.rows(ctx, page.Tickets, c, line.Now)
	return line, page.Next, err
}

// head is a line without its rows.
func (s *Site) head(ctx context.Context, v view, c caller) (templates.Line, error) {
	sum, err := s.summary.at(ctx)
	if err != nil {
		return templates.Line{}, err
	}
	now := s.clock()
	line := templates.Line{Now: now, Revision: sum.revision, Show: v.show, Query: v.query, After: v.after, Head: templates.Head{Waiting: sum.counts[ticket.Waiting]}}
	line.Head.Ending, line.Head.Soonest = sum.ending(now)
	if len(sum.waiting) > 0 && now.Sub(sum.waiting[0].WaitingSince) >= time.Minute {
		line.Head.Longest = sum.waiting[0].WaitingSince
	}
	line.Next = c.MayClaim() && line.Head.Waiting > 0
	line.Tabs = tabs(sum, v.show, c)
	return line, nil
}

func tabs(sum *summary, show string, c caller) []templates.Tab {
	waiting, claimed, check := sum.counts[ticket.Waiting], sum.counts[ticket.Claimed], sum.counts[ticket.Quarantined]
	mine := sum.mine(c.Name)
	list := []templates.Tab{
		{Show: showOpen, Count: waiting + claimed + check},
		{Show: showWaiting, Count: waiting},
		{Show: showMine, Count: mine},
		{Show: showOthers, Count: claimed - mine},
		{Show: showToCheck, Count: check},
	}
	for i := range list {
		list[i].Here = list[i].Show == show
	}
	return list
}

// rows are tickets as the reader sees them, their own opened in place.
func (s *Site) rows(ctx context.Context, tickets []ticket.Ticket, c caller, now time.Time) ([]templates.Row, error) {
	var staff []ticket.Technician
	var list []templates.Row
	for _, t := range tickets {
		row := s.row(t, c, now)
		if row.Yours() {
			history, err := s.Queue.History(ctx, t.ID)
			if err != nil {
				return nil, err
			}
			if staff == nil {
				if staff, err = s.Staff(ctx); err != nil {
					return nil, err
				}
			}
			row = s.opened(row, t, c, history, staff)
		}
		list = append(list, row)
	}
	return list, nil
}

// shell is what stands around every page.
func (s *Site) shell(ctx context.Context, c caller, here, title string) (templates.Shell, error) {
	list, err := s.sources(ctx)
	now := s.clock()
	return templates.Shell{Title: title, Here: here, Name: c.Name, Now: now, Feeds: feeds(list, c, now)}, err
}
