package web

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"inviter/ticket"
)

// metrics are numbers for operators. Gauges are read from the queue when they
// are asked for, so every process shows the same; claims are this process's own.
type metrics struct {
	queue   Queue
	now     func() time.Time
	claims  *prometheus.CounterVec
	wait    prometheus.Histogram
	tickets *prometheus.Desc
	last    *prometheus.Desc
	up      *prometheus.Desc
	deliver *prometheus.Desc
	pending *prometheus.Desc
	lost    *prometheus.Desc
	serve   http.Handler
}

func newMetrics(q Queue, now func() time.Time) *metrics {
	m := &metrics{
		queue: q,
		now:   now,
		claims: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "inviter_claims_total", Help: "Claims asked for, by what came of them."}, []string{"result"}),
		wait: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "inviter_wait_seconds", Help: "How long users waited for a claim.",
			Buckets: []float64{30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400}}),
		tickets: prometheus.NewDesc("inviter_tickets", "Tickets by state.", []string{"state"}, nil),
		last:    prometheus.NewDesc("inviter_source_last_success_timestamp_seconds", "End of the source's last complete pass.", []string{"source"}, nil),
		up:      prometheus.NewDesc("inviter_source_up", "1 while the source had a complete pass within three periods.", []string{"source"}, nil),
		deliver: prometheus.NewDesc("inviter_deliveries_total", "What became of what sources delivered.", []string{"source", "outcome"}, nil),
		pending: prometheus.NewDesc("inviter_outbox_pending", "Mails and webhook calls that wait to be sent, or to be tried again.", nil, nil),
		lost:    prometheus.NewDesc("inviter_outbox_lost", "Mails and webhook calls given up within the last day.", nil, nil),
	}
	r := prometheus.NewRegistry()
	r.MustRegister(m, m.claims, m.wait, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.serve = promhttp.HandlerFor(r, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
	return m
}

func (s *Site) metricsPage(w http.ResponseWriter, r *http.Request, _ caller) error {
	s.metrics.serve.ServeHTTP(w, r)
	return nil
}

// claimed counts one claim. asked is when it was asked for: a claim that was
// held already is no further wait.
func (m *metrics) claimed(t ticket.Ticket, err error, asked time.Time) {
	n, expected := refusal(err)
	switch {
	case err == nil:
		m.claims.WithLabelValues("claimed").Inc()
		if t.Claim != nil && !t.Claim.Since.Before(asked.Truncate(time.Millisecond)) {
			m.wait.Observe(t.Claim.Since.Sub(t.WaitingSince).Seconds())
		}
	case expected:
		m.claims.WithLabelValues(string(n.Code)).Inc()
	default:
		m.claims.WithLabelValues("fault").Inc()
	}
}

// Describe names the gauges that are read when asked for.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.tickets, m.last, m.up, m.deliver, m.pending, m.lost} {
		ch <- d
	}
}

// Collect reads them. What can't be read is left out rather than shown as zero.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if counts, err := m.queue.Counts(ctx); err == nil {
		for _, state := range ticket.States() {
			if n, ok := counts[state]; ok || !state.Ended() {
				ch <- prometheus.MustNewConstMetric(m.tickets, prometheus.GaugeValue, float64(n), string(state))
			}
		}
	}
	if o, err := m.queue.Outbox(ctx); err == nil {
		ch <- prometheus.MustNewConstMetric(m.pending, prometheus.GaugeValue, float64(o.Pending))
		ch <- prometheus.MustNewConstMetric(m.lost, prometheus.GaugeValue, float64(o.Lost))
	}
	sources, err := m.queue.Sources(ctx)
	if err != nil {
		return
	}
	for _, f := range sources {
		m.source(ch, f)
	}
}

func (m *metrics) source(ch chan<- prometheus.Metric, f ticket.SourceState) {
	up := 0.0
	if served(f, m.now()) {
		up = 1
	}
	ch <- prometheus.MustNewConstMetric(m.up, prometheus.GaugeValue, up, f.Name)
	if !f.LastSuccess.IsZero() {
		ch <- prometheus.MustNewConstMetric(m.last, prometheus.GaugeValue, float64(f.LastSuccess.UnixMilli())/1000, f.Name)
	}
	for outcome, n := range map[ticket.Outcome]int{
		ticket.Queued: f.Total.Queued, ticket.Repeated: f.Total.Repeated, ticket.Rejected: f.Total.Refused, ticket.Ignored: f.Total.Ignored,
	} {
		ch <- prometheus.MustNewConstMetric(m.deliver, prometheus.CounterValue, float64(n), f.Name, string(outcome))
	}
}
