package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// maxFrame is the size from which on Slack drops a frame and the socket.
	maxFrame = 20480
	// queued is how many frames may wait for a socket before it counts as
	// stalled and is cut.
	queued       = 4096
	writeTimeout = 10 * time.Second
	host         = "applink-1"
)

// socket is one WebSocket of the app. Its fields up to pending belong to the
// switchboard's lock.
type socket struct {
	id      int
	ready   bool // has had its hello
	closing bool // takes no more envelopes
	why     string
	pending map[*Pending]struct{} // not acknowledged

	ws      *websocket.Conn
	out     chan outgoing
	gone    chan struct{}
	leaving atomic.Bool // the close frame is out
}

type outgoing struct {
	data []byte // nil: nothing
	last bool   // a close frame follows
}

func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	s.history.arrived(FaultSocket)
	s.sleep(r.Context(), s.faults.delay(FaultSocket))
	fault, broken := s.faults.take(FaultSocket)
	if broken {
		note := "fault"
		if fault.Hang {
			note = "hangs"
		}
		s.history.add(Record{Kind: KindHandshake, Note: note})
		if fault.Hang {
			<-r.Context().Done()
			return
		}
		s.sleep(r.Context(), fault.HangFor)
		if fault.Status != 0 {
			fault.answer().write(w)
			return
		}
	}
	if !s.board.useTicket(r.URL.Query().Get("ticket"), time.Now()) {
		// Which status Slack gives is not documented.
		http.Error(w, "ticket unknown or used", http.StatusForbidden)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // clients send Slack's own
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // answered by Upgrade
	}
	k := &socket{ws: ws, pending: make(map[*Pending]struct{}), out: make(chan outgoing, queued), gone: make(chan struct{})}
	open, ok := s.board.join(k, func() { // under the lock, so before Close waits for them
		s.work.Go(func() { s.write(k) })
		s.work.Go(func() { s.read(k) })
	})
	if !ok {
		k.cut()
		return
	}
	reason := ""
	if open > maxSockets {
		reason = ReasonTooMany
	} else if broken && fault.SlackError != "" {
		reason = fault.SlackError
	}
	if reason != "" {
		s.disconnect(k, reason, true)
		return
	}
	s.greet(k, open)
}

// greet sends hello, lets envelopes in, and hands over those that found no
// socket.
func (s *Server) greet(k *socket, open int) {
	b := s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	hello := fmt.Sprintf(`{"type":"hello","num_connections":%d,"debug_info":{"host":%q,"build_number":1,"approximate_connection_time":%d},"connection_info":{"app_id":%q}}`,
		open, host, int(s.o.ConnectionTime.Seconds()), s.o.AppID)
	k.out <- outgoing{data: []byte(hello)}
	k.ready = true
	s.history.add(Record{Kind: KindConnect, Conn: k.id, Note: strconv.Itoa(open)})
	s.adopt()
	b.announce()
}

// write is the only writer of data frames.
func (s *Server) write(k *socket) {
	ping := time.NewTicker(s.o.PingEvery)
	defer ping.Stop()
	defer k.cut()
	defer context.AfterFunc(s.quit, k.cut)()
	for {
		select {
		case <-k.gone:
			return
		case m := <-k.out:
			_ = k.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
			if m.data != nil && k.ws.WriteMessage(websocket.TextMessage, m.data) != nil {
				return
			}
			if m.last {
				k.leaving.Store(true)
				_ = k.ws.SetReadDeadline(time.Now().Add(s.o.CloseGrace))
				k.bye(websocket.CloseNormalClosure, "")
			}
		case <-ping.C:
			if k.leaving.Load() || s.muted() {
				continue
			}
			if k.ws.WriteControl(websocket.PingMessage, []byte("Ping from "+host), time.Now().Add(writeTimeout)) != nil {
				return
			}
		}
	}
}

func (k *socket) bye(code int, text string) {
	_ = k.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), time.Now().Add(time.Second))
}

// cut ends the TCP connection without a word.
func (k *socket) cut() { _ = k.ws.NetConn().Close() }

// read takes acknowledgements until the socket ends.
func (s *Server) read(k *socket) {
	alive := func() {
		if !k.leaving.Load() {
			_ = k.ws.SetReadDeadline(time.Now().Add(s.o.PongTimeout))
		}
	}
	k.ws.SetReadLimit(maxBody)
	k.ws.SetPongHandler(func(string) error { alive(); return nil })
	pong := k.ws.PingHandler()
	k.ws.SetPingHandler(func(data string) error { alive(); return pong(data) })
	alive()
	for {
		kind, r, err := k.ws.NextReader()
		if err != nil {
			s.ended(k, err)
			return
		}
		alive()
		frame, err := io.ReadAll(io.LimitReader(r, maxFrame))
		switch {
		case err != nil:
		case len(frame) >= maxFrame:
			s.history.add(Record{Kind: KindBadAck, Conn: k.id, Note: "frame too large"})
			k.bye(websocket.CloseMessageTooBig, "Max frame length of 20480 has been exceeded.")
			_, _ = io.Copy(io.Discard, r) // unread data would turn the close into a reset
			s.ended(k, errTooBig)
			return
		case kind != websocket.TextMessage:
			s.history.add(Record{Kind: KindBadAck, Conn: k.id, Note: "binary frame"})
		default:
			s.acknowledge(k, frame)
		}
	}
}

var errTooBig = errors.New("frame too large")

// ended takes the socket out and finds another one for what it owes.
func (s *Server) ended(k *socket, cause error) {
	close(k.gone)
	k.cut()
	b := s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	k.closing = true
	note := k.why
	if closed := (*websocket.CloseError)(nil); note == "" && errors.As(cause, &closed) {
		note = "closed by the client: " + strconv.Itoa(closed.Code)
	} else if note == "" {
		note = cause.Error()
	}
	if i := slices.Index(b.sockets, k); i >= 0 {
		b.sockets = slices.Delete(b.sockets, i, i+1)
	}
	s.history.add(Record{Kind: KindClose, Conn: k.id, Note: note})
	for p := range k.pending {
		p.conn = nil
		if !s.o.NoRedeliver {
			b.orphans[p] = struct{}{}
		}
	}
	clear(k.pending)
	s.adopt()
	b.announce()
}

// disconnect sends a disconnect frame; with last the socket closes after it.
func (s *Server) disconnect(k *socket, reason string, last bool) {
	frame, _ := json.Marshal(map[string]any{
		"type": "disconnect", "reason": reason, "debug_info": map[string]string{"host": host},
	}) // strings always marshal
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	if k.closing {
		return
	}
	k.closing = last
	if last {
		k.why = reason
	}
	select {
	case k.out <- outgoing{data: frame, last: last}:
		s.history.add(Record{Kind: KindDisconnect, Conn: k.id, Note: reason})
	default:
		k.cut()
	}
}
