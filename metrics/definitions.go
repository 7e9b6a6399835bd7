package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
)

// prefix is what every name begins with.
const prefix = "studiobot_"

// Definition is one row of the table.
type Definition struct {
	// Name is the full one. Histograms have it with _bucket, _sum and _count.
	Name string
	// Kind is counter, gauge or histogram.
	Kind   string
	Labels []string
	Help   string
}

// Definitions lists everything that is counted, besides what Prometheus' own
// library says of the process (process_…) and of the Go runtime (go_…).
func Definitions() []Definition {
	return []Definition{
		{"studiobot_build_info", "gauge", []string{"version"}, "1; the label says which build runs."},
		{"studiobot_slack_envelopes_total", "counter", []string{"kind", "result"}, "Envelopes from Slack: commands (kind command), clicks and forms (interactive), events. Result: acknowledged in time, late (after 3 seconds), or unsent."},
		{"studiobot_slack_ack_seconds", "histogram", nil, "From the arrival of an envelope to its acknowledgement. Slack waits 3 seconds."},
		{"studiobot_slack_dropped_total", "counter", nil, "Envelopes for which there was no room at all."},
		{"studiobot_slack_sockets", "gauge", nil, "Open connections to Slack; 2 while all is well, 0 is deaf."},
		{"studiobot_slack_app_connections", "gauge", nil, "Connections that all processes of the Slack app have, as Slack said on the last hello. More than this process's own, steadily: another process takes commands away."},
		{"studiobot_launch_steps_total", "counter", []string{"step", "domain"}, "Lines of the audit trail: tickets by outcome. The steps are those of docs/audit.md; a domain is named as in the config."},
		{"studiobot_refusals_total", "counter", []string{"reason"}, "Refused, handed back and burned, by the fixed phrase of the audit trail."},
		{"studiobot_redirect_seconds", "histogram", []string{"result"}, "Requests of browsers, waits for the click included. Result: redirected (302 or 303), page, refused (4xx), limited (429), failed (5xx)."},
		{"studiobot_click_wait_seconds", "histogram", nil, "How long a browser that opened Studio had waited for Slack to report the click; 0: the click came first."},
		{"studiobot_click_missing_total", "counter", nil, "Browsers that were shown the waiting page, because the click hadn't arrived after 2 seconds."},
		{"studiobot_aws_call_seconds", "histogram", []string{"operation", "result"}, "Calls to AWS with their retries. Result: ok, throttled, forbidden, not_found, refused, unavailable, canceled."},
		{"studiobot_mapping_age_seconds", "gauge", []string{"source", "domain"}, "Age of a source's copy. A source that is read right when it changes (file) has none."},
		{"studiobot_directory_age_seconds", "gauge", nil, "Since the whole workspace was read last; absent until then."},
		{"studiobot_directory_people", "gauge", nil, "People of the workspace that are known."},
		{"studiobot_store_seconds", "histogram", []string{"operation", "result"}, "Questions and writes to the store. Result: ok, error."},
		{"studiobot_limited_total", "counter", []string{"limit"}, "Limits that were hit: person and refused refuse; alarm refuses nobody."},
		{"studiobot_admin_messages_total", "counter", []string{"result"}, "Direct messages to access.admins about alarms and sessions: sent, failed."},
		{"studiobot_scrapes_refused_total", "counter", nil, "Requests to the private listener that were refused."},
	}
}

// define returns a row, by its name without the prefix.
func define(name string) Definition {
	for _, d := range Definitions() {
		if d.Name == prefix+name {
			return d
		}
	}
	panic("no definition of the metric " + name) // a slip of ours, found by every test
}

func counters(r prometheus.Registerer, name string) *prometheus.CounterVec {
	d := define(name)
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: d.Name, Help: d.Help}, d.Labels)
	r.MustRegister(v)
	return v
}

func gauges(r prometheus.Registerer, name string) *prometheus.GaugeVec {
	d := define(name)
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: d.Name, Help: d.Help}, d.Labels)
	r.MustRegister(v)
	return v
}

func histograms(r prometheus.Registerer, name string, buckets []float64) *prometheus.HistogramVec {
	d := define(name)
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: d.Name, Help: d.Help, Buckets: buckets}, d.Labels)
	r.MustRegister(v)
	return v
}
