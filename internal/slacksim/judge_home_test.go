package slacksim_test

import (
	"strings"

	"github.com/studiobot/studiobot/internal/slacksim"
)

// home opens the Home twice; the judge publishes it with and without a hash.
func (j *judge) home(s *slacksim.Server) {
	j.t.Helper()
	open := func() map[string]any {
		j.t.Helper()
		if answer, err := s.OpenHome(within(j.t), "U0000001"); err != nil || !answer.Acked {
			j.t.Fatalf("app_home_opened: %+v, %v", answer, err)
		}
		line := j.saw("home")
		if line["user"] != "U0000001" || line["tab"] != "home" || !strings.HasPrefix(or(line["channel"]), "D") {
			j.t.Errorf("app_home_opened: %v", line)
		}
		return line
	}
	first := open()
	if first["had"] != nil {
		j.t.Errorf("the first event has a view: %v", first)
	}
	second := open()
	if second["had"] != first["view"] || second["view"] != first["view"] {
		j.t.Errorf("published %v, then %v", first, second)
	}
	if line := j.saw("stale home"); line["code"] != "hash_conflict" {
		j.t.Errorf("views.publish with the old hash: %v", line)
	}
	h, _ := s.HomeTab("U0000001")
	if h.ID != first["view"] || h.CallbackID != "home" || !strings.Contains(string(h.View), "Again") || len(h.Buttons()) != 1 || len(h.Menus()) != 1 {
		j.t.Fatalf("the person sees %+v", h)
	}
	if press, err := s.PressHome(within(j.t), "U0000001", 0); err != nil || !press.Acked {
		j.t.Errorf("press: %+v, %v", press, err)
	}
	if line := j.saw("choice"); line["type"] != "button" || line["value"] != "lab" || line["container"] != "view" || line["view"] != h.ID || line["respond"] != false || line["message"] != nil {
		j.t.Errorf("press: %v", line)
	}
	if press, err := s.ChooseHome(within(j.t), "U0000001", 0, "docs"); err != nil || !press.Acked || press.URL != "https://docs.example.com/" {
		j.t.Errorf("choice: %+v, %v", press, err)
	}
	if line := j.saw("choice"); line["type"] != "overflow" || line["value"] != "docs" || line["url"] != "https://docs.example.com/" || line["view"] != h.ID {
		j.t.Errorf("choice: %v", line)
	}
}

// shortcut has the judge send a direct message with a menu, and chooses.
func (j *judge) shortcut(s *slacksim.Server) {
	j.t.Helper()
	if answer, err := s.Shortcut(within(j.t), "U0000001", "open_studio"); err != nil || !answer.Acked {
		j.t.Fatalf("shortcut: %+v, %v", answer, err)
	}
	line := j.saw("shortcut")
	if line["user"] != "U0000001" || line["callback"] != "open_studio" || line["accepts"] != false || line["app"] != false || line["respond"] != false {
		j.t.Errorf("shortcut: %v", line)
	}
	seen := s.Messages("U0000001")
	m := seen[len(seen)-1]
	if m.TS != line["ts"] || m.Ephemeral || len(m.Menus()) != 1 || m.Menus()[0].Confirm == nil {
		j.t.Fatalf("the person sees %+v", m)
	}
	if press, err := s.Choose(within(j.t), "U0000001", m.ID, 0, "canvas"); err != nil || !press.Acked || press.URL != "" {
		j.t.Errorf("choice: %+v, %v", press, err)
	}
	if line := j.saw("choice"); line["type"] != "overflow" || line["value"] != "canvas" || line["url"] != nil || line["container"] != "message" || line["message"] != m.TS || line["respond"] != true {
		j.t.Errorf("choice: %v", line)
	}
	if line := j.saw("scheduled"); line["gone"] != true || line["at"] != "number" || !strings.HasPrefix(or(line["id"]), "Q") || len(s.Scheduled()) != 0 {
		j.t.Errorf("chat.scheduleMessage: %v", line)
	}
}
