package sagemakersim

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server is a running simulator. All its methods may be called at any time
// from any goroutine.
type Server struct {
	o          Options
	base       string
	http       *http.Server
	operations map[string]operation
	estate     *estate
	tokens     *tokens
	throttle   *throttle
	identities *identities
	ahead      atomic.Int64 // of the clock
	faults     *faultList
	urls       *urlBook
	pages      *pages
	calls      *feed[Call]
	openings   *feed[Opening]
	conns      atomic.Int64

	quit context.Context
	stop context.CancelFunc
	work sync.WaitGroup
}

// Start serves until Close.
func Start(o Options) (*Server, error) {
	o = o.withDefaults()
	pages, err := newPages()
	if err != nil {
		return nil, fmt.Errorf("sagemakersim: %w", err)
	}
	identities, err := newIdentities(o)
	if err != nil {
		return nil, err
	}
	listener := o.Listener
	if listener == nil {
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, fmt.Errorf("sagemakersim: %w", err)
		}
	}
	s := &Server{
		o:          o,
		base:       "http://" + listener.Addr().String(),
		operations: operations(),
		estate:     newEstate(o),
		tokens:     newTokens(),
		throttle:   newThrottle(o.CallsPerSecond),
		identities: identities,
		faults:     &faultList{},
		pages:      pages,
		calls:      newFeed[Call](),
		openings:   newFeed[Opening](),
	}
	s.urls = newURLBook(s.base+"/auth?token=", o.URLLength)
	s.quit, s.stop = context.WithCancel(context.Background())

	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", s.serveAPI)
	mux.HandleFunc("GET /ping", s.servePing)
	mux.HandleFunc("GET /auth", s.serveAuth)
	mux.HandleFunc("GET /notebook/{name}", s.serveNotebook)
	mux.HandleFunc("GET /notebook/{name}/{path...}", s.serveNotebook)
	mux.HandleFunc("GET /jupyterlab/default/lab", s.serveNothing)
	mux.HandleFunc("GET /codeeditor/default/lab", s.serveNothing)
	mux.HandleFunc("GET /studio/{session}", s.serveStudio)
	mux.HandleFunc("GET /signin/{why}", s.serveSignIn)
	s.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return s.quit },
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				s.conns.Add(1)
			}
		},
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	s.work.Go(func() { _ = s.http.Serve(listener) }) // ends with Close
	return s, nil
}

// Close cuts every connection and ends every wait. Further calls do nothing.
func (s *Server) Close() {
	s.stop()
	_ = s.http.Close()
	s.work.Wait()
}

// now is the time by the service's own clock.
func (s *Server) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// SetClock puts the service's clock ahead of everybody else's.
func (s *Server) SetClock(ahead time.Duration) { s.ahead.Store(int64(ahead)) }

// URL is what AWS_ENDPOINT_URL_SAGEMAKER has to be: http://127.0.0.1:port.
func (s *Server) URL() string { return s.base }

// Connections counts the TCP connections that were opened since the start, by
// SDKs and browsers alike.
func (s *Server) Connections() int { return int(s.conns.Load()) }

// sleep waits for d. It panics with http.ErrAbortHandler, which ends the
// connection, when the client or the server ends before that.
func (s *Server) sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done(): // descends from quit
		panic(http.ErrAbortHandler)
	}
}
