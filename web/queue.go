package web

import (
	"context"
	"net/http"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

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
	var list []templates.Row
	mine := false
	for _, t := range tickets {
		list = append(list, s.row(t, c, now))
		mine = mine || list[len(list)-1].Yours()
	}
	if !mine {
		return list, nil
	}
	staff, err := s.Staff(ctx)
	for i := 0; i < len(list) && err == nil; i++ {
		if list[i].Yours() {
			list[i].Open, err = s.open(ctx, tickets[i], c, staff, now)
		}
	}
	return list, err
}

// shell is what stands around every page.
func (s *Site) shell(ctx context.Context, c caller, here, title string) (templates.Shell, error) {
	list, err := s.sources(ctx)
	now := s.clock()
	shell := templates.Shell{Title: title, Here: here, Name: c.Name, Now: now, Feeds: feeds(list, c, now)}
	shell.Feeds.Jump = s.jump()
	if err == nil {
		shell.Feeds.Sent, err = s.unsent(ctx, now)
	}
	if s.Accounts != nil {
		shell.Self, shell.Admin = accountPath(c.Name), c.Role == ticket.RoleAdmin
	}
	return shell, err
}

// unsent is what the pages say of answers that don't get out; nil while they do.
func (s *Site) unsent(ctx context.Context, now time.Time) (*templates.Unsent, error) {
	o, err := s.Queue.Outbox(ctx)
	if err != nil || !o.Stuck(now) {
		return nil, err
	}
	return &templates.Unsent{Waiting: o.Trying, Lost: o.Lost, Error: o.LastError}, nil
}
