package web

import (
	"math"
	"net/http"
	"net/url"
	"time"

	"inviter/templates"
	"inviter/ticket"
)

// reportsPage is GET /reports.
func (s *Site) reportsPage(w http.ResponseWriter, r *http.Request, c caller) error {
	p, err := s.periodOf(r.URL.Query())
	if err != nil {
		return err
	}
	if wantsCSV(r) {
		return s.apiReports(w, r, c)
	}
	report, err := s.report(r.Context(), p, c)
	if err != nil {
		return err
	}
	page := templates.ReportPage{Report: report, First: p.from.In(s.Zone), Last: p.last().In(s.Zone), Everybody: c.Audits()}
	page.CSV = "/reports?" + url.Values{"from": {r.URL.Query().Get("from")}, "to": {r.URL.Query().Get("to")}, "format": {"csv"}}.Encode()
	today := midnight(s.clock().In(s.Zone))
	for _, days := range []int{1, 7, 30} {
		from := today.AddDate(0, 0, 1-days)
		page.Quick = append(page.Quick, templates.QuickPeriod{
			Days: days, Here: p.from.Equal(from) && p.to.Equal(today.AddDate(0, 0, 1)),
			Query: url.Values{"from": {from.Format(time.DateOnly)}, "to": {today.Format(time.DateOnly)}}.Encode(),
		})
	}
	page.Times, page.Ticks = timings(report)
	page.Bars = bars(report.Hours)
	page.Ends = reportEnds(report)
	if page.Shell, err = s.shell(r.Context(), c, "reports", c.lang.Text("page.reports")); err != nil {
		return err
	}
	s.page(w, c, http.StatusOK, page)
	return nil
}

// timings draws wait, connect and help on one ruler that gives minutes room:
// ln(1 + minutes), two hours at least.
func timings(r ticket.Report) ([]templates.Timing, []templates.TimeTick) {
	top := max(2*time.Hour, r.Wait.Max, r.Connect.Max, r.Help.Max)
	at := func(d time.Duration) float64 { return math.Log1p(d.Minutes()) / math.Log1p(top.Minutes()) }
	var list []templates.Timing
	for _, t := range []struct {
		name string
		ticket.Spread
	}{{"wait", r.Wait}, {"connect", r.Connect}, {"help", r.Help}} {
		list = append(list, templates.Timing{Name: t.name, Spread: t.Spread, Mid: at(t.P50), Most: at(t.P90), All: at(t.Max)})
	}
	var ticks []templates.TimeTick
	for _, d := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour} {
		if x := at(d); x < 0.95 {
			ticks = append(ticks, templates.TimeTick{At: x, Time: d})
		}
	}
	return list, ticks
}

// bars draws the hours of arrival beside each other, the fullest hour highest.
func bars(hours [24]ticket.HourLine) []templates.HourBar {
	most := 1
	for _, h := range hours {
		most = max(most, h.Came)
	}
	var list []templates.HourBar
	for i, h := range hours {
		top := 110 - 80*h.Came/most
		list = append(list, templates.HourBar{HourLine: h, Hour: i, At: (float64(i) + 0.5) / 24, Top: top, Label: top - 5, Mark: top - 18})
	}
	return list
}

// reportEnds lists how tickets ended, in the order of a ticket's life.
func reportEnds(r ticket.Report) []templates.EndCount {
	var list []templates.EndCount
	for _, e := range []string{"solved", "unsolved", "no-answer", "misuse", "withdrawn", "superseded", "expired", "refused", "open"} {
		if n := r.Ends[e]; n > 0 {
			list = append(list, templates.EndCount{End: e, Count: n})
		}
	}
	return list
}
