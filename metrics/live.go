package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Live is what is looked up at each scrape. Its functions must not block.
type Live struct {
	// Sockets is how many connections to Slack are open, AppConnections how many
	// the whole app had when Slack said so last.
	Sockets, AppConnections func() int
	// Directory is how many people are known, and how long ago the whole workspace
	// was read, if it was.
	Directory func() (people int, age time.Duration, read bool)
	// Ages calls each with the age of the copies of the mapping's sources, once
	// for each pair of a source and a domain.
	Ages func(each func(source, domain string, age time.Duration))
}

// Watch adds what is looked up at each scrape. It is called once.
func (m *Metrics) Watch(l Live) { m.registry.MustRegister(newLive(l)) }

// live is the collector of it.
type live struct {
	Live
	sockets, connections, people, age, source *prometheus.Desc
}

func newLive(l Live) *live {
	desc := func(name string) *prometheus.Desc {
		d := define(name)
		return prometheus.NewDesc(d.Name, d.Help, d.Labels, nil)
	}
	return &live{
		Live: l, sockets: desc("slack_sockets"), connections: desc("slack_app_connections"),
		people: desc("directory_people"), age: desc("directory_age_seconds"), source: desc("mapping_age_seconds"),
	}
}

// Describe implements prometheus.Collector.
func (l *live) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{l.sockets, l.connections, l.people, l.age, l.source} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (l *live) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(l.sockets, float64(l.Sockets()))
	gauge(l.connections, float64(l.AppConnections()))
	people, age, read := l.Directory()
	gauge(l.people, float64(people))
	if read {
		gauge(l.age, age.Seconds())
	}
	l.Ages(func(source, domain string, age time.Duration) { gauge(l.source, age.Seconds(), source, domain) })
}
