package studiobot

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// stopTime is how long launches in flight may take when the process is
	// asked to stop: one request lives 14 s at most. It leaves a margin in the
	// 20 s that the whole stop may take.
	stopTime = 16 * time.Second
	// maxHeader bounds a request's header. A browser's cookies for a shared
	// parent domain can be some kilobytes.
	maxHeader = 32 << 10
	// pingTime bounds the look at the store for /readyz.
	pingTime = 2 * time.Second
)

// health says what /readyz needs to know. Each returns what is missing, or "".
type health []func(ctx context.Context) string

// newServer puts the launch pages and the health checks behind one server with
// limits on everything a client could make long.
func newServer(launch http.Handler, checks health, log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), pingTime)
		defer cancel()
		var missing []string
		for _, check := range checks {
			if m := check(ctx); m != "" {
				missing = append(missing, m)
			}
		}
		if len(missing) > 0 {
			plain(w, http.StatusServiceUnavailable, "not ready: "+strings.Join(missing, "; "))
			return
		}
		plain(w, http.StatusOK, "ready")
	})
	return &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// Only what is exactly ours goes through the mux: it would answer an
			// odd path with a redirect that repeats it, token and all.
			if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
				mux.ServeHTTP(w, r)
				return
			}
			launch.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       75 * time.Second, // longer than a load balancer's usual 60 s
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

func plain(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text) // a probe that hung up needs no answer
}

// listen opens the listener, with TLS where the config asks for it.
func listen(ctx context.Context, address string, files TLS, log *slog.Logger) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if files.Cert == "" {
		return l, nil
	}
	c := &certificate{files: files, log: log}
	if _, err := c.get(nil); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return tls.NewListener(l, &tls.Config{GetCertificate: c.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), nil
}

// certEvery is how often the certificate's files are looked at again, so that a
// renewed one is served without a restart.
const certEvery = time.Minute

// certificate is read again when it is a minute old; a pair that can't be read
// leaves the last good one in place.
type certificate struct {
	files TLS
	log   *slog.Logger

	mu     sync.Mutex // guards the rest
	pair   *tls.Certificate
	loaded time.Time
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pair != nil && time.Since(c.loaded) < certEvery {
		return c.pair, nil
	}
	pair, err := tls.LoadX509KeyPair(c.files.Cert, c.files.Key)
	if err != nil && c.pair == nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	c.loaded = time.Now()
	if err != nil {
		c.log.Error("the renewed certificate can't be read; the last good one stays", "err", err)
		return c.pair, nil
	}
	c.pair = &pair
	return c.pair, nil
}
