package web

import (
	"context"
	"io"
	"net/http"
	"slices"
	"time"

	"inviter/ticket"
)

// readiness is what /readyz says.
type readiness struct {
	Ready  bool       `json:"ready"`
	Missed []unserved `json:"not_served"`
	Outbox string     `json:"outbox"` // "ok", "stuck" while answers don't get out, "unknown"; it takes nobody's readiness away
}

type unserved struct {
	Name        string     `json:"name"` // "database", or a source's
	Why         string     `json:"why"`
	LastSuccess *time.Time `json:"last_success"`
}

func (readiness) forAPI() {}

// healthz says that the process is alive, nothing more.
func (s *Site) healthz(w http.ResponseWriter, _ *http.Request, _ caller) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n")
	return nil
}

// readyz says whether the database answers and every configured source had a
// complete pass within three periods, whoever watches it.
func (s *Site) readyz(w http.ResponseWriter, r *http.Request, _ caller) error {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	missed := s.missed(ctx)
	code := http.StatusOK
	if len(missed) > 0 {
		code = http.StatusServiceUnavailable
	}
	s.write(w, mediaJSON, code, readiness{Ready: len(missed) == 0, Missed: missed, Outbox: s.outboxWord(ctx)})
	return nil
}

func (s *Site) outboxWord(ctx context.Context) string {
	o, err := s.Queue.Outbox(ctx)
	switch {
	case err != nil:
		return "unknown"
	case o.Stuck(s.clock()):
		return "stuck"
	}
	return "ok"
}

// missed lists what isn't being served. It says no more than operators need:
// the page is open to anybody.
func (s *Site) missed(ctx context.Context) []unserved {
	list := []unserved{}
	sources, err := s.sources(ctx)
	if err != nil {
		return append(list, unserved{Name: "database", Why: "it does not answer"})
	}
	if j := s.jump(); j.Doubted() {
		list = append(list, unserved{Name: clockName, Why: j.String()})
	}
	now := s.clock()
	for _, f := range sources {
		if slices.Contains(s.Expected, f.Name) && !served(f, now) {
			list = append(list, unserved{Name: f.Name, Why: why(f), LastSuccess: moment(f.LastSuccess)})
		}
	}
	return list
}

func why(f ticket.SourceState) string {
	if f.LastSuccess.IsZero() {
		return "no complete pass yet"
	}
	return "no complete pass within three periods"
}
