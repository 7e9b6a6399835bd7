package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"
)

// ErrNoSocket: no socket of the app is open.
var ErrNoSocket = errors.New("slacksim: no socket is open")

// ErrUnknownEnvelope: no envelope with that ID is kept.
var ErrUnknownEnvelope = errors.New("slacksim: unknown envelope")

// Values of Answer.Error beside the Slack errors of a refused message.
const (
	// ErrorTimeout: not acknowledged in time.
	ErrorTimeout = "operation_timeout"
	// ErrorDispatch: no socket was open.
	ErrorDispatch = "dispatch_failed"
	// ErrorClosed: the Server was closed before the acknowledgement.
	ErrorClosed = "server_closed"
)

// Answer is what became of one envelope.
type Answer struct {
	EnvelopeID string
	Acked      bool // in time
	AckAfter   time.Duration
	// Error is what the Slack client would show: ErrorTimeout, ErrorDispatch,
	// or why the message was refused (invalid_blocks, no_text, msg_too_long).
	Error string
	// Message is what the acknowledgement made somebody see, nil if nothing.
	Message *Message

	effect effect
}

// effect is what the payload of an acknowledgement did.
type effect struct {
	err     string
	message *Message
	action  string            // of a view_submission
	fields  map[string]string // errors of it by block_id
}

// Pending is an envelope on its way. Its Answer is there as soon as Done is
// closed: on the acknowledgement or at the deadline.
type Pending struct {
	env    *envelope
	frame  []byte
	onLost func() // nil: nothing
	done   chan struct{}

	// Under the switchboard's lock:
	conn    *socket // that carried it last; nil while it has none
	first   time.Time
	order   uint64
	timer   *time.Timer
	acked   bool
	settled bool
	answer  Answer
}

// EnvelopeID is the envelope's ID, known before it is sent.
func (p *Pending) EnvelopeID() string { return p.env.id }

// Done is closed when the answer is there.
func (p *Pending) Done() <-chan struct{} { return p.done }

// Wait returns the answer. Its only error is that of ctx.
func (p *Pending) Wait(ctx context.Context) (*Answer, error) {
	select {
	case <-p.done:
		answer := p.answer
		return &answer, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// envelope is what is sent, maybe several times.
type envelope struct {
	id      string
	kind    string
	userID  string
	payload json.RawMessage
	accepts bool // a payload in the acknowledgement
	raw     bool // recorded as such

	onAck func(payload json.RawMessage) effect // nil: payload ignored

	// Under the switchboard's lock:
	sent, acks int
	unacked    []*Pending // oldest first, those past their deadline too
}

// EnvelopeOptions are the rarer members of an envelope.
type EnvelopeOptions struct {
	EnvelopeID             string // empty: a new one
	AcceptsResponsePayload bool
	RetryAttempt           int
	RetryReason            string
}

func newEnvelope(kind, userID string, payload json.RawMessage, accepts bool) *envelope {
	return &envelope{id: uuid(), kind: kind, userID: userID, payload: payload, accepts: accepts}
}

// frame is the envelope on the wire.
func (e *envelope) frame(retryAttempt int, retryReason string) []byte {
	f := make([]byte, 0, len(e.payload)+200)
	f = append(f, `{"envelope_id":`+quote(e.id)...)
	if len(e.payload) > 0 {
		f = append(f, `,"payload":`...)
		f = append(f, e.payload...)
	}
	f = field(f, "type", quote(e.kind))
	f = flag(f, "accepts_response_payload", e.accepts)
	if e.kind == "events_api" || retryAttempt > 0 {
		f = field(f, "retry_attempt", strconv.Itoa(retryAttempt))
		f = field(f, "retry_reason", quote(retryReason))
	}
	return append(f, '}')
}

// expect prepares one delivery of an envelope.
func (s *Server) expect(e *envelope, frame []byte) *Pending {
	b := s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pendings++
	p := &Pending{env: e, frame: frame, done: make(chan struct{}), order: b.pendings}
	b.waiting[p] = struct{}{}
	if b.shut {
		b.settle(p, Answer{EnvelopeID: e.id, Error: ErrorClosed})
	}
	return p
}

// send expects and dispatches a first delivery.
func (s *Server) send(e *envelope) *Pending {
	p := s.expect(e, e.frame(0, ""))
	s.dispatch(p)
	return p
}

// dispatch delivers on one of the open sockets and starts the clock.
func (s *Server) dispatch(p *Pending) {
	b, e := s.board, p.env
	b.mu.Lock()
	if p.settled {
		b.mu.Unlock()
		return
	}
	b.remember(e)
	p.first = time.Now()
	e.unacked = append(e.unacked, p)
	if s.deliver(p, "") {
		p.timer = time.AfterFunc(s.o.AckDeadline, func() { s.expire(p) })
		b.mu.Unlock()
		return
	}
	e.unacked = slices.DeleteFunc(e.unacked, func(q *Pending) bool { return q == p })
	s.history.add(Record{Kind: KindUndelivered, EnvelopeID: e.id, EnvelopeType: e.kind, UserID: e.userID})
	b.settle(p, Answer{EnvelopeID: e.id, Error: ErrorDispatch})
	b.mu.Unlock()
	if p.onLost != nil {
		p.onLost()
	}
}

// remember keeps an envelope, and forgets the oldest. Under the lock.
func (b *switchboard) remember(e *envelope) {
	if _, known := b.envelopes[e.id]; !known {
		b.order = append(b.order, e.id)
		if len(b.order) > keptEnvelopes {
			delete(b.envelopes, b.order[0])
			b.order = b.order[1:]
		}
	}
	b.envelopes[e.id] = e
}

// deliver queues the frame on a socket; false where none takes it. Under the
// lock.
func (s *Server) deliver(p *Pending, note string) bool {
	for k := s.board.pick(); k != nil; k = s.board.pick() {
		select {
		case k.out <- outgoing{data: p.frame}:
		default: // stalled for thousands of frames
			k.closing, k.why = true, "stalled"
			k.cut()
			continue
		}
		p.env.sent++
		if p.done != nil { // somebody waits for it
			p.conn = k
			k.pending[p] = struct{}{}
		}
		r := Record{Kind: KindEnvelope, EnvelopeID: p.env.id, EnvelopeType: p.env.kind, UserID: p.env.userID, Conn: k.id, Body: p.env.payload, Note: note}
		if p.env.raw {
			r.Kind = KindRaw
		}
		s.history.add(r)
		return true
	}
	return false
}

// adopt delivers what lost its socket, oldest first. Under the lock.
func (s *Server) adopt() {
	b := s.board
	if len(b.orphans) == 0 {
		return
	}
	orphans := make([]*Pending, 0, len(b.orphans))
	for p := range b.orphans {
		orphans = append(orphans, p)
	}
	slices.SortFunc(orphans, func(a, b *Pending) int { return int(a.order) - int(b.order) })
	for _, p := range orphans {
		if time.Since(p.first) > s.o.RedeliverFor || s.deliver(p, "again: its socket ended") {
			delete(b.orphans, p)
		}
	}
}

// expire is the deadline.
func (s *Server) expire(p *Pending) {
	b, e := s.board, p.env
	b.mu.Lock()
	if p.settled || p.acked {
		b.mu.Unlock()
		return
	}
	s.history.add(Record{Kind: KindTimeout, EnvelopeID: e.id, EnvelopeType: e.kind, UserID: e.userID})
	b.settle(p, Answer{EnvelopeID: e.id, Error: ErrorTimeout})
	b.mu.Unlock()
	if p.onLost != nil {
		p.onLost()
	}
}

// settle gives the answer. Under the lock.
func (b *switchboard) settle(p *Pending, a Answer) {
	if p.settled {
		return
	}
	if p.timer != nil {
		p.timer.Stop()
	}
	p.settled, p.answer = true, a
	delete(b.waiting, p)
	close(p.done)
}
