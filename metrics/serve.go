package metrics

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	// atOnce is how many scrapes are answered at the same time.
	atOnce = 3
	// scrapeTime bounds one.
	scrapeTime = 8 * time.Second
)

// Server answers GET /metrics and nothing else, on the private listener at
// address. Where that is a loopback address only requests for a loopback host
// are answered: what asks for another name came through something that forwards
// it from outside, or from a web page that had its name point here.
func (m *Metrics) Server(address string, log *slog.Logger) *http.Server {
	scrape := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError,
		MaxRequestsInFlight: atOnce, Timeout: scrapeTime,
	})
	var said sync.Once
	local := loopback(address)
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		switch {
		case local && !loopback(r.Host):
			m.foreign.Inc()
			said.Do(func() {
				log.Warn("a scrape from outside was refused: the private listener is for this machine. To be scraped from another, name an address of the private network in `metrics`", "from", r.RemoteAddr)
			})
			http.Error(w, "this listener is for its own machine", http.StatusForbidden)
		case r.URL.Path != "/metrics":
			m.foreign.Inc()
			http.Error(w, "only /metrics is here", http.StatusNotFound)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			m.foreign.Inc()
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		default:
			scrape.ServeHTTP(w, r)
		}
	}
	return &http.Server{
		Handler:           http.HandlerFunc(handler),
		ReadHeaderTimeout: 3 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: scrapeTime + 2*time.Second, IdleTimeout: 90 * time.Second,
		MaxHeaderBytes: 8 << 10,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// loopback says whether host:port, or a host alone, is this machine's own.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}
