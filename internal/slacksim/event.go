package slacksim

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// SendEvent delivers an Events API event (the inner one, {"type":…}) and waits
// for its acknowledgement or the deadline. An event that nobody acknowledged
// is sent again as Options.EventRetries says.
func (s *Server) SendEvent(ctx context.Context, event any) (*Answer, error) {
	body, err := json.Marshal(event)
	if err != nil {
		return nil, fmt.Errorf("slacksim: event: %w", err)
	}
	return s.sendEvent(body, s.o.TeamID).Wait(ctx)
}

// sendEvent wraps the event of a workspace and delivers it.
func (s *Server) sendEvent(event json.RawMessage, team string) *Pending {
	enterprise := "null"
	b := append([]byte(`{"token":"deprecated","team_id":`), quote(team)...)
	if s.o.EnterpriseID != "" {
		enterprise = quote(s.o.EnterpriseID)
		b = field(b, "enterprise_id", enterprise)
	}
	b = field(b, "api_app_id", quote(s.o.AppID))
	b = field(b, "event", string(event))
	b = field(b, "type", `"event_callback"`)
	b = field(b, "event_id", quote(s.slackID("Ev")))
	b = field(b, "event_time", strconv.FormatInt(time.Now().Unix(), 10))
	// Whether the authorization of an organisation names the workspace too is
	// not documented: both are seen.
	b = append(b, `,"authorizations":[{"enterprise_id":`+enterprise...)
	b = field(b, "team_id", quote(team))
	b = field(b, "user_id", quote(s.o.BotUserID))
	b = flag(b, "is_bot", true)
	b = flag(b, "is_enterprise_install", s.o.OrgInstall)
	b = append(b, `}],"is_ext_shared_channel":false}`...)
	return s.tryEvent(b, 0)
}

// tryEvent is one attempt; the next one follows where this is lost.
func (s *Server) tryEvent(payload json.RawMessage, attempt int) *Pending {
	reason := ""
	if attempt > 0 {
		reason = "timeout"
	}
	e := newEnvelope("events_api", "", payload, false)
	p := s.expect(e, e.frame(attempt, reason))
	if attempt < len(s.o.EventRetries) {
		p.onLost = func() {
			s.later(s.o.EventRetries[attempt], func() { s.tryEvent(payload, attempt+1) })
		}
	}
	s.dispatch(p)
	return p
}

// SendEnvelope delivers an envelope of any type with any payload (nil: none)
// and waits for its acknowledgement or the deadline. What the acknowledgement
// says is recorded, nobody sees it.
func (s *Server) SendEnvelope(ctx context.Context, kind string, payload any, o EnvelopeOptions) (*Answer, error) {
	var body json.RawMessage
	if payload != nil {
		var err error
		if body, err = json.Marshal(payload); err != nil {
			return nil, fmt.Errorf("slacksim: envelope: %w", err)
		}
	}
	e := newEnvelope(kind, "", body, o.AcceptsResponsePayload)
	e.id = or(o.EnvelopeID, e.id)
	p := s.expect(e, e.frame(o.RetryAttempt, o.RetryReason))
	s.dispatch(p)
	return p.Wait(ctx)
}

// SendRaw sends a text frame as it is on one of the open sockets. Where it
// contains an envelope_id, an acknowledgement of that is matched. It fails
// with ErrNoSocket.
func (s *Server) SendRaw(_ context.Context, frame []byte) error {
	var known struct {
		EnvelopeID string `json:"envelope_id"`
		Type       string `json:"type"`
	}
	_ = json.Unmarshal(frame, &known) // it may be anything
	e := &envelope{id: known.EnvelopeID, kind: known.Type, raw: true}
	frame = append([]byte(nil), frame...)
	if json.Valid(frame) {
		e.payload = frame
	}
	if e.id == "" { // nothing that anybody could acknowledge
		s.board.mu.Lock()
		defer s.board.mu.Unlock()
		if !s.deliver(&Pending{env: e, frame: frame}, "") {
			return ErrNoSocket
		}
		return nil
	}
	p := s.expect(e, frame)
	s.dispatch(p)
	select {
	case <-p.Done():
		if p.answer.Error == ErrorDispatch {
			return ErrNoSocket
		}
	default:
	}
	return nil
}
