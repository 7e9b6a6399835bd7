package bot

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// There are two connections, opened some seconds apart. slack-go closes its
// socket at once when Slack announces that it will recycle it, and is deaf until
// the next one is up; the other one serves meanwhile. Slack sends each envelope
// to any one of them.

// maxFrame bounds what is read from Slack; its payloads are a few kilobytes.
const maxFrame = 1 << 20

// socket is one Socket Mode connection that is kept open.
type socket struct {
	bot *Bot
	log *slog.Logger

	mu     sync.Mutex // guards the rest
	client *socketmode.Client
	up     bool
	end    context.CancelFunc // ends the client
	upAt   time.Time

	pace pace
}

func newSocket(b *Bot, name string) *socket {
	return &socket{bot: b, log: b.o.Log.With("socket", name)}
}

// live says whether the connection is open.
func (s *socket) live() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.up
}

// current is the client to send with, and whether its connection is open.
func (s *socket) current() (*socketmode.Client, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client, s.up
}

// keep connects again and again. When taking ends no envelope is taken any
// more; when ctx ends the connection is closed and keep returns.
func (s *socket) keep(taking, ctx context.Context) {
	for attempt := 0; ; attempt++ {
		began := time.Now()
		err := s.connect(taking, ctx)
		s.down()
		if ctx.Err() != nil || taking.Err() != nil {
			return
		}
		if final := finalRefusal(err, "apps.connections.open"); final != nil {
			s.bot.fail(final)
			return
		}
		if time.Since(began) > maxBackoff {
			attempt = 0
		}
		wait := backoff(attempt, err)
		s.log.WarnContext(ctx, "no connection to Slack", "err", redact(err), "again_in", wait.String())
		if !pause(taking, wait) {
			return
		}
	}
}

// connect runs one client until ctx ends or it can't connect. slack-go's own
// retries would wait up to five minutes and never give up on refusals that it
// doesn't know, so its first failure ends the client.
func (s *socket) connect(taking, ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := socketmode.New(s.bot.api(),
		socketmode.OptionReadLimit(maxFrame),
		socketmode.OptionDialer(&websocket.Dialer{
			Proxy: http.ProxyFromEnvironment, HandshakeTimeout: 10 * time.Second, NetDialContext: s.dial,
			WriteBufferSize: 32 << 10, // one frame per acknowledgement, as slack-go's own dialer has it
		}),
		socketmode.OptionLog(slog.NewLogLogger(s.bot.o.Log.Handler(), slog.LevelDebug)),
	)
	s.mu.Lock()
	s.client, s.end = client, cancel
	s.mu.Unlock()
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	stopped := taking.Done()
	for {
		select {
		case err := <-ended:
			return err
		case <-stopped:
			stopped = nil // stay connected for the acknowledgements, take nothing
		case e := <-client.Events:
			if err := s.event(taking, e); err != nil {
				cancel()
				<-ended
				return err
			}
		}
	}
}

// event takes one of slack-go's events. It makes no network call and doesn't
// block. An error ends the client.
func (s *socket) event(taking context.Context, e socketmode.Event) error {
	switch e.Type {
	case socketmode.EventTypeConnecting:
		s.reconnecting()
	case socketmode.EventTypeHello:
		s.hello(e)
	case socketmode.EventTypeConnectionError:
		if x, ok := e.Data.(*slack.ConnectionErrorEvent); ok {
			return x.ErrorObj
		}
	case socketmode.EventTypeErrorWriteFailed:
		if x, ok := e.Data.(*socketmode.ErrorWriteFailed); ok && x.Response != nil {
			s.bot.acks.again(x.Response.EnvelopeID, s)
		}
	case socketmode.EventTypeErrorBadMessage:
		if x, ok := e.Data.(*socketmode.ErrorBadMessage); ok && taking.Err() == nil {
			s.bot.take(s, rawEnvelope(x.Message))
		}
	case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive, socketmode.EventTypeEventsAPI:
		if e.Request != nil && taking.Err() == nil {
			s.bot.take(s, requestEnvelope(e.Request))
		}
	}
	return nil
}

// hello is Slack's first word on a new connection.
func (s *socket) hello(e socketmode.Event) {
	s.mu.Lock()
	s.up, s.upAt = true, time.Now()
	s.mu.Unlock()
	connections := 0
	if e.Request != nil {
		connections = e.Request.NumConnections
	}
	s.bot.connections.Store(int64(connections))
	s.log.Info("connected to Slack", "connections_of_the_app", connections)
	s.bot.acks.woke()
}

// reconnecting notes that the connection is gone. Slack recycling one after
// hours is normal.
func (s *socket) reconnecting() {
	s.mu.Lock()
	was, lasted := s.up, time.Since(s.upAt)
	s.up = false
	s.mu.Unlock()
	if was {
		s.log.Info("Slack closed the connection, opening another", "lasted", lasted.Round(time.Millisecond).String())
		s.bot.acks.lost(s)
	}
}

// dial opens the TCP connection for slack-go, which dials again at once when
// Slack closes one. Where each is closed as soon as it is open that would be an
// endless loop, so it waits here. (Ending the client instead could end a
// connection that is new and good.)
func (s *socket) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if wait := s.pace.next(time.Now()); wait > 0 {
		s.log.WarnContext(ctx, "Slack closes connections as soon as they are open", "again_in", wait.String())
		if !pause(ctx, wait) {
			return nil, ctx.Err()
		}
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	s.pace.dialed(time.Now(), err == nil)
	return conn, err
}

// down notes that the client ended.
func (s *socket) down() {
	s.mu.Lock()
	was := s.up
	s.up, s.client = false, nil
	s.mu.Unlock()
	if was {
		s.bot.acks.lost(s)
	}
}
