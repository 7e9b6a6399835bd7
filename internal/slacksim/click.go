package slacksim

import (
	"encoding/json"
	"fmt"
	"maps"
)

type object = map[string]any

// surface is where a person presses and chooses: a message, or a view (their
// Home, the modal in front of them), which has a message without anything.
type surface struct {
	message Message
	view    string // its ID, empty: none
	buttons []Button
	menus   []Menu
}

// surface finds the one that is meant, where it shows to the person.
func (s *Server) surface(o PressOptions) (surface, bool) {
	if o.Home {
		h, published := s.HomeTab(o.UserID)
		return surface{view: h.ID, buttons: h.buttons, menus: h.menus}, published
	}
	if o.Modal {
		m, open := s.Modal(o.UserID)
		return surface{view: m.ID, buttons: m.buttons, menus: m.menus}, open
	}
	m, known := s.inbox.get(o.MessageID)
	if !known || m.Deleted || m.UserID == "" && o.UserID != "" && !s.channels.shows(m.ChannelID, o.UserID) {
		return surface{}, false
	}
	return surface{message: m, buttons: m.buttons, menus: m.menus}, true
}

// picked remembers what a select shows now.
func (s *Server) picked(on *surface, k pick) {
	if on.view == "" {
		on.message.picks = on.message.picks.with(k)
		s.inbox.update(on.message.ID, func(m *Message) { m.picks = m.picks.with(k) })
		return
	}
	s.modals.mu.Lock()
	defer s.modals.mu.Unlock()
	if v := s.modals.shown(k.userID, on.view); v != nil {
		k.userID = "" // nobody else has this view
		v.picks = v.picks.with(k)
	}
}

// action is a press as it stands in block_actions, without its time.
func (b Button) action(omitURL bool) object {
	a := object{
		"type": "button", "action_id": b.ActionID, "block_id": b.BlockID,
		"text": object{"type": "plain_text", "text": b.Text, "emoji": true},
	}
	for name, value := range map[string]string{"value": b.Value, "style": b.Style, "url": b.URL} {
		if value != "" && (name != "url" || !omitURL) {
			a[name] = value
		}
	}
	return a
}

// click makes the envelope of one block_actions event, and the response_url in
// it, which only messages have. An acknowledgement's payload is ignored, as
// Slack does it.
func (s *Server) click(g gesture, o PressOptions) (*envelope, string) {
	who := or(o.As, o.UserID)
	action := maps.Clone(g.action)
	action["action_ts"] = s.stamp()
	payload := s.interaction("block_actions", who, or(o.AsTeam, s.home(who)))
	payload["trigger_id"], payload["actions"] = s.trigger(who), []object{action}
	address := ""
	if g.on.view != "" {
		payload["container"] = object{"type": "view", "view_id": g.on.view}
		if view := s.shownObject(o.UserID, g.on.view); view != nil { // not closed meanwhile
			payload["view"] = view
		}
	} else {
		address = s.clickedMessage(payload, g.on.message, who, o.UserID)
	}
	body, err := json.Marshal(payload)
	if err != nil {
		panic(fmt.Sprintf("slacksim: click: %v", err)) // blocks were checked when they came
	}
	return newEnvelope("interactive", who, body, true), address
}

// clickedMessage adds what a payload says of the message, as the person sees
// it, and returns its response_url.
func (s *Server) clickedMessage(payload object, m Message, who, person string) string {
	address := s.responseURL(&hook{click: true, userID: or(m.UserID, who), channelID: m.ChannelID, messageID: m.ID})
	maps.Copy(payload, object{
		"state":        object{"values": m.picks.state(object{}, person, m.menus)},
		"container":    object{"type": "message", "message_ts": m.TS, "channel_id": m.ChannelID, "is_ephemeral": m.Ephemeral},
		"channel":      object{"id": m.ChannelID, "name": s.channelName(m.ChannelID)},
		"response_url": address,
	})
	if !m.Ephemeral { // of an ephemeral message Slack sends no message object
		payload["message"] = s.messageObject(m)
	}
	return address
}
