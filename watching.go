package studiobot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/studiobot/studiobot/audit"
	"github.com/studiobot/studiobot/bot"
	"github.com/studiobot/studiobot/launch"
	"github.com/studiobot/studiobot/limits"
	"github.com/studiobot/studiobot/metrics"
	"github.com/studiobot/studiobot/studio"
)

// watching is what is counted, and the private listener that says so. Without
// `metrics` in the config it counts nothing: m is nil.
type watching struct {
	m        *metrics.Metrics
	server   *http.Server
	listener net.Listener
}

// openWatching opens the private listener.
func openWatching(ctx context.Context, cfg Config, o Options) (watching, error) {
	switch {
	case cfg.Metrics == "":
		return watching{}, nil
	case o.Lambda:
		o.Log.WarnContext(ctx, "a Lambda function has no metrics of its own: `metrics` is ignored, CloudWatch has Lambda's")
		return watching{}, nil
	}
	w := watching{m: metrics.New(o.Version, cfg.domainNames()), listener: o.Metrics}
	if w.listener == nil {
		var lc net.ListenConfig
		l, err := lc.Listen(ctx, "tcp", cfg.Metrics)
		if err != nil {
			return watching{}, fmt.Errorf("metrics: %w", err)
		}
		w.listener = l
	}
	w.server = w.m.Server(w.listener.Addr().String(), o.Log)
	o.Log.InfoContext(ctx, "metrics", "address", w.listener.Addr().String())
	return w, nil
}

// run serves the private listener until ctx ends.
func (w watching) run(ctx context.Context) error {
	if w.m == nil {
		return nil
	}
	defer context.AfterFunc(ctx, func() { _ = w.server.Close() })()
	if err := w.server.Serve(w.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// close is for a start that failed.
func (w watching) close() {
	if w.m != nil {
		_ = w.listener.Close() // it may be closed already
	}
}

// trail counts the lines of the audit trail.
func (w watching) trail(l *audit.Log) *audit.Log {
	if w.m == nil {
		return l
	}
	return l.Observed(w.m.Audit)
}

// calls is told of the calls to AWS.
func (w watching) calls() func(operation, result string, took time.Duration) {
	if w.m == nil {
		return nil
	}
	return w.m.Call
}

// clicks is told of browsers and their clicks.
func (w watching) clicks() launch.Watcher {
	if w.m == nil {
		return nil
	}
	return w.m
}

// envelopes is told of what comes from Slack.
func (w watching) envelopes() bot.Watcher {
	if w.m == nil {
		return nil
	}
	return w.m
}

// limited counts a limit of the config that was hit.
func (w watching) limited(limit string) {
	if w.m != nil {
		w.m.Limited(limit)
	}
}

// redirects measures what browsers are answered.
func (w watching) redirects(next http.Handler) http.Handler {
	if w.m == nil {
		return next
	}
	return w.m.Redirect(next)
}

// commands is the limit of a person's commands, which is counted.
func (w watching) commands(allow func(key string) (time.Duration, bool)) func(studio.Person) (time.Duration, bool) {
	return func(p studio.Person) (time.Duration, bool) {
		wait, ok := allow(p.String())
		if !ok {
			w.limited("person")
		}
		return wait, ok
	}
}

// live is what is looked up at each scrape, once everything is built.
func (h *halves) watchLive(domains []string) {
	if h.watching.m == nil || !h.role.talks() {
		return
	}
	h.watching.m.Watch(metrics.Live{
		Sockets: h.bot.Sockets, AppConnections: h.bot.AppConnections,
		Directory: func() (int, time.Duration, bool) {
			age, read := h.directory.Age()
			return h.directory.Len(), age, read
		},
		Ages: func(each func(source, domain string, age time.Duration)) { h.sources.ages(domains, each) },
	})
}

// ages calls each with the age of every copy, once for each kind of source and
// domain: of two of a kind the older one.
func (s *sources) ages(domains []string, each func(source, domain string, age time.Duration)) {
	type key struct{ source, domain string }
	oldest := map[key]time.Duration{}
	for i, src := range s.list {
		copied, ok := src.(interface {
			AgeIn(domain string) (time.Duration, bool)
		})
		if !ok {
			continue
		}
		for _, d := range domains {
			if age, known := copied.AgeIn(d); known {
				oldest[key{s.kinds[i], d}] = max(age, oldest[key{s.kinds[i], d}])
			}
		}
	}
	for k, age := range oldest {
		each(k.source, k.domain, age)
	}
}

// alarm is the ceiling on all launches: it refuses nobody, and is counted and
// told of.
type alarm struct {
	*limits.Limiter
	h *halves
}

// Allow implements launch.Limiter.
func (a alarm) Allow(key string) (time.Duration, bool) {
	wait, ok := a.Limiter.Allow(key)
	if !ok {
		a.h.watching.limited("alarm")
		a.h.operators.alarm()
	}
	return wait, ok
}
