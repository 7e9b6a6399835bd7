package slacksim_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/studiobot/studiobot/internal/slacksim"
)

func TestShortcut(t *testing.T) {
	t.Parallel()
	for _, org := range []bool{false, true} {
		s := start(t, slacksim.Options{OrgInstall: org})
		s.AddPeople(slacksim.Person{ID: "U1", Name: "jane"})
		a := connect(t, s)
		p := s.StartShortcut("U1", "open_studio")
		f := a.next()
		a.ack(f, `{"text":"nobody sees this"}`)
		answer, err := p.Wait(within(t))
		if err != nil || !answer.Acked || answer.Message != nil || answer.EnvelopeID != f.EnvelopeID || len(s.Messages("U1")) != 0 {
			t.Errorf("answer %+v, %v", answer, err)
		}
		if f.Type != "interactive" || f.Accepts {
			t.Errorf("envelope %s", f.raw)
		}
		payload := decode(t, f.Payload)
		// As slackapi/python-slack-sdk has it in a captured envelope.
		want := []string{"action_ts", "callback_id", "enterprise", "is_enterprise_install", "team", "token", "trigger_id", "type", "user"}
		if got := slices.Sorted(maps.Keys(payload)); !slices.Equal(got, want) {
			t.Errorf("members %v, want %v", got, want)
		}
		if payload["type"] != "shortcut" || payload["callback_id"] != "open_studio" || payload["is_enterprise_install"] != org || (payload["team"] == nil) != org ||
			at(payload, "user", "id") != "U1" || at(payload, "user", "username") != "jane" || at(payload, "user", "team_id") != s.TeamID() {
			t.Errorf("payload %s", f.Payload)
		}
		if _, opened := post(t, s, "views.open", s.BotToken(), obj{"trigger_id": payload["trigger_id"], "view": form(nil)}); opened["ok"] != true {
			t.Errorf("views.open: %v", opened)
		}
	}
}

func TestShortcutUnanswered(t *testing.T) {
	t.Parallel()
	s := start(t, slacksim.Options{})
	if answer, err := s.Shortcut(within(t), "U1", "open_studio"); err != nil || answer.Acked || answer.Error != slacksim.ErrorDispatch {
		t.Errorf("answer %+v, %v", answer, err)
	}
}
