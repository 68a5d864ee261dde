package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"inviter/templates"
	"inviter/ticket"
)

// rowsPart is GET /rows?since=REVISION: what changed since, for an open page.
func (s *Site) rowsPart(w http.ResponseWriter, r *http.Request, c caller) error {
	v, err := viewOf(r)
	if err != nil {
		return err
	}
	p, err := s.part(r.Context(), v, c, since(r))
	if err != nil {
		return err
	}
	s.page(w, c, http.StatusOK, p)
	return nil
}

// since is the revision that the page has; -1 where it can't tell.
func since(r *http.Request) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// part is what changed after a revision: rows to merge, rows to drop, and the
// head. After more than changesAtOnce it is the whole list anew.
func (s *Site) part(ctx context.Context, v view, c caller, since int64) (templates.LinePart, error) {
	head, err := s.head(ctx, v, c)
	if err != nil {
		return templates.LinePart{}, err
	}
	p := templates.LinePart{Line: head}
	changed, revision, err := s.Queue.Changed(ctx, max(since, 0), changesAtOnce)
	switch {
	case err != nil:
	case since < 0, since > head.Revision, len(changed) == changesAtOnce: // the second: a backup was restored
		p.Line, _, err = s.line(ctx, v, c)
		p.All = true
	default:
		p.Line.Revision = revision
		err = s.apart(ctx, &p, changed, v, c)
	}
	if err != nil {
		return templates.LinePart{}, err
	}
	shell, err := s.shell(ctx, c, "", "")
	p.Feeds, p.Title = shell.Feeds, title(c, p.Line.Head)
	return p, err
}

// apart sorts changed tickets into rows of the view and those that left it.
func (s *Site) apart(ctx context.Context, p *templates.LinePart, changed []ticket.Ticket, v view, c caller) error {
	var stay []ticket.Ticket
	for _, t := range changed {
		if v.holds(t, c) {
			stay = append(stay, t)
		} else {
			p.Gone = append(p.Gone, templates.Gone{ID: int64(t.ID), Said: s.said(endCode(t), t)})
		}
	}
	slices.SortFunc(stay, func(a, b ticket.Ticket) int { return cmp.Compare(order(a), order(b)) })
	var err error
	p.Line.Rows, err = s.rows(ctx, stay, c, p.Line.Now)
	return err
}

// endCode is why a ticket left a list: its end, or that it moved on.
func endCode(t ticket.Ticket) string {
	if t.State.Ended() {
		return string(t.State)
	}
	return "moved"
}

// said is an answer about t, from what the ticket itself tells.
func (s *Site) said(code string, t ticket.Ticket) templates.Said {
	a := templates.Said{Now: s.clock(), Code: code, Ticket: int64(t.ID)}
	if t.Claim != nil {
		a.Who, a.Since, a.Until = t.Claim.Holder, t.Claim.Since, t.Claim.LeaseUntil
	}
	if t.Reserved != nil && code == string(ticket.CodeFirstRefusal) {
		a.Who, a.Until = t.Reserved.Holder, t.Reserved.Until
	}
	return a
}

// saidOf is an answer in the refusal's own words.
func (s *Site) saidOf(n no, id ticket.ID) *templates.Said {
	return &templates.Said{Now: s.clock(), Code: string(n.Code), Ticket: int64(id), Who: n.Holder, Since: n.Since, Until: n.Until}
}

// back is where a reader without script was, from the page's own address.
func back(r *http.Request) *url.URL {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host {
		return &url.URL{Path: "/"}
	}
	q := u.Query()
	q.Del("said")
	q.Del("about")
	u, err = url.Parse(safePath(u.Path))
	if err != nil {
		return &url.URL{Path: "/"}
	}
	u.RawQuery = q.Encode()
	return u
}

// remind puts the answer to what a reader without script did into its row, or
// returns it where no row has it. Only the code and the number come with the
// address; the words come from the ticket as it is.
func (s *Site) remind(r *http.Request, c caller, rows []templates.Row) (*templates.Said, error) {
	code := r.URL.Query().Get("said")
	if code == "" || !c.lang.Has("said."+code) {
		return nil, nil
	}
	n, err := strconv.ParseInt(r.URL.Query().Get("about"), 10, 64)
	if err != nil {
		return &templates.Said{Now: s.clock(), Code: code}, nil
	}
	t, err := s.Queue.Ticket(r.Context(), ticket.ID(n))
	if _, expected := refusal(err); expected {
		return &templates.Said{Now: s.clock(), Code: string(ticket.CodeUnknown)}, nil
	}
	if err != nil {
		return nil, err
	}
	a := s.said(code, t)
	if a.Who == "" && code == string(ticket.CodeTaken) { // free again meanwhile
		return nil, nil
	}
	for i := range rows {
		if rows[i].ID == n {
			rows[i].Said = &a
			return nil, nil
		}
	}
	return &a, nil
}
