package web

import (
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
	return s.listed(w, r, c, p.LinePart, p.items)
}

// since is the revision that the page has; -1 where it can't tell.
func since(r *http.Request) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// part is what changed in a list, with the rows to merge into it.
type part struct {
	templates.LinePart
	items []item
}

// part is what changed after a revision: rows to merge, rows to drop, and the
// head. After more than changesAtOnce it is the whole list anew.
func (s *Site) part(ctx context.Context, v view, c caller, since int64) (part, error) {
	snap, err := s.board.at(ctx)
	if err != nil {
		return part{}, err
	}
	p := part{}
	if p.Line, err = s.head(ctx, snap, v, c); err != nil {
		return part{}, err
	}
	changed, revision, err := s.Queue.Changed(ctx, max(since, 0), changesAtOnce)
	switch {
	case err != nil:
	case since < 0, since > snap.revision, len(changed) == changesAtOnce: // the second: a backup was restored
		var whole lineup
		whole, err = s.line(ctx, v, c)
		p.Line, p.items, p.All = whole.Line, whole.items, true
	default:
		p.Line.Revision = revision
		s.apart(&p, changed, v, c)
	}
	if err != nil {
		return part{}, err
	}
	shell, err := s.shell(ctx, c, "", "")
	p.Feeds, p.Title = shell.Feeds, title(c, p.Line.Head)
	return p, err
}

// apart sorts changed tickets into rows of the view and those that left it.
func (s *Site) apart(p *part, changed []ticket.Ticket, v view, c caller) {
	var stay []*entry
	snap := s.board.last.Load()
	for _, t := range changed {
		e := snap.find(t)
		if v.finds(e, c, p.Line.Now) {
			stay = append(stay, e)
		} else {
			p.Gone = append(p.Gone, templates.Gone{ID: int64(t.ID), Said: s.said(endCode(t), t)})
		}
	}
	slices.SortFunc(stay, inLine)
	p.items = items(stay, c)
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
func (s *Site) remind(r *http.Request, c caller, items []item) (*templates.Said, error) {
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
	for i := range items {
		row, err := s.rowOf(r.Context(), &items[i], t.ID, c)
		if row == nil || err != nil {
			continue
		}
		row.Said = &a
		return nil, nil
	}
	return &a, nil
}
