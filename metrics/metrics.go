// Package metrics counts what studiobot does, for Prometheus: what comes in from
// Slack, what becomes of the links, how long browsers, SageMaker and the store
// take. Nobody but package studiobot imports it: the packages that do the work
// have small interfaces of their own, or are wrapped, and know nothing of it.
//
// definitions.go is the table of everything that is counted; docs/operations.md
// is made from it. A label has a bounded number of values by construction
// (labels.go): whatever an attacker, Slack or AWS sends, the number of series
// stays the same. No label holds a person, an address or a secret.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/studiobot/studiobot/audit"
)

// Metrics has a registry of its own. Its methods may be called from any
// goroutine, and cost no more than a few hundred nanoseconds.
type Metrics struct {
	registry *prometheus.Registry
	labels   *labels

	envelopes  *prometheus.CounterVec
	ack        prometheus.Histogram
	steps      *prometheus.CounterVec
	refusals   *prometheus.CounterVec
	requests   *prometheus.HistogramVec
	clickWait  prometheus.Histogram
	unclicked  prometheus.Counter
	aws        *prometheus.HistogramVec
	store      *prometheus.HistogramVec
	limited    *prometheus.CounterVec
	foreign    prometheus.Counter
	dropped    prometheus.Counter
	adminNotes *prometheus.CounterVec
}

// New returns Metrics of a build, for the domains of the config.
func New(version string, domains []string) *Metrics {
	r := prometheus.NewRegistry()
	m := &Metrics{
		registry:   r,
		labels:     newLabels(domains),
		envelopes:  counters(r, "slack_envelopes_total"),
		ack:        histograms(r, "slack_ack_seconds", prometheus.DefBuckets).WithLabelValues().(prometheus.Histogram),
		steps:      counters(r, "launch_steps_total"),
		refusals:   counters(r, "refusals_total"),
		requests:   histograms(r, "redirect_seconds", []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 5, 10, 15}),
		clickWait:  histograms(r, "click_wait_seconds", []float64{0, .05, .1, .25, .5, 1, 2, 5, 15, 30}).WithLabelValues().(prometheus.Histogram),
		unclicked:  counters(r, "click_missing_total").WithLabelValues(),
		aws:        histograms(r, "aws_call_seconds", []float64{.025, .05, .1, .25, .5, 1, 2, 4, 8, 12}),
		store:      histograms(r, "store_seconds", []float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5}),
		limited:    counters(r, "limited_total"),
		foreign:    counters(r, "scrapes_refused_total").WithLabelValues(),
		dropped:    counters(r, "slack_dropped_total").WithLabelValues(),
		adminNotes: counters(r, "admin_messages_total"),
	}
	gauges(r, "build_info").WithLabelValues(version).Set(1)
	for _, limit := range []string{"person", "refused", "alarm"} {
		m.limited.WithLabelValues(limit) // there from the start: rate() of nothing is nothing
	}
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Envelope notes that an envelope of Slack's was acknowledged: after how long, and
// whether that could be sent. kind is command, interactive, event or other.
func (m *Metrics) Envelope(kind string, took time.Duration, sent bool) {
	result := "acknowledged"
	switch {
	case !sent:
		result = "unsent"
	case took > 3*time.Second:
		result = "late"
	}
	m.envelopes.WithLabelValues(m.labels.kind(kind), result).Inc()
	if sent {
		m.ack.Observe(took.Seconds())
	}
}

// Dropped notes an envelope for which there was no room.
func (m *Metrics) Dropped() { m.dropped.Inc() }

// Audit notes a line of the audit trail.
func (m *Metrics) Audit(e audit.Entry) {
	m.steps.WithLabelValues(m.labels.step(e.Step), m.labels.domain(e.Domain)).Inc()
	if e.Step == audit.Refused || e.Step == audit.HandedBack || e.Step == audit.Burned {
		m.refusals.WithLabelValues(m.labels.reason(e.Reason)).Inc()
	}
}

// Arrived notes how long a browser that was sent to Studio had waited for its
// person's click; zero: the click came first.
func (m *Metrics) Arrived(waited time.Duration) { m.clickWait.Observe(max(0, waited.Seconds())) }

// Unclicked notes a browser whose click hadn't come in the time that a request
// waits for it.
func (m *Metrics) Unclicked() { m.unclicked.Inc() }

// Call notes a call to AWS.
func (m *Metrics) Call(operation, result string, took time.Duration) {
	m.aws.WithLabelValues(m.labels.operation(operation), m.labels.result(result)).Observe(took.Seconds())
}

// Stored notes a question to the store, or a write.
func (m *Metrics) Stored(operation string, failed bool, took time.Duration) {
	result := "ok"
	if failed {
		result = "error"
	}
	m.store.WithLabelValues(m.labels.operation(operation), result).Observe(took.Seconds())
}

// Limited notes that a limit of the config was hit: person, refused or alarm.
func (m *Metrics) Limited(limit string) { m.limited.WithLabelValues(m.labels.limit(limit)).Inc() }

// AdminMessage notes a message to the admins.
func (m *Metrics) AdminMessage(sent bool) {
	result := "sent"
	if !sent {
		result = "failed"
	}
	m.adminNotes.WithLabelValues(result).Inc()
}
