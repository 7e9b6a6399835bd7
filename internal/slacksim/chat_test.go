package slacksim_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

func or(v any) string {
	text, _ := v.(string)
	return text
}

// texts is what a person sees.
func texts(s *slacksim.Server, userID string) string {
	var all []string
	for _, m := range s.Messages(userID) {
		all = append(all, m.Text)
	}
	return strings.Join(all, ",")
}

func TestChatMethods(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{NoRateLimits: true})
	s.AddPeople(slacksim.Person{ID: "U1", Name: "jane"}, slacksim.Person{ID: "U2"})
	s.AddChannel(slacksim.Channel{ID: "C1", Members: []string{"U1"}, BotMember: true})
	s.AddChannel(slacksim.Channel{ID: "C2", Members: []string{"U1"}})
	s.AddChannel(slacksim.Channel{ID: "C3", Private: true, Members: []string{"U1"}})
	s.AddChannel(slacksim.Channel{ID: "C4", Archived: true, BotMember: true})
	tests := []struct {
		method string
		params map[string]any
		want   string
	}{
		{"conversations.open", obj{"users": "U404"}, "user_not_found"},
		{"conversations.open", obj{}, "users_list_not_supplied"},
		{"chat.postMessage", obj{"channel": "D1", "text": "too early"}, "channel_not_found"},
		{"conversations.open", obj{"users": "U1"}, ""},
		{"chat.postMessage", obj{"channel": "D1", "text": "by DM"}, ""},
		{"chat.postMessage", obj{"channel": "U1", "text": "by user"}, ""},
		{"chat.postMessage", obj{"channel": "D1"}, "no_text"},
		{"chat.postEphemeral", obj{"channel": "C1", "user": "U1", "text": "only you"}, ""},
		{"chat.postEphemeral", obj{"channel": "D1", "user": "U1", "text": "here too"}, ""},
		{"chat.postEphemeral", obj{"channel": "D1", "user": "U2", "text": "x"}, "user_not_in_channel"},
		{"chat.postEphemeral", obj{"channel": "C1", "user": "U404", "text": "x"}, "user_not_in_channel"},
		{"chat.postEphemeral", obj{"channel": "C1", "user": "U2", "text": "x"}, "user_not_in_channel"},
		{"chat.postEphemeral", obj{"channel": "C2", "user": "U1", "text": "x"}, "not_in_channel"},
		{"chat.postEphemeral", obj{"user": "U1", "text": "x"}, "channel_not_found"},
		{"chat.postMessage", obj{"channel": "C1", "text": "to members"}, ""},
		{"chat.postMessage", obj{"channel": "C0GENERAL", "text": "to all"}, ""},
		{"chat.postMessage", obj{"channel": "C2", "text": "x"}, "not_in_channel"},
		{"chat.postMessage", obj{"channel": "C3", "text": "x"}, "channel_not_found"},
		{"chat.postMessage", obj{"channel": "C4", "text": "x"}, "is_archived"},
		{"chat.postMessage", obj{"channel": "C404", "text": "x"}, "channel_not_found"},
		{"chat.postMessage", obj{"channel": "C1", "text": "x", "blocks": []any{obj{"type": "hologram"}}}, "invalid_blocks"},
		{"chat.postMessage", obj{"channel": "C1", "text": strings.Repeat("x", 40001)}, "msg_too_long"},
	}
	for _, tt := range tests {
		if _, answer := post(t, s, tt.method, s.BotToken(), tt.params); or(answer["error"]) != tt.want {
			t.Errorf("%s %.80v: %q, want %q", tt.method, tt.params, or(answer["error"]), tt.want)
		}
	}
	if got := texts(s, "U1"); got != "by DM,by user,only you,here too,to members,to all" {
		t.Errorf("U1 sees %s", got)
	}
	if got := texts(s, "U2"); got != "to all" {
		t.Errorf("U2 sees %s", got)
	}
	if r := wait(t, s, slacksim.KindShown); r.ChannelID != "D1" {
		t.Errorf("record %+v", r)
	}
}

func TestPublicChannelsWithTheScope(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{Scopes: []string{"chat:write", "chat:write.public"}})
	s.AddChannel(slacksim.Channel{ID: "C2", Members: []string{"U1"}})
	if _, answer := post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": "C2", "text": "hi"}); answer["ok"] != true {
		t.Errorf("%v", answer)
	}
}

func TestUpdateAndDelete(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{NoRateLimits: true})
	s.AddPeople(slacksim.Person{ID: "U1"}, slacksim.Person{ID: "U2"})
	s.AddChannel(slacksim.Channel{ID: "C1", Members: []string{"U1"}, BotMember: true})
	said, err := s.Say("U1", "C1", "a person's")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Say("U2", "C1", "x"); !errors.Is(err, slacksim.ErrNotInChannel) {
		t.Errorf("a stranger says: %v", err)
	}
	ts := func(method string, params obj) string {
		t.Helper()
		_, answer := post(t, s, method, s.BotToken(), params)
		if answer["ok"] != true {
			t.Fatalf("%s: %v", method, answer)
		}
		return or(answer["ts"]) + or(answer["message_ts"])
	}
	blocks := []any{actions(button(nil))}
	open := ts("chat.postMessage", obj{"channel": "C1", "text": "open", "blocks": blocks})
	direct := ts("chat.postMessage", obj{"channel": "U1", "text": "direct"})
	secret := ts("chat.postEphemeral", obj{"channel": "C1", "user": "U1", "text": "secret"})
	tests := []struct {
		method string
		params obj
		want   string
	}{
		{"chat.update", obj{"channel": "C404", "ts": open, "text": "x"}, "channel_not_found"},
		{"chat.update", obj{"channel": "U1", "ts": direct, "text": "x"}, "channel_not_found"},
		{"chat.update", obj{"channel": "C1", "ts": direct, "text": "x"}, "message_not_found"},
		{"chat.update", obj{"channel": "C1", "ts": secret, "text": "x"}, "cant_update_message"},
		{"chat.update", obj{"channel": "C1", "ts": said.TS, "text": "x"}, "cant_update_message"},
		{"chat.delete", obj{"channel": "C1", "ts": said.TS}, "cant_delete_message"},
		{"chat.update", obj{"channel": "C1", "ts": open}, "no_text"},
		{"chat.update", obj{"channel": "C1", "ts": open, "blocks": []any{1}}, "invalid_blocks"},
		{"chat.update", obj{"channel": "C1", "ts": open, "text": "decided"}, ""},
		{"chat.update", obj{"channel": "D1", "ts": direct, "text": "direct again"}, ""},
	}
	for _, tt := range tests {
		if _, answer := post(t, s, tt.method, s.BotToken(), tt.params); or(answer["error"]) != tt.want {
			t.Errorf("%s %v: %v, want %q", tt.method, tt.params, answer, tt.want)
		}
	}
	if got := texts(s, "U1"); got != "a person's,decided,direct again,secret" {
		t.Errorf("U1 sees %s", got)
	}
	m := s.Messages("U1")[1]
	if m.Replaced != 1 || m.Blocks != nil || len(m.Buttons()) != 0 {
		t.Errorf("text alone leaves %+v", m)
	}
	if r := wait(t, s, slacksim.KindReplaced); r.Method != slacksim.SourceUpdate || r.ChannelID != "C1" {
		t.Errorf("record %+v", r)
	}
}

func TestUpdateOfWhatIsGone(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	_, answer := post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": "C0GENERAL", "text": "open"})
	place := obj{"channel": "C0GENERAL", "ts": answer["ts"], "text": "x"}
	call := func(method, want string) {
		t.Helper()
		if _, answer := post(t, s, method, s.BotToken(), place); or(answer["error"]) != want {
			t.Errorf("%s: %v, want %q", method, answer, want)
		}
	}
	call("chat.delete", "")
	call("chat.delete", "message_not_found")
	call("chat.update", "message_not_found")
	if m := s.Messages("U1"); len(m) != 0 {
		t.Errorf("U1 sees %+v", m)
	}
	s.AddChannel(slacksim.Channel{ID: "C0GENERAL", Archived: true, BotMember: true})
	call("chat.update", "is_inactive")
	s.AddChannel(slacksim.Channel{ID: "C0GENERAL", Private: true})
	call("chat.update", "channel_not_found")
}

// Several people press the buttons of one message in a channel.
func TestPressInAChannel(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1"}, slacksim.Person{ID: "U2"}, slacksim.Person{ID: "U3"})
	s.AddChannel(slacksim.Channel{ID: "C1", Name: "approvals", Members: []string{"U1", "U2"}, BotMember: true})
	a := connect(t, s)
	post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": "C1", "text": "May U9?", "blocks": []any{actions(button(nil))}})
	m := s.Messages("U2")[0]
	if _, err := s.Press(within(t), "U3", m.ID, 0); !errors.Is(err, slacksim.ErrNoButton) {
		t.Errorf("somebody outside pressed: %v", err)
	}
	var press *slacksim.Press
	for _, who := range []string{"U1", "U2"} {
		var frames []frame
		press, frames = pressed(t, s, a, slacksim.PressOptions{UserID: who, MessageID: m.ID})
		payload := decode(t, frames[0].Payload)
		user, _ := payload["user"].(map[string]any)
		message, _ := payload["message"].(map[string]any)
		container, _ := payload["container"].(map[string]any)
		channel, _ := payload["channel"].(map[string]any)
		if user["id"] != who || message["ts"] != m.TS || container["channel_id"] != "C1" || container["is_ephemeral"] != false || channel["name"] != "approvals" {
			t.Errorf("payload %s", frames[0].Payload)
		}
	}
	if status, body := respond(t, press.ResponseURL, `{"text":"only U2 is told"}`); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if status, body := respond(t, press.ResponseURL, `{"replace_original":true,"text":"approved"}`); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if one, two, three := texts(s, "U1"), texts(s, "U2"), texts(s, "U3"); one != "approved" || two != "approved,only U2 is told" || three != "" {
		t.Errorf("they see %q, %q and %q", one, two, three)
	}
	s.AddChannel(slacksim.Channel{ID: "C1", Private: true, Members: []string{"U1"}, BotMember: true})
	if c, known := s.Channel("C1"); !known || !c.Private || len(c.Members) != 1 || c.Name != "c1" {
		t.Errorf("channel %+v", c)
	}
	if two := texts(s, "U2"); two != "only U2 is told" {
		t.Errorf("after leaving U2 sees %q", two)
	}
}
