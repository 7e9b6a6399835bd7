package slacksim

import (
	"encoding/json"
	"slices"
	"time"
)

// acknowledge takes one text frame of the app.
func (s *Server) acknowledge(k *socket, frame []byte) {
	var ack struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if json.Unmarshal(frame, &ack) != nil || ack.EnvelopeID == "" {
		s.history.add(Record{Kind: KindBadAck, Conn: k.id, Note: "no envelope_id"})
		return
	}
	r := Record{EnvelopeID: ack.EnvelopeID, Conn: k.id, Body: ack.Payload}
	if _, dropped := s.faults.take(FaultAck); dropped {
		r.Kind = KindDroppedAck
		s.history.add(r)
		return
	}
	e, p := s.match(k, &r)
	if p == nil {
		s.history.add(r)
		return
	}
	answer := Answer{EnvelopeID: e.id, Acked: true, AckAfter: time.Since(p.first)}
	if e.onAck != nil {
		answer.effect = e.onAck(ack.Payload)
		answer.Message, answer.Error = answer.effect.message, answer.effect.err
	}
	// The record comes after the message is there and before the answer:
	// whoever waits for either finds everything.
	s.history.add(r)
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	s.board.settle(p, answer)
}

// match finds the delivery that the acknowledgement belongs to, and names the
// kind of it in r. A nil delivery has nothing more to it.
func (s *Server) match(k *socket, r *Record) (*envelope, *Pending) {
	b := s.board
	b.mu.Lock()
	defer b.mu.Unlock()
	e, known := b.envelopes[r.EnvelopeID]
	if !known {
		r.Kind, r.Note = KindBadAck, "unknown envelope"
		return nil, nil
	}
	r.EnvelopeType, r.UserID = e.kind, e.userID
	if len(e.unacked) == 0 {
		if e.acks++; e.acks > e.sent {
			r.Kind = KindDoubleAck
		} else { // both frames of a redelivered envelope were answered
			r.Kind, r.Note = KindAck, "of the other delivery"
		}
		return nil, nil
	}
	at := slices.IndexFunc(e.unacked, func(p *Pending) bool { return p.conn == k })
	if at < 0 {
		r.Note = "on another socket"
		if s.o.ForeignAcks == RefuseForeignAcks {
			r.Kind = KindForeignAck
			return nil, nil
		}
		at = 0
	}
	p := e.unacked[at]
	e.unacked = slices.Delete(e.unacked, at, at+1)
	e.acks++
	p.acked = true
	delete(b.orphans, p)
	if p.conn != nil {
		delete(p.conn.pending, p)
	}
	if p.settled {
		r.Kind = KindLateAck
		return nil, nil
	}
	r.Kind = KindAck
	return e, p
}

// empty reports whether a payload says nothing.
func empty(payload json.RawMessage) bool {
	switch string(payload) {
	case "", "null", "{}", `""`:
		return true
	}
	return false
}
