package slacksim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"
)

// ErrNoButton: the message or the view isn't there (any more) or doesn't show
// to this person, or has no such button.
var ErrNoButton = errors.New("slacksim: no such button")

// PressOptions is a press of a button.
type PressOptions struct {
	UserID    string // empty: the person whose message it is
	MessageID string
	Button    int // index in Message.Buttons
	// As is the ID that the event names instead of UserID, and AsTeam its
	// workspace: somebody else pressed it.
	As, AsTeam string
	// NoEvent: the browser opens the address, the app hears nothing of it.
	NoEvent bool
	// Delay of the event. Press.Event is how to wait for it.
	Delay time.Duration
	// Times is how many presses in a row; 0 is one. Each is a click of its own
	// with its own trigger_id and response_url.
	Times int
}

// Press is what a press of a button did.
type Press struct {
	URL string // what the browser opens, empty if it isn't a URL button

	// The rest is of the (last) event, empty if there is none or it was delayed.
	EnvelopeID  string
	ResponseURL string
	Acked       bool
	AckAfter    time.Duration
	Error       string
	// Event is the (last) event on its way, nil with NoEvent.
	Event *Pending
}

// Press presses a button of a message and waits until the app has acknowledged
// the event or its time is over. It fails with ErrNoButton or the error of ctx.
func (s *Server) Press(ctx context.Context, userID, messageID string, button int) (*Press, error) {
	return s.PressWith(ctx, PressOptions{UserID: userID, MessageID: messageID, Button: button})
}

// PressWith is Press with choices. With Delay or NoEvent it doesn't wait.
func (s *Server) PressWith(ctx context.Context, o PressOptions) (*Press, error) {
	m, known := s.inbox.get(o.MessageID)
	if !known || m.Deleted || o.Button < 0 || o.Button >= len(m.buttons) {
		return nil, ErrNoButton
	}
	if m.UserID == "" && o.UserID != "" && !s.channels.shows(m.ChannelID, o.UserID) {
		return nil, ErrNoButton
	}
	button := m.buttons[o.Button]
	o.UserID = or(o.UserID, m.UserID)
	press := &Press{URL: button.URL}
	s.history.add(Record{Kind: KindPress, UserID: o.UserID, ChannelID: m.ChannelID, Note: button.Text})
	if o.NoEvent {
		return press, nil
	}
	all := make([]*Pending, 0, max(1, o.Times))
	for range max(1, o.Times) {
		var e *envelope
		e, press.ResponseURL = s.click(m, button, o)
		press.Event = s.expect(e, e.frame(0, ""))
		all = append(all, press.Event)
		press.EnvelopeID = e.id
	}
	if o.Delay > 0 {
		s.later(o.Delay, func() {
			for _, p := range all {
				s.dispatch(p)
			}
		})
		return press, nil
	}
	for _, p := range all {
		s.dispatch(p)
	}
	for _, p := range all {
		answer, err := p.Wait(ctx)
		if err != nil {
			return press, err
		}
		press.Acked, press.AckAfter, press.Error = answer.Acked, answer.AckAfter, answer.Error
	}
	return press, nil
}

type object = map[string]any

// click makes the envelope of one block_actions event and the response_url in
// it. An acknowledgement's payload is ignored, as Slack does it.
func (s *Server) click(m Message, b Button, o PressOptions) (*envelope, string) {
	who := or(o.As, o.UserID)
	address := s.responseURL(&hook{click: true, userID: or(m.UserID, who), channelID: m.ChannelID, messageID: m.ID})
	stamp := s.stamp()
	action := object{
		"type": "button", "action_id": b.ActionID, "block_id": b.BlockID, "action_ts": stamp,
		"text": object{"type": "plain_text", "text": b.Text, "emoji": true},
	}
	for name, value := range map[string]string{"value": b.Value, "style": b.Style, "url": b.URL} {
		if value != "" && (name != "url" || !s.o.OmitActionURL) {
			action[name] = value
		}
	}
	payload := s.interaction("block_actions", who, or(o.AsTeam, s.home(who)))
	maps.Copy(payload, object{
		"state":      object{"values": object{}},
		"container":  object{"type": "message", "message_ts": m.TS, "channel_id": m.ChannelID, "is_ephemeral": m.Ephemeral},
		"channel":    object{"id": m.ChannelID, "name": s.channelName(m.ChannelID)},
		"trigger_id": s.trigger(who), "response_url": address, "actions": []object{action},
	})
	if !m.Ephemeral { // of an ephemeral message Slack sends no message object
		payload["message"] = s.messageObject(m)
	}
	body, err := json.Marshal(payload)
	if err != nil {
		panic(fmt.Sprintf("slacksim: click: %v", err)) // blocks were checked when they came
	}
	return newEnvelope("interactive", who, body, true), address
}
