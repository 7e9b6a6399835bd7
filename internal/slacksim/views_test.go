package slacksim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

func merged(base obj, extra obj) obj {
	out := obj{}
	for _, part := range []obj{base, extra} {
		for name, value := range part {
			if out[name] = value; value == nil {
				delete(out, name)
			}
		}
	}
	return out
}

// input is an input block with an element.
func input(id string, element obj, extra obj) obj {
	return merged(obj{"type": "input", "block_id": id, "label": plain("Label of " + id), "element": element}, extra)
}

func option(value string) obj { return obj{"text": plain("The " + value), "value": value} }

func menu(id string, values ...string) obj {
	options := []any{}
	for _, value := range values {
		options = append(options, option(value))
	}
	return obj{"type": "static_select", "action_id": id, "options": options}
}

func typed(id string, extra obj) obj {
	return merged(obj{"type": "plain_text_input", "action_id": id}, extra)
}

// form is a modal with three fields.
func form(extra obj) obj {
	return merged(obj{
		"type": "modal", "callback_id": "request", "private_metadata": "m1", "title": plain("Request access"),
		"submit": plain("Send"), "blocks": []any{
			obj{"type": "section", "text": mrkdwn("Who are *you*?")},
			input("domain", menu("domain_id", "research", "prod"), nil),
			input("reason", typed("reason_text", obj{"min_length": 3, "max_length": 10}), nil),
			input("person", obj{"type": "users_select", "action_id": "person_id"}, obj{"optional": true}),
		},
	}, extra)
}

// trigger types a command as a person and returns its trigger_id.
func trigger(t *testing.T, s *slacksim.Server, a *app, userID string) string {
	t.Helper()
	s.StartCommand(userID, "/studio", "")
	f := a.next()
	a.ack(f, "")
	return or(decode(t, f.Payload)["trigger_id"])
}

// opened opens a view and returns it as Slack answers.
func opened(t *testing.T, s *slacksim.Server, a *app, userID string, view obj) map[string]any {
	t.Helper()
	_, answer := post(t, s, "views.open", s.BotToken(), obj{"trigger_id": trigger(t, s, a, userID), "view": view})
	if answer["ok"] != true {
		t.Fatalf("views.open: %v", answer)
	}
	shown, _ := answer["view"].(map[string]any)
	return shown
}

func TestViewsOpen(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	once := trigger(t, s, a, "U1")
	call := func(trigger string, view any, want string) map[string]any {
		t.Helper()
		_, answer := post(t, s, "views.open", s.BotToken(), obj{"trigger_id": trigger, "view": view})
		if or(answer["error"]) != want {
			t.Errorf("views.open: %v, want %q", answer, want)
		}
		return answer
	}
	call("1.2.x", form(nil), "invalid_trigger_id")
	refused := call(once, form(obj{"title": plain(strings.Repeat("x", 25))}), "invalid_arguments")
	if meta, _ := refused["response_metadata"].(map[string]any); len(meta) != 1 {
		t.Errorf("no word on what is wrong: %v", refused)
	}
	if m, open := s.Modal("U1"); open {
		t.Errorf("a refused view is shown: %+v", m)
	}
	view, _ := call(once, form(nil), "")["view"].(map[string]any)
	call(once, form(nil), "exchanged_trigger_id")
	for name, want := range map[string]any{
		"type": "modal", "callback_id": "request", "private_metadata": "m1", "team_id": s.TeamID(), "app_id": s.AppID(),
		"root_view_id": view["id"], "previous_view_id": nil, "close": nil, "clear_on_close": false,
	} {
		if view[name] != want {
			t.Errorf("%s: %v, want %v", name, view[name], want)
		}
	}
	m, open := s.Modal("U1")
	if !open || m.ID != view["id"] || m.Title != "Request access" || m.Submit != "Send" || m.Close != "Cancel" || m.CallbackID != "request" || m.Depth != 1 {
		t.Errorf("the person sees %+v", m)
	}
	if len(m.Fields) != 3 || !strings.Contains(string(m.Blocks), "Who are *you*?") {
		t.Fatalf("fields %+v, blocks %s", m.Fields, m.Blocks)
	}
	f := m.Fields[0]
	if f.BlockID != "domain" || f.ActionID != "domain_id" || f.Kind != slacksim.FieldSelect || f.Label != "Label of domain" ||
		len(f.Options) != 2 || f.Options[1] != (slacksim.Option{Text: "The prod", Value: "prod"}) || f.Optional {
		t.Errorf("field %+v", f)
	}
	if f := m.Fields[1]; f.MinLength != 3 || f.MaxLength != 10 {
		t.Errorf("field %+v", f)
	}
	if !m.Fields[2].Optional {
		t.Errorf("field %+v", m.Fields[2])
	}
	if _, open := s.Modal("U2"); open {
		t.Error("somebody else sees it")
	}
	if r := wait(t, s, slacksim.KindModal); r.UserID != "U1" || r.Note != m.ID || r.Method != "views.open" {
		t.Errorf("record %+v", r)
	}
}

func TestTriggersExpire(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{TriggerTTL: time.Nanosecond})
	a := connect(t, s)
	stale := trigger(t, s, a, "U1")
	if _, answer := post(t, s, "views.open", s.BotToken(), obj{"trigger_id": stale, "view": form(nil)}); answer["error"] != "expired_trigger_id" {
		t.Errorf("%v", answer)
	}
}

func TestWaitModal(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	got := make(chan slacksim.Modal, 1)
	go func() {
		m, err := s.WaitModal(within(t), "U1")
		if err != nil {
			t.Error(err)
		}
		got <- m
	}()
	view := opened(t, s, a, "U1", form(nil))
	if m := <-got; m.ID != view["id"] {
		t.Errorf("waited for %+v", m)
	}
}

func TestViewsUpdateAndPush(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	call := func(method string, params obj, want string) map[string]any {
		t.Helper()
		_, answer := post(t, s, method, s.BotToken(), params)
		if or(answer["error"]) != want {
			t.Errorf("%s: %v, want %q", method, answer, want)
		}
		view, _ := answer["view"].(map[string]any)
		return view
	}
	call("views.push", obj{"trigger_id": trigger(t, s, a, "U1"), "view": form(nil)}, "not_found")
	first := opened(t, s, a, "U1", form(obj{"external_id": "mine"}))
	call("views.update", obj{"view_id": "V404", "view": form(nil)}, "not_found")
	call("views.update", obj{"view": form(nil)}, "not_found")
	call("views.update", obj{"view_id": first["id"], "hash": "1.x", "view": form(nil)}, "hash_conflict")
	call("views.update", obj{"view_id": first["id"], "view": obj{"type": "modal"}}, "invalid_arguments")
	second := call("views.update", obj{"view_id": first["id"], "hash": first["hash"], "view": form(obj{"title": plain("New"), "external_id": "mine"})}, "")
	if second["id"] != first["id"] || second["hash"] == first["hash"] {
		t.Errorf("updated %v", second)
	}
	call("views.update", obj{"view_id": first["id"], "hash": first["hash"], "view": form(nil)}, "hash_conflict")
	call("views.update", obj{"external_id": "mine", "view": form(obj{"title": plain("Newer"), "external_id": "mine"})}, "")
	if m, _ := s.Modal("U1"); m.Title != "Newer" || m.ID != first["id"] || m.Depth != 1 {
		t.Errorf("the person sees %+v", m)
	}
	call("views.open", obj{"trigger_id": trigger(t, s, a, "U2"), "view": form(obj{"external_id": "mine"})}, "duplicate_external_id")
	pushed := call("views.push", obj{"trigger_id": trigger(t, s, a, "U1"), "view": form(obj{"title": plain("On top")})}, "")
	if pushed["root_view_id"] != first["id"] || pushed["previous_view_id"] != first["id"] {
		t.Errorf("pushed %v", pushed)
	}
	call("views.push", obj{"trigger_id": trigger(t, s, a, "U1"), "view": form(nil)}, "")
	call("views.push", obj{"trigger_id": trigger(t, s, a, "U1"), "view": form(nil)}, "push_limit_reached")
	if m, _ := s.Modal("U1"); m.Depth != 3 {
		t.Errorf("the person sees %+v", m)
	}
	opened(t, s, a, "U1", form(obj{"title": plain("Alone")}))
	if m, _ := s.Modal("U1"); m.Depth != 1 || m.Title != "Alone" {
		t.Errorf("the person sees %+v", m)
	}
}

func TestViewsPublish(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1"})
	home := obj{"type": "home", "blocks": []any{obj{"type": "divider"}}}
	for _, tt := range []struct {
		user, want string
		view       any
	}{
		{"U1", "", home},
		{"U404", "user_not_found", home},
		{"U1", "invalid_arguments", 7},
		{"U1", "invalid_arguments", form(nil)},
		{"U1", "invalid_arguments", obj{"type": "home", "blocks": []any{1}}},
	} {
		_, answer := post(t, s, "views.publish", s.BotToken(), obj{"user_id": tt.user, "view": tt.view})
		if or(answer["error"]) != tt.want {
			t.Errorf("%s %v: %v, want %q", tt.user, tt.view, answer, tt.want)
		}
	}
	if !strings.Contains(string(s.Home("U1")), "divider") {
		t.Errorf("home %s", s.Home("U1"))
	}
}
