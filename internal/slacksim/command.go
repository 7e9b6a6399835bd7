package slacksim

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// CommandOptions is a slash command with everything a test may want to choose.
type CommandOptions struct {
	UserID, Command, Text string
	ChannelID             string // empty: C0GENERAL; D…: a direct message; others needn't be known
	TeamID                string // that it is typed in; empty: the server's, or with OrgInstall the person's
	EnterpriseID          string // empty: the server's
}

// Command types a slash command as a person (who may be unknown to users.list)
// in the channel #general, and waits until the app has acknowledged it or its
// time is over. The error is that of ctx; what the person sees is the Answer.
func (s *Server) Command(ctx context.Context, userID, command, text string) (*Answer, error) {
	return s.CommandWith(ctx, CommandOptions{UserID: userID, Command: command, Text: text})
}

// CommandWith is Command with choices.
func (s *Server) CommandWith(ctx context.Context, o CommandOptions) (*Answer, error) {
	return s.StartCommandWith(o).Wait(ctx)
}

// StartCommand is Command without waiting.
func (s *Server) StartCommand(userID, command, text string) *Pending {
	return s.StartCommandWith(CommandOptions{UserID: userID, Command: command, Text: text})
}

// commandPayload is a slash command as it stands in an envelope.
type commandPayload struct {
	Token        string `json:"token"`
	TeamID       string `json:"team_id"`
	TeamDomain   string `json:"team_domain"`
	EnterpriseID string `json:"enterprise_id,omitempty"`
	Enterprise   string `json:"enterprise_name,omitempty"`
	ChannelID    string `json:"channel_id"`
	ChannelName  string `json:"channel_name"`
	UserID       string `json:"user_id"`
	UserName     string `json:"user_name"`
	Command      string `json:"command"`
	Text         string `json:"text"`
	AppID        string `json:"api_app_id"`
	OrgInstall   string `json:"is_enterprise_install"` // a string on the wire
	ResponseURL  string `json:"response_url"`
	TriggerID    string `json:"trigger_id"`
}

// StartCommandWith is CommandWith without waiting.
func (s *Server) StartCommandWith(o CommandOptions) *Pending {
	if o.TeamID == "" && s.o.OrgInstall {
		o.TeamID = s.people.team(s.home(o.UserID))
	}
	o.TeamID = or(o.TeamID, s.o.TeamID)
	o.EnterpriseID = or(o.EnterpriseID, s.o.EnterpriseID)
	o.ChannelID = or(o.ChannelID, general)
	p := commandPayload{
		Token: "deprecated", TeamID: o.TeamID, TeamDomain: s.people.domain(o.TeamID), EnterpriseID: o.EnterpriseID,
		ChannelID: o.ChannelID, ChannelName: s.channelName(o.ChannelID), UserID: o.UserID, UserName: s.userName(o.UserID),
		Command: o.Command, Text: o.Text, AppID: s.o.AppID, OrgInstall: strconv.FormatBool(s.o.OrgInstall), TriggerID: s.trigger(o.UserID),
		ResponseURL: s.responseURL(&hook{userID: o.UserID, channelID: o.ChannelID}),
	}
	if o.EnterpriseID != "" {
		p.Enterprise = enterpriseName
	}
	body, _ := json.Marshal(p) // strings always marshal
	e := newEnvelope("slash_commands", o.UserID, body, true)
	e.onAck = func(payload json.RawMessage) effect { return s.answered(o, payload) }
	return s.send(e)
}

// answered shows what the acknowledgement of a command says.
func (s *Server) answered(o CommandOptions, payload json.RawMessage) effect {
	if empty(payload) {
		return effect{}
	}
	var c content
	if json.Unmarshal(payload, &c.Text) != nil && json.Unmarshal(payload, &c) != nil {
		s.history.add(Record{Kind: KindRefused, Method: SourceAck, UserID: o.UserID, Note: "payload is neither text nor a message"})
		return effect{err: "invalid_payload"}
	}
	m := Message{UserID: o.UserID, ChannelID: o.ChannelID, Ephemeral: true, Source: SourceAck}
	if c.ResponseType == "in_channel" {
		m.UserID, m.Ephemeral = s.audience(o.ChannelID, o.UserID), false
	}
	shown, _, code := s.show(m, c)
	if code != "" {
		return effect{err: string(code)}
	}
	return effect{message: &shown}
}

func or(value, otherwise string) string {
	if value != "" {
		return value
	}
	return otherwise
}

func (s *Server) userName(id string) string {
	if p, known := s.people.get(id); known {
		return p.Name
	}
	return strings.ToLower(id)
}

// trigger makes a trigger_id of a person that opens one view, in time.
func (s *Server) trigger(userID string) string {
	id := fmt.Sprintf("%d.%d.%s", s.next(), s.next(), secret())
	s.board.keepTrigger(id, userID, time.Now().Add(s.o.TriggerTTL))
	return id
}

// RedeliverOptions says how an envelope comes again.
type RedeliverOptions struct {
	// NewID: under a new envelope ID, as Slack's retries do.
	NewID        bool
	RetryAttempt int
	RetryReason  string // timeout
}

// Redeliver sends an envelope once more, the same to the last byte, and waits
// for its acknowledgement or the deadline.
func (s *Server) Redeliver(envelopeID string) (*Answer, error) {
	return s.RedeliverAs(envelopeID, RedeliverOptions{})
}

// RedeliverAs is Redeliver with choices. Only the latest 20,000 envelopes are
// kept; of others it says ErrUnknownEnvelope.
func (s *Server) RedeliverAs(envelopeID string, o RedeliverOptions) (*Answer, error) {
	s.board.mu.Lock()
	e, known := s.board.envelopes[envelopeID]
	s.board.mu.Unlock()
	if !known {
		return nil, ErrUnknownEnvelope
	}
	if o.NewID {
		twin := newEnvelope(e.kind, e.userID, e.payload, e.accepts)
		twin.onAck = e.onAck
		e = twin
	}
	p := s.expect(e, e.frame(o.RetryAttempt, o.RetryReason))
	s.dispatch(p)
	return p.Wait(context.Background()) // ends at the deadline or with Close
}
