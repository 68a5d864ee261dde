package web

import (
	"context"
	"net/http"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// lineup is what a view shows of the queue: its head, and its rows.
type lineup struct {
	templates.Line
	items []item
	next  string // what the next page begins after; "" on the last
}

// queuePage is GET /.
func (s *Site) queuePage(w http.ResponseWriter, r *http.Request, c caller) error {
	v, err := viewOf(r)
	if err != nil {
		return err
	}
	snap, err := s.board.at(r.Context())
	if err != nil {
		return err
	}
	picked, next := v.pick(snap, c, s.clock())
	line := lineup{items: items(picked, c), next: next}
	said, err := s.remind(r, c, line.items)
	if err != nil {
		return err
	}
	if v.sharable() && said == nil && !s.jump().Doubted() {
		b, err := s.sharedPage(r.Context(), v, snap, c, line.items, v.more(next))
		if err == nil {
			b.send(w, c)
		}
		return err
	}
	if line.Line, err = s.head(r.Context(), snap, v, c); err != nil {
		return err
	}
	p := templates.QueuePage{Line: line.Line, Works: c.MayClaim(), Said: said}
	if p.Shell, err = s.shell(r.Context(), c, "queue", title(c, line.Head)); err != nil {
		return err
	}
	p.Shell.Keys = true
	if v.show == showMissed {
		if p.Missed, line.next, err = s.missedList(r.Context(), v); err != nil {
			return err
		}
	}
	p.More = v.more(line.next)
	return s.listed(w, r, c, p, line.items)
}

// more is the address of the rows from next on; "" where there are none.
func (v view) more(next string) string {
	if next == "" {
		return ""
	}
	v.after = next
	return v.address()
}

// title counts along in the browser's tab.
func title(c caller, h templates.Head) string {
	if h.Waiting == 0 {
		return c.lang.Text("page.queue.nobody")
	}
	return c.lang.Count("page.queue", h.Waiting)
}

// line is the whole list that the view shows.
func (s *Site) line(ctx context.Context, v view, c caller) (lineup, error) {
	snap, err := s.board.at(ctx)
	if err != nil {
		return lineup{}, err
	}
	out := lineup{}
	if out.Line, err = s.head(ctx, snap, v, c); err != nil || v.show == showMissed {
		return out, err
	}
	picked, next := v.pick(snap, c, out.Now)
	out.next, out.items = next, items(picked, c)
	return out, nil
}

// head is a line without its rows.
func (s *Site) head(ctx context.Context, snap *snapshot, v view, c caller) (templates.Line, error) {
	now := s.clock()
	g := snap.glanced(now)
	line := templates.Line{
		Now: now, Revision: snap.revision, Show: v.show, Query: v.query, After: v.after, Limit: v.limit,
		Head: templates.Head{Waiting: g.waiting, Ending: g.ending, Soonest: g.soonest},
		Next: c.MayClaim() && g.waiting > 0,
	}
	if g.waiting > 0 && now.Sub(g.longest) >= time.Minute {
		line.Head.Longest = g.longest
	}
	missed, err := s.missedLately(ctx, snap)
	counts := map[string]int{
		showWaiting: g.waiting, showMine: g.claimed[c.Name], showAll: g.waiting + g.held + g.quarantined,
		showMissed: missed, showToCheck: g.quarantined,
	}
	for _, show := range shows() {
		line.Tabs = append(line.Tabs, templates.Tab{Show: show, Count: counts[show], Here: show == v.show})
	}
	return line, err
}

// items are entries as the reader sees them.
func items(entries []*entry, c caller) []item {
	list := make([]item, len(entries))
	for i, e := range entries {
		list[i] = item{entry: e, mine: e.Claim != nil && e.Claim.Holder == c.Name}
	}
	return list
}

// ownRow is a ticket's row made for one reader, opened if it is theirs.
func (s *Site) ownRow(ctx context.Context, t ticket.Ticket, c caller, now time.Time) (templates.Row, error) {
	row := s.row(t, c, now)
	if !row.Yours() {
		return row, nil
	}
	staff, err := s.Staff(ctx)
	if err == nil {
		row.Open, err = s.open(ctx, t, c, staff, now)
	}
	return row, err
}

// missedList is those that nobody claimed in time, the latest first.
func (s *Site) missedList(ctx context.Context, v view) ([]templates.Ended, string, error) {
	page, err := s.Queue.Ended(ctx, Past{Missed: true, Since: s.clock().Add(-missedFor), After: v.after, Limit: v.limit})
	if err != nil {
		return nil, "", err
	}
	var list []templates.Ended
	for _, t := range page.Tickets {
		list = append(list, s.ended(t))
	}
	return list, page.Next, nil
}

// shell is what stands around every page.
func (s *Site) shell(ctx context.Context, c caller, here, title string) (templates.Shell, error) {
	f, err := s.bearings(ctx)
	if err != nil {
		return templates.Shell{}, err
	}
	return s.shellOf(f, c, here, title), nil
}

func (s *Site) shellOf(f *bearings, c caller, here, title string) templates.Shell {
	now := s.clock()
	shell := templates.Shell{Title: title, Here: here, Name: c.Name, Invites: c.MayClaim(), Now: now, Feeds: feeds(s.sourcesOf(f, now), c, now)}
	shell.Feeds.Jump, shell.Feeds.Sent, shell.Feeds.Still = s.jump(), unsent(f.sent, now), f.still
	if s.Accounts != nil {
		shell.Self, shell.Admin = accountPath(c.Name), c.Role == ticket.RoleAdmin
	}
	return shell
}

// unsent is what the pages say of answers that don't get out; nil while they do.
func unsent(o ticket.OutboxState, now time.Time) *templates.Unsent {
	if !o.Stuck(now) {
		return nil
	}
	return &templates.Unsent{Waiting: o.Trying, Lost: o.Lost, Error: o.LastError}
}
