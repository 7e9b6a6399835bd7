package slacksim

import (
	"encoding/json"
	"strings"
)

// dm is the channel of the direct messages between the app and a person.
func dm(userID string) string { return "D" + strings.TrimLeft(userID, "UW") }

func (s *Server) conversationsOpen(c *call) ([]byte, slackError) {
	userID := c.params.Get("users")
	if userID == "" {
		return nil, "users_list_not_supplied"
	}
	if _, known := s.people.get(userID); !known {
		return nil, "user_not_found"
	}
	s.inbox.open(dm(userID), userID)
	return okWith("channel", map[string]string{"id": dm(userID)}), ""
}

func (s *Server) chatPostMessage(c *call) ([]byte, slackError) {
	m, code := s.addressed(c.params.Get("channel"), SourcePostMessage)
	if code != "" {
		return nil, code
	}
	return s.post(c, m)
}

// addressed is an empty message in a channel that the app can write in.
func (s *Server) addressed(channel, source string) (Message, slackError) {
	m := Message{ChannelID: channel, Source: source}
	if owner, known := s.inbox.owner(channel); known {
		m.UserID = owner
	} else if _, known := s.people.get(channel); known { // a user ID stands for the DM with them
		m.UserID, m.ChannelID = channel, dm(channel)
		s.inbox.open(m.ChannelID, channel)
	} else if code := s.postable(channel); code != "" {
		return Message{}, code
	}
	return m, ""
}

// audience is whose a message is that isn't ephemeral: everybody's (empty) in
// a channel, one person's in a direct message. Of a DM that the app isn't in
// only the person who typed a command there is known.
func (s *Server) audience(channel, typist string) string {
	if owner, direct := s.inbox.owner(channel); direct {
		return owner
	}
	if strings.HasPrefix(channel, "D") {
		return typist
	}
	return ""
}

func (s *Server) chatPostEphemeral(c *call) ([]byte, slackError) {
	userID, channel := c.params.Get("user"), c.params.Get("channel")
	m := Message{UserID: userID, ChannelID: channel, Ephemeral: true, Source: SourcePostEphemeral}
	if owner, known := s.inbox.owner(channel); known {
		if owner != userID {
			return nil, "user_not_in_channel"
		}
		return s.post(c, m)
	}
	if code := s.postable(channel); code != "" {
		return nil, code
	}
	if _, known := s.people.get(userID); !known || !s.channels.shows(channel, userID) {
		return nil, "user_not_in_channel"
	}
	return s.post(c, m)
}

func (c *call) content() content {
	return content{Text: c.params.Get("text"), Blocks: []byte(c.params.Get("blocks"))}
}

// post shows a message of the chat methods.
func (s *Server) post(c *call, m Message) ([]byte, slackError) {
	shown, refusal, code := s.show(m, c.content())
	if code != "" {
		return refusal, code
	}
	if m.Ephemeral {
		return okWith("message_ts", shown.TS), ""
	}
	body, _ := json.Marshal(object{
		"ok": true, "channel": shown.ChannelID, "ts": shown.TS, "message": s.messageObject(shown),
	}) // strings and checked blocks always marshal
	return body, ""
}

// messageObject is a message on the wire.
func (s *Server) messageObject(m Message) object {
	o := object{"type": "message", "user": s.o.BotUserID, "bot_id": "B0STUDIO", "app_id": s.o.AppID, "text": m.Text, "ts": m.TS}
	if m.Blocks != nil {
		o["blocks"] = m.Blocks
	}
	if m.Replaced > 0 {
		o["edited"] = object{"user": "B0STUDIO", "ts": m.TS}
	}
	return o
}

// chatUpdate replaces a message. Text without blocks takes the blocks away,
// as Slack documents it.
func (s *Server) chatUpdate(c *call) ([]byte, slackError) {
	m, code := s.own(c, "cant_update_message")
	if code != "" {
		return nil, code
	}
	m, refusal, code := s.replace(m.ID, c.content(), SourceUpdate)
	if code != "" {
		return refusal, code
	}
	body, _ := json.Marshal(object{
		"ok": true, "channel": m.ChannelID, "ts": m.TS, "text": m.Text, "message": s.messageObject(m),
	}) // as in post
	return body, ""
}

func (s *Server) chatDelete(c *call) ([]byte, slackError) {
	m, code := s.own(c, "cant_delete_message")
	if code == "" {
		code = s.remove(m.ID, "chat.delete")
	}
	if code != "" {
		return nil, code
	}
	body, _ := json.Marshal(object{"ok": true, "channel": m.ChannelID, "ts": m.TS}) // strings always marshal
	return body, ""
}

// own finds the app's message that a call names by channel and ts. A user ID
// doesn't stand for the DM here. Slack documents that ephemeral messages can't
// be changed like this, not with which code.
func (s *Server) own(c *call, foreign slackError) (Message, slackError) {
	channel := c.params.Get("channel")
	if _, direct := s.inbox.owner(channel); !direct {
		place, known := s.channels.get(channel)
		switch {
		case !known, place.Private && !place.BotMember:
			return Message{}, "channel_not_found"
		case place.Archived:
			return Message{}, "is_inactive"
		}
	}
	m, known := s.inbox.at(channel, c.params.Get("ts"))
	switch {
	case !known || m.Deleted:
		return Message{}, "message_not_found"
	case m.Ephemeral || m.Author != "":
		return Message{}, foreign
	}
	return m, ""
}
