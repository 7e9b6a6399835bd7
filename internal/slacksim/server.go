package slacksim

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ErrClosed is returned by methods of a closed Server.
var ErrClosed = errors.New("slacksim: server closed")

// Server is one Slack with one app in one workspace or one organisation. Its methods may be
// called concurrently.
type Server struct {
	o        Options
	base     string // http://127.0.0.1:port
	http     *http.Server
	history  *history
	faults   *faultTable
	limits   *limiter
	people   *roster
	inbox    *inbox
	channels *channelBook
	modals   *modalBook
	waiting  *schedule
	hooks    *hookBook
	board    *switchboard
	tokens   tokens
	openID   *openID

	serial atomic.Uint64 // of everything that needs a number
	quit   context.Context
	stop   context.CancelFunc
	work   sync.WaitGroup // goroutines of sockets
}

// Start serves until Close.
func Start(o Options) (*Server, error) {
	o = o.withDefaults()
	listener := o.Listener
	if listener == nil {
		var err error
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, fmt.Errorf("slacksim: %w", err)
		}
	}
	s := &Server{
		o:        o,
		base:     "http://" + listener.Addr().String(),
		history:  newHistory(o),
		faults:   newFaultTable(),
		limits:   newLimiter(o),
		people:   newRoster(o),
		inbox:    newInbox(),
		channels: newChannelBook(),
		modals:   newModalBook(),
		waiting:  newSchedule(),
		openID:   newOpenID(),
	}
	s.hooks = newHookBook()
	s.board = newSwitchboard()
	s.quit, s.stop = context.WithCancel(context.Background())

	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serveAPI)
	mux.HandleFunc("GET /.well-known/openid-configuration", s.serveDiscovery)
	mux.HandleFunc("GET /openid/connect/keys", s.serveKeys)
	mux.HandleFunc("GET /openid/connect/authorize", s.serveAuthorize)
	mux.HandleFunc("POST /openid/connect/authorize", s.serveAuthorize)
	mux.HandleFunc("/api/openid.connect.token", s.serveToken)
	mux.HandleFunc("/api/openid.connect.userInfo", s.serveUserInfo)
	mux.HandleFunc("GET /link/", s.serveSocket)
	mux.HandleFunc("POST /commands/", s.serveResponseURL)
	mux.HandleFunc("POST /actions/", s.serveResponseURL)
	s.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return s.quit },
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	s.work.Go(func() { _ = s.http.Serve(listener) }) // ends with Close
	return s, nil
}

// Close cuts every connection and ends every wait. Further calls do nothing.
func (s *Server) Close() {
	s.stop()
	_ = s.http.Close()
	s.board.close()
	s.waiting.stop()
	s.work.Wait()
}

// APIURL is the base address of the Web API, with the slash at its end that
// clients want: http://127.0.0.1:port/api/.
func (s *Server) APIURL() string { return s.base + "/api/" }

// AppToken is the one app-level token that is accepted, xapp-….
func (s *Server) AppToken() string { return s.o.AppToken }

// BotToken is the one bot token that is accepted, xoxb-….
func (s *Server) BotToken() string { return s.o.BotToken }

// TeamID is the workspace, T….
func (s *Server) TeamID() string { return s.o.TeamID }

// AppID is the app, A….
func (s *Server) AppID() string { return s.o.AppID }

// BotUserID is the app's own user, U….
func (s *Server) BotUserID() string { return s.o.BotUserID }

// closed reports whether Close was called.
func (s *Server) closed() bool { return s.quit.Err() != nil }

// next is a number that nothing else has.
func (s *Server) next() uint64 { return s.serial.Add(1) }

// stamp is a message timestamp as Slack writes them: seconds, a point, six
// digits that make it unique.
func (s *Server) stamp() string {
	return fmt.Sprintf("%d.%06d", time.Now().Unix(), s.next()%1_000_000)
}

// slackID makes an identifier like Slack's: a letter and ten characters.
func (s *Server) slackID(letter string) string {
	return fmt.Sprintf("%s0%09d", letter, s.next())
}

// secret is what makes an address unguessable.
func secret() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// uuid is an envelope ID: a version 4 UUID.
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}

// sleep waits for d, or less when ctx or the server ends.
func (s *Server) sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-s.quit.Done():
	}
}

// later runs f after d, unless the server is closed by then.
func (s *Server) later(d time.Duration, f func()) {
	time.AfterFunc(d, func() {
		if !s.closed() {
			f()
		}
	})
}
