package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"inviter/ticket"
)

// mostDays bounds a report.
const mostDays = 366

// period is what a report is about: whole days by the helpdesk's clock, or from
// one moment to another.
type period struct{ from, to time.Time }

// periodOf reads ?from&to: dates, both included, or moments (RFC 3339), of which
// to is not included. Without them it is the last seven days, today included.
func (s *Site) periodOf(q url.Values) (period, error) {
	today := midnight(s.clock().In(s.Zone))
	p := period{from: today.AddDate(0, 0, -6), to: today.AddDate(0, 0, 1)}
	var err error
	if text := q.Get("from"); text != "" {
		if p.from, err = s.moment(text, 0); err != nil {
			return p, badRequest("from")
		}
	}
	if text := q.Get("to"); text != "" {
		if p.to, err = s.moment(text, 1); err != nil {
			return p, badRequest("to")
		}
	}
	if !p.from.Before(p.to) || p.to.After(p.from.AddDate(0, 0, mostDays)) {
		return p, badRequest("from is before to, and at most 366 days")
	}
	return p, nil
}

// moment reads a date, some days on, or a moment.
func (s *Site) moment(text string, days int) (time.Time, error) {
	if d, err := time.ParseInLocation(time.DateOnly, text, s.Zone); err == nil {
		return d.AddDate(0, 0, days), nil
	}
	return time.Parse(time.RFC3339, text)
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// last is the last day of the period.
func (p period) last() time.Time { return p.to.Add(-time.Nanosecond) }

// report counts, one report at a time: a year of a busy helpdesk is work, and
// claims go first. Leads and auditors see all technicians, others their own line.
func (s *Site) report(ctx context.Context, p period, c caller) (ticket.Report, error) {
	select {
	case s.reporting <- struct{}{}:
		defer func() { <-s.reporting }()
	case <-ctx.Done():
		return ticket.Report{}, ctx.Err()
	}
	r, err := s.Queue.Report(ctx, p.from, p.to, s.Zone)
	if err != nil || c.Audits() {
		return r, err
	}
	var own []ticket.TechnicianLine
	for _, l := range r.Technicians {
		if l.Name == c.Name {
			own = append(own, l)
		}
	}
	r.Technicians = own
	return r, nil
}

// apiReports is GET /api/v1/reports.
func (s *Site) apiReports(w http.ResponseWriter, r *http.Request, c caller) error {
	p, err := s.periodOf(r.URL.Query())
	if err != nil {
		return err
	}
	report, err := s.report(r.Context(), p, c)
	if err != nil {
		return err
	}
	if !wantsCSV(r) {
		s.write(w, mediaJSON, http.StatusOK, reportFor(report))
		return nil
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", `attachment; filename="report-`+p.from.Format(time.DateOnly)+"-"+p.last().In(s.Zone).Format(time.DateOnly)+`.csv"`)
	return writeCSV(w, report)
}

// wantsCSV tells it by ?format=csv, for links, or by the Accept header.
func wantsCSV(r *http.Request) bool {
	return r.URL.Query().Get("format") == "csv" || strings.HasPrefix(strings.TrimSpace(r.Header.Get("Accept")), "text/csv")
}
