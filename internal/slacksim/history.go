package slacksim

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"
)

// The kinds of a Record.
const (
	KindAPI         = "api"          // a Web API call; Method, Status, Body: its parameters
	KindResponseURL = "response_url" // a use of a response URL; Status, Body: what was posted
	KindConnect     = "connect"      // a socket is open and has had its hello
	KindDisconnect  = "disconnect"   // a disconnect frame was sent; Note: its reason
	KindClose       = "close"        // a socket ended; Note: why
	KindEnvelope    = "envelope"     // an envelope was sent; Body: its payload
	KindRaw         = "raw"          // SendRaw; Body: the frame where it is JSON
	KindUndelivered = "undelivered"  // no socket was open for an envelope
	KindAck         = "ack"          // an acknowledgement in time; Body: its payload
	KindLateAck     = "late_ack"     // one after the deadline: nobody sees it
	KindDoubleAck   = "double_ack"   // one more than the envelope was delivered
	KindForeignAck  = "foreign_ack"  // refused by RefuseForeignAcks
	KindDroppedAck  = "dropped_ack"  // ignored by a fault
	KindBadAck      = "bad_ack"      // not JSON, too large, or of an unknown envelope
	KindTimeout     = "timeout"      // an envelope's deadline passed
	KindRefused     = "refused"      // a message outside Slack's limits; Note: why
	KindShown       = "shown"        // a person sees a new message; Note: its ID
	KindReplaced    = "replaced"     // a message was replaced; Note: its ID
	KindDeleted     = "deleted"      // a message was deleted; Note: its ID
	KindPress       = "press"        // a button was pressed; Note: its label
	KindChoice      = "choice"       // an option of a menu was chosen; Note: its text
	KindDeclined    = "declined"     // the dialog of a button or menu was declined; Note: as of the two above
	KindHome        = "home"         // a person's Home was published; Note: the ID of its view
	KindScheduled   = "scheduled"    // a message waits for its time; Note: its scheduled_message_id
	KindUnscheduled = "unscheduled"  // such a message will not be posted; Note: its scheduled_message_id
	KindModal       = "modal"        // a person sees a modal's view, new or changed; Method: by what, Note: its ID
	KindSubmit      = "submit"       // a person submits a view; Note: its ID, or why their client doesn't send it
	KindModalClosed = "modal_closed" // a view is gone; Note: its ID
	KindHandshake   = "handshake"    // a fault takes a WebSocket handshake; Note: "hangs" or "fault"
)

// Record is one thing that happened.
type Record struct {
	Seq          int // from 1, without gaps
	At           time.Time
	Kind         string
	Method       string
	EnvelopeID   string
	EnvelopeType string
	UserID       string // for messages: whose it is, empty in a channel
	ChannelID    string // of messages and presses
	Conn         int    // number of the socket, from 1
	Status       int    // HTTP
	Body         json.RawMessage
	Note         string
}

type history struct {
	log   *slog.Logger
	limit int
	bytes int

	mu      sync.Mutex
	ring    []Record // grows up to limit, then wraps at head
	head    int
	count   int
	held    int // bytes of the bodies in the ring
	seq     int
	calls   map[string]int
	subs    map[chan Record]struct{}
	changed chan struct{}
}

func newHistory(o Options) *history {
	return &history{
		log: o.Log, limit: o.HistoryLimit, bytes: o.HistoryBytes,
		calls: make(map[string]int), subs: make(map[chan Record]struct{}), changed: make(chan struct{}),
	}
}

func (h *history) add(r Record) {
	h.log.Debug("slacksim", "kind", r.Kind, "method", r.Method, "conn", r.Conn, "status", r.Status)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	r.Seq, r.At = h.seq, time.Now()
	h.push(r)
	for h.held > h.bytes && h.count > 1 {
		h.drop()
	}
	for sub := range h.subs {
		offer(sub, r)
	}
	close(h.changed)
	h.changed = make(chan struct{})
}

// arrived counts a call before its answer is known.
func (h *history) arrived(method string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls[method]++
}

func (h *history) push(r Record) {
	if h.count == h.limit {
		h.drop()
	}
	if h.count == len(h.ring) {
		h.grow()
	}
	h.ring[(h.head+h.count)%len(h.ring)] = r
	h.count++
	h.held += len(r.Body)
}

func (h *history) grow() {
	bigger := make([]Record, min(h.limit, max(64, 2*len(h.ring))))
	for i := range h.count {
		bigger[i] = h.ring[(h.head+i)%len(h.ring)]
	}
	h.ring, h.head = bigger, 0
}

func (h *history) drop() {
	h.held -= len(h.ring[h.head].Body)
	h.ring[h.head] = Record{}
	h.head = (h.head + 1) % len(h.ring)
	h.count--
}

// offer sends to a full channel by dropping what is oldest in it. Only add
// calls it, under the lock, so there is one sender.
func offer(sub chan Record, r Record) {
	for {
		select {
		case sub <- r:
			return
		default:
		}
		select {
		case <-sub:
		default:
		}
	}
}

// after copies the records with a sequence number above seq.
func (h *history) after(seq int) ([]Record, chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := min(h.count, max(0, h.seq-seq))
	out := make([]Record, n)
	for i := range n {
		out[i] = h.ring[(h.head+h.count-n+i)%len(h.ring)]
	}
	return out, h.changed
}

// History returns what is kept of what happened, oldest first.
func (s *Server) History() []Record {
	out, _ := s.history.after(0)
	return out
}

// Mark returns the sequence number of the latest record, for WaitForAfter.
func (s *Server) Mark() int {
	s.history.mu.Lock()
	defer s.history.mu.Unlock()
	return s.history.seq
}

// Calls counts the calls of a Web API method that have arrived since the
// start, refused and hanging ones too; "response_url" counts the uses of
// response URLs, "ws" the WebSocket handshakes.
func (s *Server) Calls(method string) int {
	s.history.mu.Lock()
	defer s.history.mu.Unlock()
	return s.history.calls[method]
}

// WaitFor returns the first record that match accepts, among those there are
// and those that come. It fails with the error of ctx.
func (s *Server) WaitFor(ctx context.Context, match func(Record) bool) (Record, error) {
	return s.WaitForAfter(ctx, 0, match)
}

// WaitForAfter is WaitFor for records younger than the sequence number seq.
func (s *Server) WaitForAfter(ctx context.Context, seq int, match func(Record) bool) (Record, error) {
	for {
		records, changed := s.history.after(seq)
		for _, r := range records {
			if match(r) {
				return r, nil
			}
			seq = r.Seq
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Record{}, ctx.Err()
		}
	}
}

// Subscribe returns a channel of the records to come, and a function that ends
// the subscription and closes the channel. The channel holds 1,024; who reads
// too slowly loses the oldest.
func (s *Server) Subscribe() (<-chan Record, func()) {
	sub := make(chan Record, 1024)
	h := s.history
	h.mu.Lock()
	h.subs[sub] = struct{}{}
	h.mu.Unlock()
	return sub, sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs, sub)
		close(sub)
	})
}
