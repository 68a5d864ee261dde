package web

import (
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
	showWaiting = "waiting" // and what the reader holds: a claimed row stays in place
	showMine    = "mine"
	showAll     = "all"
	showMissed  = "missed" // ended unclaimed, lately
	showToCheck = "quarantine"
)

func shows() []string {
	return []string{showWaiting, showMine, showAll, showMissed, showToCheck}
}

// view is which part of the queue a reader looks at.
type view struct {
	show  string
	query string
	after string
	limit int
}

func viewOf(r *http.Request) (view, error) {
	limit, err := limitOf(r.URL.Query())
	if err != nil {
		return view{}, err
	}
	q := r.URL.Query()
	v := view{show: q.Get("show"), query: queryOf(q), after: q.Get("after"), limit: limit}
	if !slices.Contains(shows(), v.show) {
		v.show = showAll
	}
	if v.show != showMissed && v.after != "" && !isOrder(v.after) {
		return view{}, badRequest("after")
	}
	return v, nil
}

// queryOf is what a reader searches for.
func queryOf(q url.Values) string {
	const longest = 200
	query := strings.TrimSpace(q.Get("q"))
	return strings.ToValidUTF8(query[:min(len(query), longest)], "")
}

// holds tells whether the view shows t to the reader at that moment.
func (v view) holds(t ticket.Ticket, c caller, now time.Time) bool {
	return v.finds(newEntry(t), c, now)
}

func (v view) finds(e *entry, c caller, now time.Time) bool {
	if e.State.Ended() || !e.live(now) {
		return false
	}
	mine := e.Claim != nil && e.Claim.Holder == c.Name
	switch {
	case v.show == showWaiting && e.State != ticket.Waiting && !mine,
		v.show == showMine && !mine,
		v.show == showMissed,
		v.show == showToCheck && e.State != ticket.Quarantined:
		return false
	}
	return v.query == "" || e.matches(strings.ToLower(v.query), c.lang)
}

// matches finds every word of the query in what a row shows: the ticket's own
// words, or ours for its state and flags in the reader's language.
func (e *entry) matches(query string, l *templates.Language) bool {
	for word := range strings.FieldsSeq(query) {
		if !strings.Contains(e.text(), word) && !e.saysOfItself(word, l) {
			return false
		}
	}
	return true
}

func (e *entry) saysOfItself(word string, l *templates.Language) bool {
	if strings.Contains(strings.ToLower(l.Text("state."+string(e.State))), word) {
		return true
	}
	for _, f := range e.Flags {
		if strings.Contains(strings.ToLower(l.Text("flag."+string(f))), word) {
			return true
		}
	}
	return false
}

// address is the page that shows the view.
func (v view) address() string {
	q := url.Values{}
	if v.show != showAll {
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

// pick is the part of the line that the view shows, and where the next page begins.
func (v view) pick(s *snapshot, c caller, now time.Time) (picked []*entry, next string) {
	for _, e := range s.line {
		if v.after != "" && e.order <= v.after || !v.finds(e, c, now) {
			continue
		}
		if len(picked) == v.limit {
			return picked, picked[v.limit-1].order
		}
		picked = append(picked, e)
	}
	return picked, ""
}
