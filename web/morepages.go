package web

import (
	"net/http"
	"strings"

	"inviter/templates"
	"inviter/ticket"
)

// sourcesPage is GET /sources.
func (s *Site) sourcesPage(w http.ResponseWriter, r *http.Request, c caller) error {
	list, err := s.sources(r.Context())
	if err != nil {
		return err
	}
	p := templates.SourcesPage{}
	if p.Shell, err = s.shell(r.Context(), c, "sources", c.lang.Text("page.sources")); err != nil {
		return err
	}
	for _, f := range list {
		p.Feeds = append(p.Feeds, templates.FeedDetail{
			Feed: feedOf(f), Mode: f.Mode, Queued: f.Total.Queued, Repeated: f.Total.Repeated, Refused: f.Total.Refused,
		})
	}
	check, err := s.Queue.List(r.Context(), Filter{States: []ticket.State{ticket.Quarantined}, Limit: 200})
	if err != nil {
		return err
	}
	for _, t := range check.Tickets {
		p.ToCheck = append(p.ToCheck, s.row(t, c, p.Shell.Now))
	}
	if c.MayClaim() {
		if p.Refused, err = s.refusedLines(r, c); err != nil {
			return err
		}
	}
	if p.Said, err = s.remind(r, c, nil); err != nil {
		return err
	}
	s.page(w, c, http.StatusOK, p)
	return nil
}

func (s *Site) refusedLines(r *http.Request, c caller) ([]templates.RefusedLine, error) {
	list, err := s.Queue.Refusals(r.Context())
	if err != nil {
		return nil, err
	}
	const most = 200
	var lines []templates.RefusedLine
	for _, i := range list[:min(len(list), most)] {
		lines = append(lines, templates.RefusedLine{
			ID: i.ID, Now: s.clock(), At: i.At, Place: place(i.Source), Item: called(i), From: i.From, Code: string(i.Code), Message: i.Message,
			Retry: i.Kept > 0 && c.Retries(), Dismiss: c.Dismisses(), Download: i.Kept > 0 && c.Dismisses(),
		})
	}
	return lines, nil
}

// called is a refused item's name, without what a share adds to tell a file
// from others of that name: its size, time and content are nothing to read.
func called(i ticket.RefusedItem) string {
	if at := strings.LastIndexByte(i.Item, '#'); at > 0 && place(i.Source).Kind == "share" {
		return i.Item[:at]
	}
	return i.Item
}
