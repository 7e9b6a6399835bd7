package slacksim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

func TestChatMethods(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1", Name: "jane"})
	tests := []struct {
		method string
		params map[string]any
		want   string
	}{
		{"conversations.open", map[string]any{"users": "U404"}, "user_not_found"},
		{"conversations.open", map[string]any{}, "users_list_not_supplied"},
		{"chat.postMessage", map[string]any{"channel": "D1", "text": "too early"}, "channel_not_found"},
		{"conversations.open", map[string]any{"users": "U1"}, ""},
		{"chat.postMessage", map[string]any{"channel": "D1", "text": "by DM"}, ""},
		{"chat.postMessage", map[string]any{"channel": "U1", "text": "by user"}, ""},
		{"chat.postMessage", map[string]any{"channel": "D1"}, "no_text"},
		{"chat.postEphemeral", map[string]any{"channel": "C1", "user": "U1", "text": "only you"}, ""},
		{"chat.postEphemeral", map[string]any{"channel": "C1", "user": "U404", "text": "x"}, "user_not_in_channel"},
		{"chat.postEphemeral", map[string]any{"user": "U1", "text": "x"}, "channel_not_found"},
		{"chat.postMessage", map[string]any{"channel": "C1", "text": "to all"}, ""},
		{"chat.postMessage", map[string]any{"channel": "C1", "text": "x", "blocks": []any{map[string]any{"type": "hologram"}}}, "invalid_blocks"},
		{"chat.postMessage", map[string]any{"channel": "C1", "text": strings.Repeat("x", 40001)}, "msg_too_long"},
	}
	for _, tt := range tests {
		if _, answer := post(t, s, tt.method, s.BotToken(), tt.params); or(answer["error"]) != tt.want {
			t.Errorf("%s %v: %q, want %q", tt.method, tt.params, or(answer["error"]), tt.want)
		}
	}
	var texts []string
	for _, m := range s.Messages("U1") {
		texts = append(texts, m.Text)
	}
	if got := strings.Join(texts, ","); got != "by DM,by user,only you,to all" {
		t.Errorf("U1 sees %s", got)
	}
	if others := s.Messages("U2"); len(others) != 1 {
		t.Errorf("U2 sees %d messages", len(others))
	}
}

func or(v any) string {
	text, _ := v.(string)
	return text
}

func TestViewsAndGroups(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{TriggerTTL: 300 * time.Millisecond})
	s.AddPeople(slacksim.Person{ID: "U1", Name: "jane"})
	s.AddUserGroup("S1", "U1", "U2")
	a := connect(t, s)
	s.StartCommand("U1", "/studio", "")
	trigger := decode(t, a.next().Payload)["trigger_id"]
	s.StartCommand("U1", "/studio", "")
	stale := decode(t, a.next().Payload)["trigger_id"]
	home := map[string]any{"type": "home", "blocks": []any{map[string]any{"type": "divider"}}}
	call := func(method string, params map[string]any, want string) {
		t.Helper()
		if _, answer := post(t, s, method, s.BotToken(), params); or(answer["error"]) != want {
			t.Errorf("%s: %q, want %q", method, or(answer["error"]), want)
		}
	}
	call("views.open", map[string]any{"trigger_id": trigger, "view": home}, "")
	call("views.open", map[string]any{"trigger_id": trigger, "view": home}, "exchanged_trigger_id")
	call("views.open", map[string]any{"trigger_id": "1.2.x", "view": home}, "invalid_trigger_id")
	call("views.publish", map[string]any{"user_id": "U1", "view": home}, "")
	call("views.publish", map[string]any{"user_id": "U404", "view": home}, "user_not_found")
	call("views.publish", map[string]any{"user_id": "U1", "view": 7}, "invalid_arguments")
	call("views.publish", map[string]any{"user_id": "U1", "view": map[string]any{"type": "home", "blocks": []any{1}}}, "invalid_blocks")
	if !strings.Contains(string(s.Home("U1")), "divider") {
		t.Errorf("home %s", s.Home("U1"))
	}
	call("usergroups.users.list", map[string]any{"usergroup": "S1"}, "")
	call("usergroups.users.list", map[string]any{"usergroup": "S2"}, "no_such_subteam")
	_, answer := post(t, s, "usergroups.list", s.BotToken(), nil)
	if groups, _ := answer["usergroups"].([]any); len(groups) != 1 {
		t.Errorf("groups %v", answer)
	}
	if _, err := s.Command(within(t), "U1", "/studio", ""); err != nil { // its deadline is longer than the trigger's life
		t.Fatal(err)
	}
	call("views.open", map[string]any{"trigger_id": stale, "view": home}, "expired_trigger_id")
}
