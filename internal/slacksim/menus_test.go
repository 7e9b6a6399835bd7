package slacksim_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

func overflow(id string, options ...any) obj {
	return obj{"type": "overflow", "action_id": id, "options": options}
}

// optionOf is an option with members changed or added.
func optionOf(change obj) obj { return merged(option("home"), change) }

func confirm(style string) obj {
	return obj{"title": plain("Stop lab?"), "text": mrkdwn("*Memory* is lost."), "confirm": plain("Stop it"), "deny": plain("Keep it"), "style": style}
}

func TestMenuElementLimits(t *testing.T) {
	t.Parallel()
	options := func(n int) []any { return many(n, func(i int) obj { return option(fmt.Sprint("v", i)) }) }
	address := func(n int) string { return "https://x.example/" + strings.Repeat("a", n-len("https://x.example/")) }
	one := func(change obj) []any { return []any{actions(overflow("more", optionOf(change)))} }
	chosen := func(change obj) []any { return []any{actions(merged(menu("where", "lab"), change))} }
	beside := func(element obj) []any {
		return []any{obj{"type": "section", "text": mrkdwn("x"), "accessory": element}}
	}
	checkLimits(t, []limit{
		{name: "options", fits: []any{actions(overflow("more", options(5)...))}, exceeds: []any{actions(overflow("more", options(6)...))}},
		{name: "no options", fits: []any{actions(overflow("more", options(1)...))}, exceeds: []any{actions(overflow("more"))}},
		{name: "option text", fits: one(obj{"text": plain(xs(75))}), exceeds: one(obj{"text": plain(xs(76))})},
		{name: "option text type", fits: one(nil), exceeds: one(obj{"text": mrkdwn("x")})},
		{name: "option value", fits: one(obj{"value": xs(150)}), exceeds: one(obj{"value": xs(151)})},
		{name: "option without a value", fits: one(nil), exceeds: one(obj{"value": nil})},
		{name: "option description", fits: one(obj{"description": plain(xs(75))}), exceeds: one(obj{"description": plain(xs(76))})},
		{name: "option url", fits: one(obj{"url": address(3000)}), exceeds: one(obj{"url": address(3001)})},
		{name: "option url form", fits: one(obj{"url": "https://x.example/a"}), exceeds: one(obj{"url": ""})},
		{name: "options of the wrong type", fits: one(nil), exceeds: []any{actions(obj{"type": "overflow", "options": "five"})}},
		{name: "accessory", fits: beside(overflow("more", options(2)...)), exceeds: beside(overflow("more", options(6)...))},
		{name: "action_id twice", fits: []any{actions(overflow("a", options(1)...), menu("b", "x"))},
			exceeds: []any{actions(overflow("a", options(1)...), menu("a", "x"))}},
		{name: "action_id", fits: []any{actions(overflow(xs(255), options(1)...))}, exceeds: []any{actions(overflow(xs(256), options(1)...))}},
		{name: "confirm", fits: []any{actions(merged(overflow("a", options(1)...), obj{"confirm": confirm("danger")}))},
			exceeds: []any{actions(merged(overflow("a", options(1)...), obj{"confirm": confirm("loud")}))}},
		{name: "confirm of a select", fits: chosen(obj{"confirm": confirm("primary")}), exceeds: chosen(obj{"confirm": obj{}})},
		{name: "confirm of a button", fits: []any{actions(button(obj{"confirm": confirm("danger")}))},
			exceeds: []any{actions(button(obj{"confirm": merged(confirm(""), obj{"deny": nil})}))}},
		{name: "select", fits: []any{actions(obj{"type": "static_select", "options": options(100)})},
			exceeds: []any{actions(obj{"type": "static_select", "options": options(101)})}},
		{name: "select accessory", fits: beside(menu("where", "lab")), exceeds: beside(menu("where"))},
		{name: "select with a url", fits: chosen(nil), exceeds: chosen(obj{"options": []any{optionOf(obj{"url": "https://x.example/a"})}})},
		{name: "select with an empty url", fits: chosen(nil), exceeds: chosen(obj{"options": []any{optionOf(obj{"url": ""})}})},
		{name: "initial option", fits: chosen(obj{"initial_option": option("lab")}), exceeds: chosen(obj{"initial_option": option("code")})},
		{name: "placeholder", fits: chosen(obj{"placeholder": plain(xs(150))}), exceeds: chosen(obj{"placeholder": plain(xs(151))})},
	})
}

// targets is a message with a button on each side of an overflow, and a select.
func targets() []any {
	return []any{
		obj{"type": "section", "block_id": "where", "text": mrkdwn("Where to?"),
			"accessory": merged(menu("space", "lab", "code"), obj{"placeholder": plain("A space"), "initial_option": option("lab")})},
		obj{"type": "actions", "block_id": "open", "elements": []any{
			button(obj{"action_id": "first"}),
			merged(overflow("more", option("canvas"), optionOf(obj{"value": "docs", "url": "https://x.example/docs"})), obj{"confirm": confirm("")}),
			button(obj{"action_id": "last", "confirm": confirm("danger")}),
		}},
	}
}

// direct sends U1 the targets and returns the message.
func direct(t *testing.T, s *slacksim.Server) slacksim.Message {
	t.Helper()
	s.AddPeople(slacksim.Person{ID: "U1", Name: "jane"})
	if _, answer := post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": "U1", "text": "x", "blocks": targets()}); answer["ok"] != true {
		t.Fatalf("chat.postMessage: %v", answer)
	}
	return s.Messages("U1")[0]
}

func TestMenus(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	m := direct(t, s)
	b := m.Buttons()
	if len(b) != 2 || b[0].ActionID != "first" || b[1].ActionID != "last" || b[0].Confirm != nil || b[1].Confirm == nil {
		t.Fatalf("buttons %+v", b)
	}
	if want := (slacksim.Confirm{Title: "Stop lab?", Text: "*Memory* is lost.", Accept: "Stop it", Deny: "Keep it", Style: "danger"}); *b[1].Confirm != want {
		t.Errorf("the dialog is %+v", *b[1].Confirm)
	}
	menus := m.Menus()
	if len(menus) != 2 {
		t.Fatalf("menus %+v", menus)
	}
	if x := menus[0]; x.Kind != slacksim.MenuSelect || x.ActionID != "space" || x.BlockID != "where" || x.Placeholder != "A space" || x.Value != "lab" || len(x.Options) != 2 || x.Confirm != nil {
		t.Errorf("select %+v", x)
	}
	if x := menus[1]; x.Kind != slacksim.MenuOverflow || x.ActionID != "more" || x.BlockID != "open" || x.Confirm == nil || len(x.Options) != 2 ||
		x.Options[1] != (slacksim.Option{Text: "The home", Value: "docs", URL: "https://x.example/docs"}) {
		t.Errorf("overflow %+v", x)
	}
	menus[1].Options[0].Value = "mine"
	if again := m.Menus(); again[1].Options[0].Value != "canvas" {
		t.Error("a caller changes the message")
	}
}

// chose chooses and acknowledges, and returns the payload.
func chose(t *testing.T, s *slacksim.Server, a *app, o slacksim.ChooseOptions) (*slacksim.Press, map[string]any) {
	t.Helper()
	done := make(chan *slacksim.Press, 1)
	go func() {
		press, err := s.ChooseWith(within(t), o)
		if err != nil {
			t.Error(err)
		}
		done <- press
	}()
	f := a.next()
	a.ack(f, "")
	if f.Type != "interactive" {
		t.Errorf("envelope %s", f.raw)
	}
	return <-done, decode(t, f.Payload)
}

// at walks into objects and lists of a payload.
func at(value any, path ...any) any {
	for _, step := range path {
		switch key := step.(type) {
		case string:
			members, _ := value.(map[string]any)
			value = members[key]
		case int:
			list, _ := value.([]any)
			if key >= len(list) {
				return nil
			}
			value = list[key]
		}
	}
	return value
}

func TestChooseFromAnOverflow(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	m := direct(t, s)
	on := slacksim.PressOptions{UserID: "U1", MessageID: m.ID}
	press, payload := chose(t, s, a, slacksim.ChooseOptions{PressOptions: on, Menu: 1, Value: "canvas"})
	if press.URL != "" || !press.Acked || press.ResponseURL != payload["response_url"] {
		t.Errorf("choice %+v", press)
	}
	for _, want := range []struct {
		path  []any
		value any
	}{
		{[]any{"type"}, "block_actions"}, {[]any{"user", "id"}, "U1"},
		{[]any{"actions", 0, "type"}, "overflow"}, {[]any{"actions", 0, "action_id"}, "more"}, {[]any{"actions", 0, "block_id"}, "open"},
		{[]any{"actions", 0, "selected_option", "value"}, "canvas"}, {[]any{"actions", 0, "selected_option", "text", "text"}, "The canvas"},
		{[]any{"actions", 0, "value"}, nil}, {[]any{"actions", 1}, nil}, {[]any{"message", "ts"}, m.TS},
		{[]any{"state", "values", "where", "space", "selected_option", "value"}, "lab"}, {[]any{"state", "values", "open"}, nil},
	} {
		if got := at(payload, want.path...); got != want.value {
			t.Errorf("%v: %v, want %v", want.path, got, want.value)
		}
	}
	press, payload = chose(t, s, a, slacksim.ChooseOptions{PressOptions: on, Menu: 1, Value: "docs"})
	if press.URL != "https://x.example/docs" || at(payload, "actions", 0, "selected_option", "url") != press.URL {
		t.Errorf("an option with a url: %+v, %v", press, payload["actions"])
	}
	if r := wait(t, s, slacksim.KindChoice); r.UserID != "U1" || r.Note != "The canvas" || r.ChannelID != m.ChannelID {
		t.Errorf("record %+v", r)
	}
}

func TestOverflowWithoutURL(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{OmitActionURL: true})
	a := connect(t, s)
	m := direct(t, s)
	press, payload := chose(t, s, a, slacksim.ChooseOptions{PressOptions: slacksim.PressOptions{MessageID: m.ID}, Menu: 1, Value: "docs"})
	if press.URL == "" || at(payload, "actions", 0, "selected_option", "url") != nil {
		t.Errorf("%+v, %v", press, payload["actions"])
	}
	quiet, err := s.ChooseWith(within(t), slacksim.ChooseOptions{
		PressOptions: slacksim.PressOptions{MessageID: m.ID, NoEvent: true}, Menu: 1, Value: "docs",
	})
	if err != nil || quiet.URL == "" || quiet.Event != nil {
		t.Errorf("without an event: %+v, %v", quiet, err)
	}
}

func TestSelectKeepsWhatWasChosen(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	s.AddPeople(slacksim.Person{ID: "U1"}, slacksim.Person{ID: "U2"})
	if _, answer := post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": "C0GENERAL", "text": "x", "blocks": targets()}); answer["ok"] != true {
		t.Fatal(answer)
	}
	m := s.Messages("U1")[0]
	shown := func(userID string) any {
		t.Helper()
		_, frames := pressed(t, s, a, slacksim.PressOptions{UserID: userID, MessageID: m.ID})
		return at(decode(t, frames[0].Payload), "state", "values", "where", "space", "selected_option", "value")
	}
	_, payload := chose(t, s, a, slacksim.ChooseOptions{PressOptions: slacksim.PressOptions{UserID: "U1", MessageID: m.ID}, Value: "code"})
	if at(payload, "actions", 0, "type") != "static_select" || at(payload, "actions", 0, "placeholder", "text") != "A space" ||
		at(payload, "actions", 0, "selected_option", "value") != "code" || at(payload, "state", "values", "where", "space", "selected_option", "value") != "code" {
		t.Errorf("payload %v", payload)
	}
	if mine, theirs := shown("U1"), shown("U2"); mine != "code" || theirs != "lab" {
		t.Errorf("U1 sees %v, U2 sees %v", mine, theirs)
	}
	chose(t, s, a, slacksim.ChooseOptions{PressOptions: slacksim.PressOptions{UserID: "U2", MessageID: m.ID}, Value: "lab"})
	if mine := shown("U1"); mine != "code" {
		t.Errorf("U1 sees %v after a choice of U2", mine)
	}
	update := obj{"channel": m.ChannelID, "ts": m.TS, "text": "x", "blocks": targets()}
	if post(t, s, "chat.update", s.BotToken(), update); shown("U1") != "code" {
		t.Error("the choice is gone with an update under the same IDs")
	}
	section, _ := targets()[0].(obj)
	update["blocks"] = []any{merged(section, obj{"accessory": menu("space", "lab")}), actions(button(nil))}
	if post(t, s, "chat.update", s.BotToken(), update); shown("U1") != nil {
		t.Error("a choice that is none any more still shows")
	}
}

func TestChooseNothing(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{AckDeadline: 20 * time.Millisecond})
	connect(t, s)
	m := direct(t, s)
	for _, tt := range []struct {
		message string
		menu    int
		value   string
	}{{"M404", 0, "lab"}, {m.ID, 2, "lab"}, {m.ID, -1, "lab"}, {m.ID, 0, "canvas"}, {m.ID, 1, ""}} {
		if _, err := s.Choose(within(t), "U1", tt.message, tt.menu, tt.value); !errors.Is(err, slacksim.ErrNoMenu) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	if press, err := s.Choose(within(t), "U1", m.ID, 1, "canvas"); err != nil || press.Acked || press.Error != slacksim.ErrorTimeout {
		t.Errorf("unanswered: %+v, %v", press, err)
	}
}

func TestDecline(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	m := direct(t, s)
	on := slacksim.PressOptions{UserID: "U1", MessageID: m.ID, Button: 1, Decline: true}
	if press, err := s.PressWith(within(t), on); err != nil || *press != (slacksim.Press{}) {
		t.Errorf("declined: %+v, %v", press, err)
	}
	if press, err := s.ChooseWith(within(t), slacksim.ChooseOptions{PressOptions: on, Menu: 1, Value: "docs"}); err != nil || *press != (slacksim.Press{}) {
		t.Errorf("declined: %+v, %v", press, err)
	}
	if _, err := s.ChooseWith(within(t), slacksim.ChooseOptions{PressOptions: on, Value: "code"}); !errors.Is(err, slacksim.ErrNoConfirm) {
		t.Errorf("a select without a dialog: %v", err)
	}
	on.Button = 0
	if _, err := s.PressWith(within(t), on); !errors.Is(err, slacksim.ErrNoConfirm) {
		t.Errorf("a button without a dialog: %v", err)
	}
	if n := count(s, slacksim.KindDeclined); n != 2 || count(s, slacksim.KindPress) != 0 || count(s, slacksim.KindEnvelope) != 0 {
		t.Errorf("%d declined: %+v", n, s.History())
	}
	press, frames := pressed(t, s, a, slacksim.PressOptions{UserID: "U1", MessageID: m.ID, Button: 1})
	if payload := decode(t, frames[0].Payload); !press.Acked || at(payload, "actions", 0, "action_id") != "last" {
		t.Errorf("accepted: %+v, %v", press, payload)
	}
}
