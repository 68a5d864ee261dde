package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

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
