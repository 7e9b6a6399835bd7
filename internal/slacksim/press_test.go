package slacksim_test

import (
	"errors"
	"testing"
	"time"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// pressed presses and acknowledges each of the events.
func pressed(t *testing.T, s *slacksim.Server, a *app, o slacksim.PressOptions) (*slacksim.Press, []frame) {
	t.Helper()
	type result struct {
		press *slacksim.Press
		err   error
	}
	done := make(chan result, 1)
	go func() {
		p, err := s.PressWith(within(t), o)
		done <- result{p, err}
	}()
	var frames []frame
	for range max(1, o.Times) {
		f := a.next()
		a.ack(f, "")
		frames = append(frames, f)
	}
	r := <-done
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r.press, frames
}

func TestPress(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1", Name: "jane"})
	a := connect(t, s)
	m := command(t, s, a, launchMessage).Message
	press, frames := pressed(t, s, a, slacksim.PressOptions{UserID: "U1", MessageID: m.ID})
	if press.URL != "https://studio.example.com/launch/abc" || !press.Acked || press.AckAfter <= 0 || press.EnvelopeID != frames[0].EnvelopeID {
		t.Errorf("press %+v", press)
	}
	f := frames[0]
	if f.Type != "interactive" || !f.Accepts {
		t.Errorf("envelope %s", f.raw)
	}
	payload := decode(t, f.Payload)
	if _, there := payload["message"]; there {
		t.Error("a click on an ephemeral message brings a message object")
	}
	if payload["type"] != "block_actions" || payload["api_app_id"] != s.AppID() || payload["response_url"] != press.ResponseURL || payload["trigger_id"] == "" {
		t.Errorf("payload %s", f.Payload)
	}
	user, _ := payload["user"].(map[string]any)
	team, _ := payload["team"].(map[string]any)
	container, _ := payload["container"].(map[string]any)
	list, _ := payload["actions"].([]any)
	if user["id"] != "U1" || user["team_id"] != s.TeamID() || user["username"] != "jane" || team["id"] != s.TeamID() {
		t.Errorf("user %v, team %v", user, team)
	}
	if container["is_ephemeral"] != true || container["message_ts"] != m.TS || container["channel_id"] != m.ChannelID {
		t.Errorf("container %v", container)
	}
	if len(list) != 1 {
		t.Fatalf("actions %v", list)
	}
	action, _ := list[0].(map[string]any)
	for name, want := range map[string]any{
		"type": "button", "action_id": "open", "block_id": "studio", "value": "h1", "url": press.URL, "style": "primary",
	} {
		if action[name] != want {
			t.Errorf("action %s: %v", name, action[name])
		}
	}
	if action["action_ts"] == "" || action["action_ts"] == nil {
		t.Error("no action_ts")
	}
}

func TestPressOfAPlainButton(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{OmitActionURL: true})
	a := connect(t, s)
	m := command(t, s, a, launchMessage).Message
	press, _ := pressed(t, s, a, slacksim.PressOptions{MessageID: m.ID, Button: 1})
	if press.URL != "" {
		t.Errorf("URL %q", press.URL)
	}
	_, frames := pressed(t, s, a, slacksim.PressOptions{MessageID: m.ID})
	action, _ := decode(t, frames[0].Payload)["actions"].([]any)[0].(map[string]any)
	if _, there := action["url"]; there {
		t.Error("the action has its url, against OmitActionURL")
	}
}

func TestPressInADirectMessageBringsTheMessage(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U1"})
	a := connect(t, s)
	post(t, s, "chat.postMessage", s.BotToken(), obj{"channel": "U1", "text": "x", "blocks": []any{actions(button(nil))}})
	_, frames := pressed(t, s, a, slacksim.PressOptions{MessageID: s.Messages("U1")[0].ID})
	message, _ := decode(t, frames[0].Payload)["message"].(map[string]any)
	if message["text"] != "x" || message["blocks"] == nil {
		t.Errorf("message %v", message)
	}
}

func TestPressVariants(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U2", TeamID: "T0OTHER"})
	a := connect(t, s)
	m := command(t, s, a, launchMessage).Message

	quiet, err := s.PressWith(within(t), slacksim.PressOptions{MessageID: m.ID, NoEvent: true})
	if err != nil || quiet.URL == "" || quiet.Event != nil {
		t.Errorf("without an event: %+v, %v", quiet, err)
	}

	_, frames := pressed(t, s, a, slacksim.PressOptions{MessageID: m.ID, As: "U2"})
	if user, _ := decode(t, frames[0].Payload)["user"].(map[string]any); user["id"] != "U2" || user["team_id"] != "T0OTHER" {
		t.Errorf("as somebody else: %v", user)
	}
	_, frames = pressed(t, s, a, slacksim.PressOptions{MessageID: m.ID, AsTeam: "T0THIRD"})
	if user, _ := decode(t, frames[0].Payload)["user"].(map[string]any); user["id"] != "U1" || user["team_id"] != "T0THIRD" {
		t.Errorf("of another team: %v", user)
	}

	_, frames = pressed(t, s, a, slacksim.PressOptions{MessageID: m.ID, Times: 2})
	one, two := decode(t, frames[0].Payload), decode(t, frames[1].Payload)
	if one["trigger_id"] == two["trigger_id"] || one["response_url"] == two["response_url"] || frames[0].EnvelopeID == frames[1].EnvelopeID {
		t.Error("two presses share what is one press's own")
	}

	late, err := s.PressWith(within(t), slacksim.PressOptions{MessageID: m.ID, Delay: 20 * time.Millisecond})
	if err != nil || late.URL == "" {
		t.Fatalf("delayed: %+v, %v", late, err)
	}
	f := a.next()
	if f.EnvelopeID != late.Event.EnvelopeID() {
		t.Errorf("delayed: envelope %s", f.EnvelopeID)
	}
	a.ack(f, `{"text":"ignored"}`)
	if answer, err := late.Event.Wait(within(t)); err != nil || !answer.Acked || answer.Message != nil {
		t.Errorf("delayed: %+v, %v", answer, err)
	}
	if n := len(s.Messages("U1")); n != 1 {
		t.Errorf("the payload of a click's acknowledgement made a message: %d", n)
	}

	again := make(chan error, 1)
	go func() {
		_, err := s.Redeliver(late.EnvelopeID)
		again <- err
	}()
	if twin := a.next(); string(twin.raw) != string(f.raw) {
		t.Errorf("redelivered %s", twin.raw)
	} else {
		a.ack(twin, "")
	}
	if err := <-again; err != nil {
		t.Error(err)
	}
}

func TestPressOfNothing(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{AckDeadline: 20 * time.Millisecond})
	a := connect(t, s)
	m := command(t, s, a, launchMessage).Message
	for _, o := range []slacksim.PressOptions{
		{MessageID: "M404"}, {MessageID: m.ID, Button: 2}, {MessageID: m.ID, Button: -1},
	} {
		if _, err := s.PressWith(within(t), o); !errors.Is(err, slacksim.ErrNoButton) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	press, err := s.Press(within(t), "U1", m.ID, 0)
	if err != nil || press.Acked || press.Error != slacksim.ErrorTimeout {
		t.Errorf("unanswered: %+v, %v", press, err)
	}
}
