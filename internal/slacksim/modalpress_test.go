package slacksim_test

import (
	"errors"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// A button with an address in a modal opens it, and the app hears of the press
// all the same: with the view, without a message and a response_url. Its trigger
// is one like any other, and the view can be replaced by its ID.
func TestPressModal(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	if _, err := s.PressModal(within(t), "U1", 0); !errors.Is(err, slacksim.ErrNoButton) {
		t.Errorf("nothing open: %v", err)
	}
	view := obj{"type": "modal", "callback_id": "launch", "private_metadata": "m1", "title": obj{"type": "plain_text", "text": "Studio"}, "blocks": []any{
		obj{"type": "actions", "block_id": "launch", "elements": []any{
			button(obj{"action_id": "open", "value": "h1", "url": "https://x.example/launch/1"}), menu("domain", "research", "prod"),
		}},
	}}
	open := opened(t, s, a, "U1", view)
	if _, err := s.PressModal(within(t), "U2", 0); !errors.Is(err, slacksim.ErrNoButton) {
		t.Errorf("somebody else's modal: %v", err)
	}
	if _, err := s.PressModal(within(t), "U1", 1); !errors.Is(err, slacksim.ErrNoButton) {
		t.Errorf("a second button: %v", err)
	}
	done := make(chan *slacksim.Press, 1)
	go func() {
		press, err := s.PressModal(within(t), "U1", 0)
		if err != nil {
			t.Error(err)
		}
		done <- press
	}()
	f := a.next()
	a.ack(f, "")
	if press := <-done; !press.Acked || press.URL != "https://x.example/launch/1" || press.ResponseURL != "" {
		t.Errorf("press %+v", press)
	}
	payload := decode(t, f.Payload)
	for _, absent := range []string{"response_url", "message", "channel"} {
		if _, there := payload[absent]; there {
			t.Errorf("a view's event has %s", absent)
		}
	}
	if at(payload, "container", "type") != "view" || at(payload, "container", "view_id") != open["id"] || at(payload, "view", "id") != open["id"] ||
		at(payload, "view", "private_metadata") != "m1" || at(payload, "actions", 0, "value") != "h1" || payload["trigger_id"] == "" {
		t.Errorf("payload %s", f.Payload)
	}
	view["blocks"] = []any{obj{"type": "section", "text": obj{"type": "mrkdwn", "text": "Opened."}}}
	if _, answer := post(t, s, "views.update", s.BotToken(), obj{"view_id": open["id"], "view": view}); answer["ok"] != true {
		t.Errorf("views.update: %v", answer)
	}
	if m, _ := s.Modal("U1"); len(m.Buttons()) != 0 || len(m.Menus()) != 0 {
		t.Errorf("the button is still there: %+v", m)
	}
	if _, answer := post(t, s, "views.push", s.BotToken(), obj{"trigger_id": payload["trigger_id"], "view": view}); answer["ok"] != true {
		t.Errorf("views.push with the press's trigger: %v", answer)
	}
}
