package slacksim

import (
	"encoding/json"
	"slices"
	"strings"
)

func (s *Server) userGroupsList(*call) ([]byte, slackError) {
	type group struct {
		ID     string   `json:"id"`
		TeamID string   `json:"team_id"`
		Handle string   `json:"handle"`
		Users  []string `json:"users"`
		Count  int      `json:"user_count"`
	}
	s.people.mu.RLock()
	defer s.people.mu.RUnlock()
	groups := []group{}
	for id, members := range s.people.groups {
		groups = append(groups, group{id, s.o.TeamID, strings.ToLower(id), members, len(members)})
	}
	slices.SortFunc(groups, func(a, b group) int { return strings.Compare(a.ID, b.ID) })
	return okWith("usergroups", groups), ""
}

func (s *Server) userGroupsUsersList(c *call) ([]byte, slackError) {
	members, known := s.people.group(c.params.Get("usergroup"))
	if !known {
		return nil, "no_such_subteam"
	}
	return okWith("users", members), ""
}

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
	channel := c.params.Get("channel")
	m := Message{ChannelID: channel, Source: SourcePostMessage}
	if owner, known := s.inbox.owner(channel); known {
		m.UserID = owner
	} else if _, known := s.people.get(channel); known { // a user ID stands for the DM with them
		m.UserID, m.ChannelID = channel, dm(channel)
		s.inbox.open(m.ChannelID, channel)
	} else if !strings.HasPrefix(channel, "C") {
		return nil, "channel_not_found"
	}
	return s.post(c, m)
}

func (s *Server) chatPostEphemeral(c *call) ([]byte, slackError) {
	userID, channel := c.params.Get("user"), c.params.Get("channel")
	if channel == "" {
		return nil, "channel_not_found"
	}
	if _, known := s.people.get(userID); !known {
		return nil, "user_not_in_channel"
	}
	return s.post(c, Message{UserID: userID, ChannelID: channel, Ephemeral: true, Source: SourcePostEphemeral})
}

// post shows a message of the chat methods.
func (s *Server) post(c *call, m Message) ([]byte, slackError) {
	content := content{Text: c.params.Get("text"), Blocks: []byte(c.params.Get("blocks"))}
	shown, code := s.show(m, content)
	if code != "" {
		return nil, code
	}
	if m.Ephemeral {
		return okWith("message_ts", shown.TS), ""
	}
	body, _ := json.Marshal(map[string]any{
		"ok": true, "channel": shown.ChannelID, "ts": shown.TS,
		"message": map[string]any{"type": "message", "user": s.o.BotUserID, "text": shown.Text, "ts": shown.TS},
	})
	return body, ""
}

// viewsOpen checks the trigger and the size of the view, and shows nothing.
func (s *Server) viewsOpen(c *call) ([]byte, slackError) {
	if code := s.board.useTrigger(c.params.Get("trigger_id")); code != "" {
		return nil, code
	}
	return s.view(c)
}

// viewsPublish keeps the view as the Home of a person.
func (s *Server) viewsPublish(c *call) ([]byte, slackError) {
	userID := c.params.Get("user_id")
	if _, known := s.people.get(userID); !known {
		return nil, "user_not_found"
	}
	body, code := s.view(c)
	if code == "" {
		s.inbox.setHome(userID, json.RawMessage(c.params.Get("view")))
	}
	return body, code
}

func (s *Server) view(c *call) ([]byte, slackError) {
	var view struct {
		Type   string          `json:"type"`
		Blocks json.RawMessage `json:"blocks"`
	}
	raw := []byte(c.params.Get("view"))
	if json.Unmarshal(raw, &view) != nil || view.Type == "" {
		return nil, "invalid_arguments"
	}
	if _, _, err := checkBlocks(view.Blocks, maxViewBlocks); err != nil {
		s.history.add(Record{Kind: KindRefused, Method: c.method, Note: err.Error()})
		return nil, "invalid_blocks"
	}
	return okWith("view", map[string]string{"id": s.slackID("V"), "team_id": s.o.TeamID, "type": view.Type}), ""
}

// okWith is {"ok":true} and one more member.
func okWith(name string, value any) []byte {
	body, _ := json.Marshal(map[string]any{"ok": true, name: value}) // plain values always marshal
	return body
}
