package slacksim_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// homeView is a Home with a button, a URL button, a select and an overflow.
func homeView(extra obj) obj {
	return merged(obj{"type": "home", "callback_id": "home", "private_metadata": "m1", "blocks": []any{
		obj{"type": "actions", "block_id": "launch", "elements": []any{
			button(obj{"action_id": "open", "value": "lab"}),
			button(obj{"action_id": "docs", "url": "https://x.example/docs"}),
			merged(menu("domain", "research", "prod"), obj{"confirm": confirm("")}),
			merged(overflow("more", option("canvas")), obj{"confirm": confirm("danger")}),
		}},
	}}, extra)
}

// publish calls views.publish for U1 and returns the view.
func publish(t *testing.T, s *slacksim.Server, params obj, want string) map[string]any {
	t.Helper()
	_, answer := post(t, s, "views.publish", s.BotToken(), merged(obj{"user_id": "U1"}, params))
	if or(answer["error"]) != want {
		t.Errorf("views.publish: %v, want %q", answer, want)
	}
	view, _ := answer["view"].(map[string]any)
	return view
}

// opens opens U1's Home and returns the event.
func opens(t *testing.T, s *slacksim.Server, a *app) map[string]any {
	t.Helper()
	done := make(chan *slacksim.Answer, 1)
	go func() {
		answer, err := s.OpenHome(within(t), "U1")
		if err != nil {
			t.Error(err)
		}
		done <- answer
	}()
	f := a.next()
	a.ack(f, "")
	if f.Type != "events_api" || f.Accepts {
		t.Errorf("envelope %s", f.raw)
	}
	if answer := <-done; !answer.Acked || answer.EnvelopeID != f.EnvelopeID {
		t.Errorf("answer %+v", answer)
	}
	event, _ := at(decode(t, f.Payload), "event").(map[string]any)
	return event
}

func TestOpenHome(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1"})
	a := connect(t, s)
	event := opens(t, s, a)
	if _, there := event["view"]; there || event["type"] != "app_home_opened" || event["tab"] != "home" || event["user"] != "U1" || event["event_ts"] == "" {
		t.Errorf("event %v", event)
	}
	if _, answer := post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": event["channel"], "text": "hello"}); answer["ok"] != true || len(s.Messages("U1")) != 1 {
		t.Errorf("the event's channel isn't the DM: %v", answer)
	}
	view := publish(t, s, obj{"view": homeView(nil)}, "")
	event = opens(t, s, a)
	for _, name := range []string{"id", "hash", "callback_id", "private_metadata", "type", "root_view_id", "app_id"} {
		if at(event, "view", name) != view[name] || view[name] == nil {
			t.Errorf("%s: published %v, the event has %v", name, view[name], at(event, "view", name))
		}
	}
	if at(event, "view", "blocks", 0, "block_id") != "launch" {
		t.Errorf("view %v", event["view"])
	}
}

func TestOpenHomeUnanswered(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	if answer, err := s.OpenHome(within(t), "U1"); err != nil || answer.Acked || answer.Error != slacksim.ErrorDispatch {
		t.Errorf("without a socket: %+v, %v", answer, err)
	}
	connect(t, s)
	ctx, cancel := context.WithCancel(within(t))
	cancel()
	if _, err := s.OpenHome(ctx, "U1"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestPublishHash(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	s.AddPeople(slacksim.Person{ID: "U1"}, slacksim.Person{ID: "U2"})
	publish(t, s, obj{"view": homeView(nil), "hash": "1.x"}, "hash_conflict")
	if _, there := s.HomeTab("U1"); there || s.Home("U1") != nil {
		t.Error("a refused Home is shown")
	}
	first := publish(t, s, obj{"view": homeView(nil)}, "")
	second := publish(t, s, obj{"view": homeView(obj{"callback_id": "second", "external_id": "mine"}), "hash": first["hash"]}, "")
	if second["id"] != first["id"] || second["hash"] == first["hash"] {
		t.Errorf("%v, then %v", first, second)
	}
	publish(t, s, obj{"view": homeView(nil), "hash": first["hash"]}, "hash_conflict")
	publish(t, s, obj{"view": homeView(nil), "hash": ""}, "hash_conflict")
	publish(t, s, obj{"view": homeView(obj{"external_id": "mine"}), "user_id": "U2"}, "duplicate_external_id")
	publish(t, s, obj{"view": homeView(obj{"external_id": "mine"})}, "")
	if _, answer := post(t, s, "views.open", s.BotToken(), obj{"trigger_id": trigger(t, s, a, "U1"), "view": form(obj{"external_id": "mine"})}); answer["error"] != "duplicate_external_id" {
		t.Errorf("a modal with the Home's external_id: %v", answer)
	}
	publish(t, s, obj{"view": homeView(obj{"callback_id": "last"}), "hash": json.RawMessage("null")}, "")
	h, there := s.HomeTab("U1")
	if !there || h.ID != first["id"] || h.CallbackID != "last" || !strings.Contains(string(h.View), `"last"`) || string(h.View) != string(s.Home("U1")) {
		t.Errorf("the person sees %+v", h)
	}
	if n := count(s, slacksim.KindHome); n != 4 {
		t.Errorf("%d records", n)
	}
	if r := wait(t, s, slacksim.KindHome); r.UserID != "U1" || r.Note != h.ID || r.Method != "views.publish" {
		t.Errorf("record %+v", r)
	}
}

func TestPublishLimits(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{NoRateLimits: true})
	s.AddPeople(slacksim.Person{ID: "U1"})
	dividers := func(n int) obj {
		return homeView(obj{"blocks": many(n, func(int) obj { return obj{"type": "divider"} })})
	}
	large := homeView(obj{"blocks": []any{obj{"type": "markdown", "text": strings.Repeat("x", 250_000)}}})
	for _, tt := range []struct {
		name, want string
		view       any
	}{
		{"100 blocks", "", dividers(100)},
		{"101 blocks", "invalid_arguments", dividers(101)},
		{"a modal", "invalid_arguments", form(nil)},
		{"six options", "invalid_arguments", homeView(obj{"blocks": []any{actions(overflow("m", many(6, func(int) obj { return option("x") })...))}})},
		{"callback_id", "invalid_arguments", homeView(obj{"callback_id": xs(256)})},
		{"private_metadata", "invalid_arguments", homeView(obj{"private_metadata": xs(3001)})},
		{"large", "view_too_large", large},
	} {
		t.Log(tt.name)
		publish(t, s, obj{"view": tt.view}, tt.want)
	}
}

func TestPressHome(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1", Name: "jane"})
	a := connect(t, s)
	if _, err := s.PressHome(within(t), "U1", 0); !errors.Is(err, slacksim.ErrNoButton) {
		t.Errorf("nothing published: %v", err)
	}
	view := publish(t, s, obj{"view": homeView(nil)}, "")
	h, _ := s.HomeTab("U1")
	if b := h.Buttons(); len(b) != 2 || b[0].Value != "lab" || b[1].URL == "" || len(h.Menus()) != 2 {
		t.Fatalf("buttons %+v, menus %+v", b, h.Menus())
	}
	press, frames := pressed(t, s, a, slacksim.PressOptions{UserID: "U1", Home: true})
	payload := decode(t, frames[0].Payload)
	for _, name := range []string{"channel", "message", "response_url", "state"} {
		if _, there := payload[name]; there {
			t.Errorf("the event has %s", name)
		}
	}
	container, _ := payload["container"].(map[string]any)
	if len(container) != 2 || container["type"] != "view" || container["view_id"] != view["id"] {
		t.Errorf("container %v", container)
	}
	if payload["type"] != "block_actions" || payload["api_app_id"] != s.AppID() || at(payload, "user", "id") != "U1" || at(payload, "team", "id") != s.TeamID() ||
		at(payload, "view", "hash") != view["hash"] || at(payload, "view", "private_metadata") != "m1" ||
		at(payload, "actions", 0, "action_id") != "open" || at(payload, "actions", 0, "value") != "lab" || at(payload, "actions", 0, "action_ts") == nil {
		t.Errorf("payload %s", frames[0].Payload)
	}
	if !press.Acked || press.ResponseURL != "" || press.URL != "" || !frames[0].Accepts {
		t.Errorf("press %+v", press)
	}
	if _, answer := post(t, s, "views.open", s.BotToken(), obj{"trigger_id": payload["trigger_id"], "view": form(nil)}); answer["ok"] != true {
		t.Errorf("views.open from the Home: %v", answer)
	}
	if press, _ := pressed(t, s, a, slacksim.PressOptions{UserID: "U1", Home: true, Button: 1}); press.URL != "https://x.example/docs" {
		t.Errorf("press %+v", press)
	}
	for _, o := range []slacksim.PressOptions{{UserID: "U2", Home: true}, {Home: true}, {UserID: "U1", Home: true, Button: 2}} {
		if _, err := s.PressWith(within(t), o); !errors.Is(err, slacksim.ErrNoButton) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestChooseHome(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1"})
	a := connect(t, s)
	publish(t, s, obj{"view": homeView(nil)}, "")
	on := slacksim.PressOptions{UserID: "U1", Home: true}
	selected := []any{"view", "state", "values", "launch", "domain", "selected_option", "value"}
	if _, payload := chose(t, s, a, slacksim.ChooseOptions{PressOptions: on, Menu: 1, Value: "canvas"}); at(payload, "actions", 0, "selected_option", "value") != "canvas" ||
		at(payload, selected...) != nil || at(payload, "view", "state", "values", "launch", "domain", "type") != "static_select" {
		t.Errorf("payload %v", payload)
	}
	if _, payload := chose(t, s, a, slacksim.ChooseOptions{PressOptions: on, Value: "prod"}); at(payload, selected...) != "prod" {
		t.Errorf("payload %v", payload)
	}
	if view := publish(t, s, obj{"view": homeView(nil)}, ""); at(view, selected[1:]...) != "prod" {
		t.Errorf("published again: %v", view["state"])
	}
	if _, err := s.ChooseHome(within(t), "U1", 0, "nowhere"); !errors.Is(err, slacksim.ErrNoMenu) {
		t.Errorf("no such option: %v", err)
	}
	on.Decline = true
	if press, err := s.ChooseWith(within(t), slacksim.ChooseOptions{PressOptions: on, Value: "research"}); err != nil || press.Event != nil {
		t.Errorf("declined: %+v, %v", press, err)
	}
	if event := opens(t, s, a); at(event, selected...) != "prod" {
		t.Errorf("after a choice that was declined: %v", at(event, "view", "state"))
	}
}
