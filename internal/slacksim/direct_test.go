package slacksim_test

import (
	"net/http"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

func TestResponseURLOfADirectMessage(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	s.AddPeople(slacksim.Person{ID: "U2"})
	a := connect(t, s)
	m := direct(t, s)
	press, frames := pressed(t, s, a, slacksim.PressOptions{UserID: "U1", MessageID: m.ID})
	payload := decode(t, frames[0].Payload)
	if at(payload, "channel", "name") != "directmessage" || at(payload, "channel", "id") != m.ChannelID || at(payload, "container", "is_ephemeral") != false ||
		at(payload, "message", "ts") != m.TS || payload["response_url"] != press.ResponseURL {
		t.Errorf("payload %s", frames[0].Payload)
	}
	use := func(body string) {
		t.Helper()
		if status, text := respond(t, press.ResponseURL, body); status != http.StatusOK {
			t.Fatalf("%s: %d %s", body, status, text)
		}
	}
	use(`{"replace_original":true,"text":"Here you are."}`)
	if now, _ := s.Message(m.ID); now.Text != "Here you are." || now.Replaced != 1 || now.Ephemeral || len(now.Buttons()) != 0 || len(now.Menus()) != 0 {
		t.Errorf("replaced: %+v", now)
	}
	use(`{"text":"only now"}`)
	use(`{"response_type":"in_channel","text":"to stay"}`)
	seen := s.Messages("U1")
	if len(seen) != 3 || !seen[1].Ephemeral || seen[2].Ephemeral || seen[2].ChannelID != m.ChannelID || seen[2].UserID != "U1" {
		t.Errorf("seen %+v", seen)
	}
	if others := s.Messages("U2"); len(others) != 0 {
		t.Errorf("somebody else reads a direct message: %+v", others)
	}
	use(`{"delete_original":true}`)
	if now, _ := s.Message(m.ID); !now.Deleted {
		t.Errorf("deleted: %+v", now)
	}
	if _, answer := post(t, s, "chat.update", s.BotToken(), obj{"channel": seen[2].ChannelID, "ts": seen[2].TS, "text": "changed"}); answer["ok"] != true {
		t.Errorf("chat.update of what a response_url said: %v", answer)
	}
}

func TestCommandInADirectMessageStaysThere(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	a := connect(t, s)
	p := s.StartCommandWith(slacksim.CommandOptions{UserID: "U1", Command: "/studio", ChannelID: "D0ELSE"})
	a.ack(a.next(), `{"response_type":"in_channel","text":"x"}`)
	if _, err := p.Wait(within(t)); err != nil {
		t.Fatal(err)
	}
	if len(s.Messages("U1")) != 1 || len(s.Messages("U2")) != 0 {
		t.Errorf("U1 sees %+v, U2 %+v", s.Messages("U1"), s.Messages("U2"))
	}
}
