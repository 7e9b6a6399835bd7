package bot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/slack-go/slack/socketmode"
)

// envelope is what Slack sends around every payload. Payloads are read by our
// own small structs: slack-go's refuse a whole envelope for a field that we
// don't use, and leave it unacknowledged.
type envelope struct {
	ID      string          `json:"envelope_id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
	Accepts bool            `json:"accepts_response_payload"`

	from     *socket
	received time.Time
}

// kind is what metrics call it.
func (e envelope) kind() string {
	switch e.Type {
	case socketmode.RequestTypeSlashCommands:
		return "command"
	case socketmode.RequestTypeInteractive:
		return "interactive"
	case socketmode.RequestTypeEventsAPI:
		return "event"
	}
	return "other"
}

// maxID bounds the identifiers that Slack sends; they are some twenty letters.
const maxID = 255

// take accepts an envelope from a socket's event loop: it only puts it into the
// pool.
func (b *Bot) take(s *socket, e envelope) {
	e.from, e.received = s, time.Now()
	if e.ID == "" || len(e.ID) > maxID {
		s.log.Warn("an envelope without an ID can't be acknowledged", "type", clip(e.Type))
		return
	}
	ok := b.work.take(job{
		do:       func() { b.handle(e) },
		overflow: func() { b.answer(e, replyAddress(e), notice(wordsBusy)) },
		failed:   func() { b.answer(e, replyAddress(e), notice(wordsBroken)) },
	})
	if !ok {
		if b.o.Watch != nil {
			b.o.Watch.Dropped()
		}
		s.log.Error("an envelope was dropped: too many at once", "envelope", e.ID, "type", clip(e.Type))
	}
}

// requestEnvelope is an envelope that slack-go could read.
func requestEnvelope(r *socketmode.Request) envelope {
	return envelope{ID: r.EnvelopeID, Type: r.Type, Payload: r.Payload, Accepts: r.AcceptsResponsePayload}
}

// rawEnvelope is one that it couldn't: an unknown type of event, or rubbish.
func rawEnvelope(message json.RawMessage) envelope {
	var e envelope
	if err := json.Unmarshal(message, &e); err != nil {
		// A payload of a strange type must not keep the envelope from being
		// acknowledged, or Slack would send it for ever.
		var id struct {
			ID string `json:"envelope_id"`
		}
		_ = json.Unmarshal(message, &id)
		e = envelope{ID: id.ID}
	}
	return e
}

// handle works on one envelope. Whatever it holds, it is acknowledged once.
func (b *Bot) handle(e envelope) {
	ctx, cancel := context.WithDeadline(context.Background(), e.received.Add(ackTime-300*time.Millisecond))
	defer cancel()
	switch e.Type {
	case socketmode.RequestTypeSlashCommands:
		var c command
		if err := json.Unmarshal(e.Payload, &c); err != nil || !c.valid() {
			b.odd(e)
			return
		}
		b.answer(e, c.ResponseURL, b.command(ctx, c))
	case socketmode.RequestTypeInteractive:
		b.interactive(ctx, e)
	case socketmode.RequestTypeEventsAPI:
		b.acknowledge(e, nil)
		var p eventPayload
		if err := json.Unmarshal(e.Payload, &p); err != nil {
			b.note("a payload can't be read", e)
			return
		}
		b.event(p)
	default:
		b.odd(e)
	}
}

// odd acknowledges an envelope that nothing can be done with.
func (b *Bot) odd(e envelope) {
	b.acknowledge(e, nil)
	b.note("an envelope of an unknown kind was acknowledged and left alone", e)
}

// note logs about an envelope, never its content.
func (b *Bot) note(what string, e envelope) {
	b.o.Log.Warn(what, "envelope", e.ID, "type", clip(e.Type), "bytes", len(e.Payload))
}

// lateAck is how long a late acknowledgement may still wait for a connection.
// It answers nobody, but keeps Slack from sending the envelope again.
const lateAck = time.Second

// acknowledge sends an acknowledgement, and says whether it was sent.
func (b *Bot) acknowledge(e envelope, payload any) bool {
	deadline := e.received.Add(ackTime)
	if late := time.Now().Add(lateAck); payload == nil && deadline.Before(late) {
		deadline = late
	}
	err := b.acks.send(e.from, e.ID, payload, deadline)
	if b.o.Watch != nil {
		b.o.Watch.Envelope(e.kind(), time.Since(e.received), err == nil)
	}
	if err != nil {
		b.o.Log.Warn("an envelope couldn't be acknowledged", "envelope", e.ID, "type", clip(e.Type), "err", err)
		return false
	}
	return true
}

// answer acknowledges a command with its message. Where that comes too late,
// the message follows by the command's response URL.
func (b *Bot) answer(e envelope, responseURL string, m message) {
	if m.acked != nil {
		defer m.acked()
	}
	if time.Since(e.received) < ackTime && e.Accepts && b.acknowledge(e, m) {
		return
	}
	b.acknowledge(e, nil)
	if responseURL == "" {
		return
	}
	b.o.Log.Warn("the acknowledgement was late, the answer follows by the response URL", "envelope", e.ID)
	b.later(responseURL, m)
}

// replyAddress is a command's response URL; clicks have none that may be used
// for an answer.
func replyAddress(e envelope) string {
	var c command
	if e.Type != socketmode.RequestTypeSlashCommands || json.Unmarshal(e.Payload, &c) != nil {
		return ""
	}
	return c.ResponseURL
}

// clip bounds a text of Slack's for the log.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64]
	}
	return s
}
