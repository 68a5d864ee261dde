package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"inviter/ticket"
)

// lateAfter is how many periods without a complete pass make a source late.
const lateAfter = 3

// clockName is the line among the sources that stands there while the
// computer's clock isn't believed.
const clockName = "clock"

// sources are all configured sources and any other that has a state, each as
// it is now: one that has gone quiet is late, whatever it wrote down last.
func (s *Site) sources(ctx context.Context) ([]ticket.SourceState, error) {
	list, err := s.Queue.Sources(ctx)
	if err != nil {
		return nil, err
	}
	return s.standing(list, s.clock()), nil
}

// standing is that of a list as it was read; the list is changed.
func (s *Site) standing(list []ticket.SourceState, now time.Time) []ticket.SourceState {
	for i := range list {
		if list[i].State == ticket.SourceOK && !served(list[i], now) {
			list[i].State, list[i].Since = ticket.SourceLate, list[i].LastSuccess
		}
	}
	for _, name := range s.Expected {
		if !slices.ContainsFunc(list, func(f ticket.SourceState) bool { return f.Name == name }) {
			list = append(list, ticket.SourceState{Name: name, State: ticket.SourceLate})
		}
	}
	slices.SortFunc(list, byName)
	return list
}

// jump is that of the computer's clock, if there is one to tell of.
func (s *Site) jump() ticket.Jump {
	if s.ClockJump == nil {
		return ticket.Jump{}
	}
	return s.ClockJump()
}

func byName(a, b ticket.SourceState) int {
	switch {
	case a.Name < b.Name:
		return -1
	case a.Name > b.Name:
		return 1
	}
	return 0
}

// served tells whether a source had a complete pass within three periods.
func served(f ticket.SourceState, now time.Time) bool {
	return !f.LastSuccess.IsZero() && now.Sub(f.LastSuccess) <= lateAfter*f.Period
}

// apiSources is GET /sources.
func (s *Site) apiSources(w http.ResponseWriter, r *http.Request, _ caller) error {
	list, err := s.sources(r.Context())
	if err != nil {
		return err
	}
	out := sourcesJSON{Sources: []sourceJSON{}}
	for _, f := range list {
		out.Sources = append(out.Sources, sourceFor(f))
	}
	if j := s.jump(); j.Doubted() {
		out.Sources = append(out.Sources, sourceFor(ticket.SourceState{Name: clockName, State: ticket.SourceFailing, LastError: j.String()}))
	}
	s.write(w, mediaJSON, http.StatusOK, out)
	return nil
}

// apiScan is POST /sources/{name}/scan: asked for, not awaited.
func (s *Site) apiScan(w http.ResponseWriter, r *http.Request, _ caller) error {
	if err := s.scan(r); err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

func (s *Site) scan(r *http.Request) error {
	name := r.PathValue("name")
	list, err := s.sources(r.Context())
	switch {
	case err != nil:
		return err
	case !slices.ContainsFunc(list, func(f ticket.SourceState) bool { return f.Name == name }):
		return &ticket.Refusal{Code: ticket.CodeUnknown, Detail: "no source has this name"}
	case s.Scan == nil:
		return &ticket.Refusal{Code: codeUnavailable, Detail: "sources can't be reached from here"}
	}
	return s.Scan(r.Context(), name)
}
